//! Benchmark of drawing and rendering one nodule on one thread: `cargo bench -p nodule-synth`.

#![allow(missing_docs, reason = "criterion's macro generates a public function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    group.throughput(Throughput::Elements(1));
    let outlines = Outlines::lidc();
    for name in ["factorial", "lidc"] {
        let distribution = Distribution::resolve(name).expect("a built-in distribution");
        let settings = GeneratorSettings::default();
        let generator = Generator::new(settings, outlines.clone()).expect("default settings");
        let mut index = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                index += 1;
                let samples = generator.draw(&distribution, 1, index..index + 1);
                generator.render(&samples[0].latents)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
