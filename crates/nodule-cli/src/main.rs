//! The command line. Under construction.
fn main() {}
