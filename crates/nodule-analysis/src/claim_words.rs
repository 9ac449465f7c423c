//! What a contrast measures, in words.

use nodule_eval::ReadOut;

use nodule_study::settings::{Arm, Contrast};

/// The number that a claim is judged by, with its unit where it has one.
pub(super) fn measure(contrast: &Contrast) -> String {
    match contrast {
        Contrast::PairedDifference { endpoint, a, b } => {
            format!("{}, {}", endpoint.title(), difference(a, b))
        }
        Contrast::RankCorrelation { x, y, read_out } => format!(
            "Spearman's correlation of {} with {} over runs, {read_out} read-out",
            x.title(),
            y.title()
        ),
        Contrast::OrderCarries { from, to, read_out } => format!(
            "Kendall's correlation across losses of {} with {}, {read_out} read-out",
            from.title(),
            to.title()
        ),
    }
}

/// Names only what the two sides do not share once.
fn difference(a: &Arm, b: &Arm) -> String {
    let read_out = |r: ReadOut| format!("{r} read-out");
    if a.read_out == b.read_out {
        format!("{} minus {}, {}", a.loss, b.loss, read_out(a.read_out))
    } else if a.loss == b.loss {
        format!("{} minus {} read-out of {}", a.read_out, b.read_out, a.loss)
    } else {
        format!(
            "{} by {} minus {} by {}",
            a.loss, a.read_out, b.loss, b.read_out
        )
    }
}

#[cfg(test)]
mod tests {
    use nodule_eval::Metric;
    use nodule_study::settings::Endpoint;

    use super::*;

    #[test]
    fn a_difference_names_what_differs() {
        let arm = |loss: &str, read_out| Arm {
            loss: loss.into(),
            read_out,
        };
        let of = |a, b| {
            let endpoint = Endpoint::Metric {
                metric: Metric::Accuracy,
                test: "lidc".into(),
            };
            measure(&Contrast::PairedDifference { endpoint, a, b })
        };
        let (centroid, head) = (ReadOut::Centroid, ReadOut::Head);
        assert_eq!(
            of(arm("ce", centroid), arm("contrastive", centroid)),
            "accuracy on lidc, ce minus contrastive, centroid read-out"
        );
        assert_eq!(
            of(arm("ce", head), arm("ce", centroid)),
            "accuracy on lidc, head minus centroid read-out of ce"
        );
        assert_eq!(
            of(arm("ce", head), arm("contrastive", centroid)),
            "accuracy on lidc, ce by head minus contrastive by centroid"
        );
    }
}
