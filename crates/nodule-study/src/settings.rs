//! Public names for study files: their tables, the resolved study, and the functions that load and check it.

pub use crate::file::{
    BackgroundsTable, Combine, Crossed, ImageSet, LossTraining, Samples, Study, TUNING_READ_OUT,
    TrainingTable, Trend, Tune, UserImagesTable, Vary, built_in_studies, parse_toml, read_claims,
    to_f64,
};
pub use crate::load::{load_study, resize};
pub use crate::resolved::{
    LabelRule, Registry, Resolved, StudyLoss, StudyNetwork, TestableImages, TrainingGroups,
    TrainingSet, UserBackgrounds, UserFile, UserImages, Variant, built_in_losses,
    choose_map_read_out, images_outside_fold, is_learnable, label_rules, scored_name, scored_tests,
    select_validation, shared_read_outs, test_names,
};
pub use crate::variation::reject_untuned;
