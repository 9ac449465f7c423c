//! What to cite: the study with what made it, the paper whose claim it tests, and the data. For BibTeX.

use crate::analysis::Runs;
use crate::tables::escape::latex;

const OTHERS: &str = r"
@inproceedings{baltatzis2021loss,
  author = {Baltatzis, Vasileios and others},
  title = {The Effect of the Loss on Generalization: Empirical Study on Synthetic Lung Nodule Data},
  booktitle = {Interpretability of Machine Intelligence in Medical Image Computing, and Topological Data Analysis and Its Applications for Medical Data},
  series = {Lecture Notes in Computer Science},
  volume = {12929},
  publisher = {Springer, Cham},
  year = {2021},
  doi = {10.1007/978-3-030-87444-5_6},
  eprint = {2108.04815},
  archivePrefix = {arXiv}
}

@misc{armato2015lidc,
  author = {Armato III, Samuel G. and McLennan, Geoffrey and Bidaut, Luc and others},
  title = {Data From {LIDC-IDRI}},
  year = {2015},
  publisher = {The Cancer Imaging Archive},
  doi = {10.7937/K9/TCIA.2015.LO9QL9SX}
}
";

/// `cite.bib`: the study by its name, root seed and the version of its first run.
pub(crate) fn bibliography(runs: &Runs) -> String {
    let study = runs.study;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let key: String = study.name.chars().filter(|c| plain(*c)).collect();
    let made = runs.all.first().map(|run| {
        let versions = &run.record.versions;
        format!(
            "nodule {}, generator {}, kernels {}, commit {}; ",
            versions.nodule, versions.generator, versions.kernel, versions.commit
        )
    });
    format!(
        "@misc{{nodule-{key},\n  title = {{What the loss makes a network learn: study {}}},\n  howpublished = {{{}{} of {} runs, {} seeds, root seed {}}}\n}}\n{OTHERS}",
        latex(&study.name),
        latex(&made.unwrap_or_default()),
        runs.all.len(),
        runs.planned(),
        study.seeds,
        study.root_seed
    )
}
