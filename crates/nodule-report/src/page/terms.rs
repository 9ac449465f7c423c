//! Definitions of the terms that the page uses.

use nodule_analysis::Runs;

/// Returns each term with its definition; names in backticks are set as code.
pub(super) fn terms(runs: &Runs) -> Vec<(&'static str, &'static str)> {
    let mut terms = vec![
        (
            "Shape, texture",
            "The two features of a nodule that the generator controls: its outline (regular to irregular) and its interior (homogeneous to heterogeneous), each with a level from 0 to 1.",
        ),
        (
            "Abnormal",
            "Class 1. In the `both` distribution, abnormal nodules are irregular and heterogeneous, normal ones regular and homogeneous; other distributions are named after the feature that sets the label.",
        ),
        (
            "Decision score",
            "Output of a classifier for an image: above 0, the image is classified as abnormal.",
        ),
        (
            "SD unit",
            match runs.external {
                true => {
                    "Unit of decision scores and reliance: one standard deviation of the decision score of the same model and classifier on the validation images of the reference set."
                }
                false => {
                    "Unit of decision scores and reliance: one standard deviation of the decision score on in-distribution validation images of the same network and classifier."
                }
            },
        ),
        (
            "Classifier",
            match runs.external {
                true => {
                    "What gives the decision score: the model's own score (`head`), or a classifier of its embedding that is fitted on the training images of the reference set: nearest-centroid classifier (`centroid`: the class whose mean training embedding is nearest), linear probe (`probe`), k-nearest neighbours (`knn`)."
                }
                false => {
                    "What turns the embedding into a decision score: nearest-centroid classifier (`centroid`: the class whose mean training embedding is nearest), linear probe (`probe`), k-nearest neighbours (`knn`), or the head that the network was trained with (`head`). Every loss has the nearest-centroid classifier, so losses are compared by it."
                }
            },
        ),
        (
            "SESOI",
            "Smallest effect size of interest, declared for each claim. Smaller effects are negligible.",
        ),
    ];
    if runs
        .study
        .test
        .iter()
        .any(|set| set.name().contains("lidc"))
    {
        terms.push((
            "`lidc`",
            "Test set with real nodule outlines of LIDC-IDRI and synthetic interiors.",
        ));
    }
    terms
}
