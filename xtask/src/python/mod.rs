//! `cargo xtask wheel | python`: the Python package built, and its documentation run.

mod environment;
mod snippets;
mod wheel;

pub(crate) use snippets::Python;
pub(crate) use wheel::Wheel;
