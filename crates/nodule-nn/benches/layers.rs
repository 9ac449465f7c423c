//! Throughput of layers, losses and training steps: `cargo bench -p nodule-nn`.
//!
//! Batches of 64 images of 64x64 pixels. The group `gradients` is a training step without the optimizer.

#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use candle_core::{Device, Tensor, Var};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nodule_nn::losses::{Contrastive, CrossEntropy};
use nodule_nn::{Architecture, LeNetConfig, Loss, Output, ResidualConfig, conv_relu_pool, linear};
use nodule_seed::stream;

/// Allocator of the program: the system's would add page faults to the measurement.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 64;

fn uniform(shape: &[usize], seed: u64) -> Tensor {
    let mut random = stream(seed);
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| random.uniform_in(-0.2, 0.2) as f32)
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).expect("length matches the shape")
}

fn labels() -> Tensor {
    let labels: Vec<u32> = (0..BATCH as u32).map(|i| i % 2).collect();
    Tensor::from_vec(labels, BATCH, &Device::Cpu).expect("length matches the batch")
}

fn convolutions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conv_relu_pool");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (name, channels, size, outputs) in [("first", 1, 64, 6), ("second", 6, 30, 16)] {
        let x = uniform(&[BATCH, channels, size, size], 1);
        let weight = uniform(&[outputs, channels, 5, 5], 2);
        let bias = uniform(&[outputs], 3);
        group.bench_function(BenchmarkId::new("forward", name), |b| {
            b.iter(|| conv_relu_pool(&x, &weight, &bias).expect("shapes fit together"));
        });
        let [x, weight, bias] =
            [x, weight, bias].map(|t| Var::from_tensor(&t).expect("allocation succeeds"));
        group.bench_function(BenchmarkId::new("forward and backward", name), |b| {
            b.iter(|| {
                let y = conv_relu_pool(&x, &weight, &bias).expect("shapes fit together");
                y.backward().expect("backward succeeds")
            });
        });
    }
    group.finish();
}

fn dense(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("linear");
    group.throughput(Throughput::Elements(BATCH as u64));
    let parameters = [&[BATCH, 2704][..], &[120, 2704], &[120]].map(|shape| uniform(shape, 4));
    let [x, weight, bias] = parameters.map(|t| Var::from_tensor(&t).expect("allocation succeeds"));
    group.bench_function("forward", |b| {
        b.iter(|| linear(&x, &weight, &bias).expect("shapes fit together"));
    });
    group.bench_function("forward and backward", |b| {
        b.iter(|| {
            let y = linear(&x, &weight, &bias).expect("shapes fit together");
            y.backward().expect("backward succeeds")
        });
    });
    group.finish();
}

fn losses() -> [(&'static str, Box<dyn Loss>); 2] {
    [
        ("cross-entropy", Box::new(CrossEntropy)),
        ("contrastive", Box::new(Contrastive::default())),
    ]
}

fn loss(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loss, forward and backward");
    group.throughput(Throughput::Elements(BATCH as u64));
    let [embedding, logits] = [84, 2].map(|width| Var::from_tensor(&uniform(&[BATCH, width], 5)));
    let (embedding, logits) = (
        embedding.expect("allocation succeeds"),
        logits.expect("allocation succeeds"),
    );
    let output = Output {
        embedding: embedding.as_tensor().clone(),
        logits: logits.as_tensor().clone(),
    };
    for (name, loss) in losses() {
        group.bench_function(name, |b| {
            b.iter(|| {
                let value = loss
                    .compute(&output, &labels())
                    .expect("shapes fit together");
                value.backward().expect("backward succeeds")
            });
        });
    }
    group.finish();
}

fn gradients(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gradients");
    group.throughput(Throughput::Elements(BATCH as u64));
    let network = LeNetConfig::default().build(1, &Device::Cpu);
    let network = network.expect("valid sizes");
    let residual = ResidualConfig::default().build(1, &Device::Cpu);
    let residual = residual.expect("valid sizes");
    let images = uniform(&[BATCH, 1, 64, 64], 6);
    group.bench_function("residual network, cross-entropy", |b| {
        b.iter(|| {
            residual
                .gradients(&images, &labels(), &CrossEntropy)
                .expect("backward succeeds")
        });
    });
    for (name, loss) in losses() {
        group.bench_function(name, |b| {
            b.iter(|| {
                network
                    .gradients(&images, &labels(), loss.as_ref())
                    .expect("backward succeeds")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, convolutions, dense, loss, gradients);
criterion_main!(benches);
