//! Every number and name of a study, checked before anything runs.

use std::collections::BTreeSet;

use nodule_error::InvalidInput;
use nodule_eval::ReadOut;
use nodule_synth::Distribution;

use super::budgets::own_of_study;
use super::held_out::check_held_out;
use super::label_rule::test_names;
use super::limits::{check_limits, check_network};
use super::losses::{losses, spelled_losses};
use super::require::{known, require};
use super::toml_text::{to_json, to_toml};
use super::trends::check_trends;
use super::{
    GivenBackgrounds, GivenImages, ImageSet, Registry, Study, StudyLoss, StudyNetwork, TrainingSet,
};
use crate::Error;
use crate::claims::{ClaimScope, ComparedLoss, check_claims};

/// More seeds than anyone trains, fewer than would overflow a plan.
const MOST_SEEDS: usize = 1000;
/// Their cube is the number of runs.
const MOST_CROSSED: usize = 16;
/// Images of one set: 64x64 pixels of this many are 16 GB.
pub(super) const MOST_IMAGES: usize = 1_000_000;
/// Images that are compared each with each: a matrix of 200 MB.
const MOST_PRODUCTS: usize = 10_000;

/// What the names of a study stand for, and where it is read from.
pub(super) struct Names<'a> {
    pub(super) train: &'a [TrainingSet],
    pub(super) test: &'a [Distribution],
    pub(super) images: &'a [GivenImages],
    pub(super) backgrounds: Option<&'a GivenBackgrounds>,
    pub(super) registry: &'a Registry,
    pub(super) place: &'a str,
}

/// Checks a study and fills in what it leaves to defaults: the settings of its losses and its network.
pub(super) fn check(
    mut study: Study,
    names: &Names,
) -> Result<(Study, Vec<StudyLoss>, StudyNetwork), Error> {
    let place = |e: InvalidInput| e.at(names.place);
    check_limits(&study).map_err(place)?;
    // The network follows the size of the images: what is wrong with that is said first.
    add_place("generator", study.generator.validate(), names.place)?;
    own_of_study(&mut study, names.registry).map_err(place)?;
    for (table, budget) in study.training.tables() {
        add_place(&table, budget.validate(), names.place)?;
    }
    let size = study.generator.image_size;
    names
        .backgrounds
        .map_or(Ok(()), |given| given.check(size))?;
    check_held_out(&study, names)?;
    let losses = losses(&study, names.registry).map_err(place)?;
    let network = to_json(&study.network);
    let network = network.and_then(|table| names.registry.network(&table, size));
    let network = network.map_err(|e| place(e.in_table("network")))?;
    check_network(&network).map_err(place)?;
    study.loss_settings = spelled_losses(&losses);
    study.network = to_toml(&network.settings);
    study
        .network
        .insert("kind".into(), network.kind.clone().into());
    let checker = Checker {
        study: &study,
        losses: &losses,
        train: names.train,
        test: names.test,
        images: names.images,
        place: names.place,
    };
    checker.all()?;
    Ok((study, losses, network))
}

/// An error of another crate about one table, with the file and the table in front.
fn add_place(table: &str, result: Result<(), impl Into<Error>>, place: &str) -> Result<(), Error> {
    result.map_err(|e| match e.into() {
        Error::Generator(nodule_synth::Error::Setting(refused)) | Error::Setting(refused) => {
            refused.in_table(table).at(place).into()
        }
        other => Error::Syntax {
            place: format!("{place}: [{table}]"),
            reason: other.to_string(),
        },
    })
}

struct Checker<'a> {
    study: &'a Study,
    losses: &'a [StudyLoss],
    train: &'a [TrainingSet],
    test: &'a [Distribution],
    images: &'a [GivenImages],
    place: &'a str,
}

