//! `cargo xtask wheel | python`: build and tests of the Python package.

mod environment;
mod snippets;
mod wheel;

pub(crate) use snippets::Python;
pub(crate) use wheel::Wheel;
