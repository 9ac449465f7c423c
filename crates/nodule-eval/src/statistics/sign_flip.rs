//! Sign-flip permutation test of a mean difference (Fisher 1935).

use nodule_seed::stream;

/// Up to this many differences every flip is tried: a million of them.
const MOST_EXACT: usize = 20;
/// Random flips beyond that.
const DRAWS: usize = 200_000;
const SEED: u64 = 0x5167_F11B;

/// Two-sided p of the mean of paired `differences` under the hypothesis that each could as well
/// have had the other sign. Exact up to 20 differences, by random flips above (the observed one
/// counted in, so p is never 0). None without differences.
#[must_use]
pub fn sign_flip_test(differences: &[f64]) -> Option<f64> {
    if differences.is_empty() {
        return None;
    }
    let observed = differences.iter().sum::<f64>().abs();
    // Sums in another order differ by rounding; what is equal must count as equal.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let least = observed - 1e-12 * scale;
    Some(if differences.len() <= MOST_EXACT {
        exact(differences, least)
    } else {
        drawn(differences, least)
    })
}

/// Half of all flips: the other half is their mirror image.
fn exact(differences: &[f64], least: f64) -> f64 {
    let free = differences.len() - 1;
    let extreme = (0u32..1 << free).filter(|signs| {
        let flipped = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
        let sum: f64 = differences.iter().enumerate().map(flipped).sum();
        sum.abs() >= least
    });
    extreme.count() as f64 / f64::from(1u32 << free)
}

fn drawn(differences: &[f64], least: f64) -> f64 {
    let mut random = stream(SEED);
    let mut extreme = 1;
    for _ in 0..DRAWS {
        let mut sum = 0.0;
        for block in differences.chunks(64) {
            let signs = random.bits();
            let flipped = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
            sum += block.iter().enumerate().map(flipped).sum::<f64>();
        }
        extreme += usize::from(sum.abs() >= least);
    }
    extreme as f64 / (DRAWS + 1) as f64
}
