//! Benchmark of augmenting images of 64 x 64 pixels on one thread: `cargo bench -p nodule-train --bench augment`.

#![allow(missing_docs, reason = "criterion's macro generates a public function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nodule_seed::stream;
use nodule_train::{Augmentation, Augmenter};

fn bench_augment(criterion: &mut Criterion) {
    let moves = Augmentation {
        flip: true,
        rotation_degrees: 20.0,
        shift_pixels: 4.0,
        scale: 0.1,
        ..Augmentation::default()
    };
    let all = Augmentation {
        intensity: 0.1,
        noise: 0.02,
        ..moves
    };
    let mut group = criterion.benchmark_group("augment");
    group.throughput(Throughput::Elements(1));
    for (name, config) in [("moves", moves), ("all", all)] {
        let augmenter = Augmenter::new(config, 64, 1).expect("valid settings");
        let mut random = stream(1);
        let (mut image, mut buffer) = (vec![0.5; 64 * 64], Vec::new());
        group.bench_function(name, |b| {
            b.iter(|| {
                let transform = augmenter.draw(&mut random);
                augmenter.apply(&transform, &mut image, &mut buffer);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench_augment);
criterion_main!(benches);