impl Checker<'_> {
    fn all(&self) -> Result<(), Error> {
        let study = self.study;
        self.check_range("seeds", study.seeds, 1, MOST_SEEDS)?;
        self.list("train", &self.train_names())?;
        require(
            self.place,
            !study.test.is_empty(),
            "test",
            "[]",
            "at least one name",
        )?;
        let drawn = study.test.iter().filter_map(ImageSet::drawn).cloned();
        self.unique("test", &drawn.collect::<Vec<_>>())?;
        let size = study.generator.image_size;
        let trained_on = self.train.iter().filter_map(TrainingSet::given);
        let mut given = self.images.iter().chain(trained_on);
        given.try_for_each(|given| given.check(size))?;
        for distribution in self.train.iter().filter_map(TrainingSet::drawn) {
            let allowed = "a distribution that is not for testing only";
            require(
                self.place,
                !distribution.is_test_only(),
                "train",
                &distribution.name,
                allowed,
            )?;
        }
        self.list("losses", &study.losses)?;
        self.unique("test, as tables name it", &self.tests())?;
        let read_outs: Vec<_> = study.read_outs.iter().map(ToString::to_string).collect();
        self.list("read_outs", &read_outs)?;
        self.read_outs_fit_losses()?;
        self.numbers()?;
        self.crossed()?;
        self.hypotheses()
    }

    fn read_outs_fit_losses(&self) -> Result<(), Error> {
        let only_head = self.study.read_outs.iter().all(|r| r.needs_head());
        let allowed = format!(
            "more than head where a loss ({}) trains no head",
            self.headless()
        );
        let fits = !only_head || self.losses.iter().all(|l| l.trains_head);
        require(self.place, fits, "read_outs", "head", &allowed)
    }

    /// The losses that train no head.
    fn headless(&self) -> String {
        let all = self.losses.iter().filter(|l| !l.trains_head);
        let names: Vec<_> = all.map(|l| l.name.as_str()).collect();
        names.join(", ")
    }

    fn numbers(&self) -> Result<(), Error> {
        let study = self.study;
        let samples = &study.samples;
        self.check_range("samples.train", samples.train, 1, MOST_IMAGES)?;
        self.check_range("samples.validation", samples.validation, 1, MOST_IMAGES)?;
        self.check_range("samples.test", samples.test, 1, MOST_IMAGES)?;
        self.check_range("samples.probe", samples.pairs, 1, MOST_IMAGES)?;
        self.check_range("samples.landscape", samples.landscape, 0, MOST_IMAGES / 100)?;
        self.check_range("samples.maps", samples.maps, 0, MOST_IMAGES)?;
        self.check_range("samples.timeline", samples.timeline, 0, MOST_IMAGES / 4)?;
        self.check_range(
            "samples.representation",
            samples.representation,
            0,
            MOST_PRODUCTS,
        )?;
        for (field, n) in [
            ("samples.representation", samples.representation),
            ("samples.timeline", samples.timeline),
        ] {
            require(
                self.place,
                n != 1,
                field,
                n,
                "0, or at least 2: half is fitted, half is asked",
            )?;
        }
        for (table, budget) in study.training.tables() {
            for (field, n) in [
                ("samples.train", samples.train),
                ("samples.validation", samples.validation),
            ] {
                let batch = budget.batch_size;
                let allowed = format!("at least one batch ({table}.batch_size = {batch})");
                require(self.place, n >= batch, field, n, &allowed)?;
            }
        }
        Ok(())
    }

    fn crossed(&self) -> Result<(), Error> {
        let Some(crossed) = &self.study.crossed else {
            return Ok(());
        };
        self.list("crossed.train", &crossed.train)?;
        let names = self.train_names();
        for train in &crossed.train {
            known(self.place, "crossed.train", train, &names)?;
        }
        self.list("crossed.losses", &crossed.losses)?;
        for loss in &crossed.losses {
            known(self.place, "crossed.losses", loss, &self.study.losses)?;
        }
        let most = self.study.seeds.min(MOST_CROSSED);
        require(
            self.place,
            (2..=most).contains(&crossed.seeds),
            "crossed.seeds",
            crossed.seeds,
            &format!("a whole number from 2 to the study's own seeds, and to {MOST_CROSSED}"),
        )
    }

    fn hypotheses(&self) -> Result<(), Error> {
        let compared = |loss: &StudyLoss| ComparedLoss {
            name: loss.name.clone(),
            read_outs: loss.read_outs(&ReadOut::ALL),
        };
        let losses: Vec<_> = self.losses.iter().map(compared).collect();
        let scope = ClaimScope {
            train: &self.train_names(),
            tests: &self.tests(),
            losses: &losses,
            read_outs: &self.study.read_outs,
            has_representation: self.study.samples.representation > 0,
            read_out_note: &format!("losses without a head: {}", self.headless()),
        };
        check_claims(&self.study.hypotheses, &scope).map_err(|error| error.at(self.place))?;
        Ok(check_trends(self.study).map_err(|error| error.at(self.place))?)
    }

    /// What is trained on, as tables name it.
    fn train_names(&self) -> Vec<String> {
        self.train.iter().map(|set| set.name().to_owned()).collect()
    }

    /// What is tested on, as tables name it.
    fn tests(&self) -> Vec<String> {
        let given = self.images.iter().map(|given| given.name.clone());
        test_names(self.test).into_iter().chain(given).collect()
    }

    /// At least one, each once.
    fn list(&self, field: &str, values: &[String]) -> Result<(), Error> {
        require(
            self.place,
            !values.is_empty(),
            field,
            "[]",
            "at least one name",
        )?;
        self.unique(field, values)
    }

    fn unique(&self, field: &str, values: &[String]) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        values
            .iter()
            .try_for_each(|v| require(self.place, seen.insert(v), field, v, "named once"))
    }

    fn check_range(&self, field: &str, value: usize, low: usize, high: usize) -> Result<(), Error> {
        let allowed = format!("a whole number from {low} to {high}");
        require(
            self.place,
            (low..=high).contains(&value),
            field,
            value,
            &allowed,
        )
    }
}
