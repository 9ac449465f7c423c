//! `Send` and `Sync` of the main types of every library crate, and conversion of every error into `anyhow::Error`.

use std::error::Error;

const fn assert_shared<T: Send + Sync>() {}
const fn assert_owned<T: Send + Sync + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn errors_are_send_and_sync() {
    error::<nodule_error::InvalidInput>();
    error::<nodule_synth::Error>();
    error::<nodule_nn::Error>();
    error::<nodule_train::Error>();
    error::<nodule_eval::Error>();
    error::<nodule_explain::Error>();
    error::<nodule_study::Error>();
    error::<nodule_run::Error>();
}

#[test]
fn data_and_generators_are_send_and_sync() {
    assert_owned::<nodule_seed::Stream>();
    assert_owned::<nodule_synth::Generator>();
    assert_owned::<nodule_synth::Distribution>();
    assert_owned::<nodule_synth::Outlines>();
    assert_owned::<nodule_synth::DataSet>();
    assert_owned::<nodule_synth::Latents>();
    assert_owned::<nodule_eval::Metrics>();
    assert_owned::<nodule_eval::FittedReadOut>();
    assert_owned::<nodule_eval::ScoreSd>();
}

#[test]
fn networks_losses_and_maps_are_send_and_sync() {
    assert_owned::<nodule_nn::LeNet>();
    assert_owned::<Box<dyn nodule_nn::Network>>();
    assert_owned::<Box<dyn nodule_nn::Loss>>();
    assert_owned::<Box<dyn nodule_nn::Architecture>>();
    assert_owned::<nodule_nn::Constructor<dyn nodule_nn::Loss>>();
    assert_owned::<nodule_nn::Output>();
    assert_owned::<nodule_train::FusedOptimizer>();
    assert_owned::<nodule_train::TrainingConfig>();
    assert_owned::<nodule_train::Inference>();
    assert_shared::<nodule_train::Dataset<'_>>();
    assert_owned::<nodule_explain::Method>();
    assert_owned::<nodule_explain::metrics::DeletionInsertion>();
}

#[test]
fn studies_runs_and_reports_are_send_and_sync() {
    assert_owned::<nodule_study::Registry>();
    assert_owned::<nodule_study::Resolved>();
    assert_owned::<nodule_study::RunSpec>();
    assert_owned::<nodule_study::Output>();
    assert_owned::<nodule_study::records::FinishedRun>();
    assert_owned::<nodule_study::records::Showcase>();
    assert_owned::<nodule_run::Execution>();
    assert_owned::<nodule_run::Models>();
    assert_owned::<nodule_run::Slurm>();
    assert_owned::<nodule_report::Summary>();
    assert_owned::<nodule_analysis::Verdict>();
}
