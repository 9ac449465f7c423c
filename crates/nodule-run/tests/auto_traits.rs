//! `Send` and `Sync` of the main types of every library crate, and conversion of every error into `anyhow::Error`.

use std::error::Error;

const fn shared<T: Send + Sync>() {}
const fn owned<T: Send + Sync + 'static>() {}
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
    owned::<nodule_seed::Stream>();
    owned::<nodule_synth::Generator>();
    owned::<nodule_synth::Distribution>();
    owned::<nodule_synth::Outlines>();
    owned::<nodule_synth::DataSet>();
    owned::<nodule_synth::Latents>();
    owned::<nodule_eval::Metrics>();
    owned::<nodule_eval::FittedReadOut>();
    owned::<nodule_eval::ScoreSd>();
}

#[test]
fn networks_losses_and_maps_are_send_and_sync() {
    owned::<nodule_nn::LeNet>();
    owned::<Box<dyn nodule_nn::Network>>();
    owned::<Box<dyn nodule_nn::Loss>>();
    owned::<Box<dyn nodule_nn::Architecture>>();
    owned::<nodule_nn::Constructor<dyn nodule_nn::Loss>>();
    owned::<nodule_nn::Output>();
    owned::<nodule_train::Adam>();
    owned::<nodule_train::TrainingConfig>();
    owned::<nodule_train::Inference>();
    shared::<nodule_train::Dataset<'_>>();
    owned::<nodule_explain::Method>();
    owned::<nodule_explain::metrics::DeletionInsertion>();
}

#[test]
fn studies_runs_and_reports_are_send_and_sync() {
    owned::<nodule_study::Registry>();
    owned::<nodule_study::Resolved>();
    owned::<nodule_study::RunSpec>();
    owned::<nodule_study::Output>();
    owned::<nodule_study::records::FinishedRun>();
    owned::<nodule_study::records::Showcase>();
    owned::<nodule_run::Execution>();
    owned::<nodule_run::Models>();
    owned::<nodule_run::Slurm>();
    owned::<nodule_report::Summary>();
    owned::<nodule_analysis::Verdict>();
}
