//! Benchmark of one Adam step on the parameters of the LeNet: `cargo bench -p nodule-train`.

#![allow(missing_docs, reason = "criterion's macro generates a public function")]

use candle_core::{Device, Tensor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nodule_nn::losses::CrossEntropy;
use nodule_nn::{LeNet, LeNetConfig, Network, seeded_weights};
use nodule_train::{FusedOptimizer, Optimizer, OptimizerConfig};

fn bench_step(criterion: &mut Criterion) {
    let weights = seeded_weights(1, &Device::Cpu);
    let network = LeNet::new(&LeNetConfig::default(), weights).expect("valid sizes");
    let images = Tensor::ones((4, 1, 64, 64), candle_core::DType::F32, &Device::Cpu);
    let labels = Tensor::new(&[0u32, 1, 0, 1], &Device::Cpu).expect("four labels");
    let images = images.expect("memory");
    let gradients = network.gradients(&images, &labels, &CrossEntropy);
    let (_, gradients) = gradients.expect("gradients");
    let parameters: Vec<_> = network.parameters().into_iter().map(|(_, p)| p).collect();
    let count: usize = parameters.iter().map(|p| p.elem_count()).sum();
    let mut optimizer =
        FusedOptimizer::new(parameters, OptimizerConfig::adam(1e-3)).expect("memory");
    let mut group = criterion.benchmark_group("adam");
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("step", |b| {
        b.iter(|| optimizer.step(&gradients).expect("a step"));
    });
    group.finish();
}

criterion_group!(benches, bench_step);
criterion_main!(benches);
