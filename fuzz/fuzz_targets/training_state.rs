//! libFuzzer target `training_state`; see `nodule_fuzz::TARGETS`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nodule_fuzz::training_state(data));
