//! libFuzzer target `models`; see `nodule_fuzz::TARGETS`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nodule_fuzz::models(data));
