//! The network's own head: the margin between its two logits.

use std::sync::Arc;

use super::fitted::{Asked, Kind, Linear, Rule};

pub(super) const KIND: Kind = Kind {
    needs_head: true,
    has_derivative: true,
    fit: |_, _| Arc::new(Head),
};

#[derive(Debug)]
struct Head;

impl Rule for Head {
    fn scores(&self, asked: &Asked) -> Vec<f32> {
        let rows = asked.logits.rows().into_iter();
        rows.map(|l| l[1] - l[0]).collect()
    }

    fn linear(&self) -> Option<Linear> {
        Some(Linear::Logits)
    }
}
