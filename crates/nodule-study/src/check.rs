//! Every number and name of a study, checked before anything runs.

use std::collections::BTreeSet;
use std::fmt::Display;

use nodule_eval::ReadOut;
use nodule_synth::{Distribution, Mode};

use crate::Error;
use crate::loss::LossSettings;
use crate::scoring::test_names;
use crate::settings::{Arm, Contrast, Endpoint, Hypothesis, Study};

/// More seeds than anyone trains, fewer than would overflow a plan.
const MOST_SEEDS: usize = 1000;
/// Their cube is the number of runs.
const MOST_CROSSED: usize = 16;
/// Images of one set: 64x64 pixels of this many are 16 GB.
const MOST_IMAGES: usize = 1_000_000;
/// Images that are compared each with each: a matrix of 200 MB.
const MOST_PRODUCTS: usize = 10_000;

/// Checks the study read from `place`.
pub(crate) fn check(
    study: &Study,
    train: &[Distribution],
    test: &[Distribution],
    place: &str,
) -> Result<(), Error> {
    Checker {
        study,
        train,
        test,
        place,
    }
    .all()
}

struct Checker<'a> {
    study: &'a Study,
    train: &'a [Distribution],
    test: &'a [Distribution],
    place: &'a str,
}

impl Checker<'_> {
    fn all(&self) -> Result<(), Error> {
        let study = self.study;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        self.require(
            !study.name.is_empty() && study.name.chars().all(plain),
            "name",
            &study.name,
            "one or more of a-z, 0-9 and -",
        )?;
        self.within("seeds", study.seeds, 1, MOST_SEEDS)?;
        self.list("train", &study.train)?;
        self.list("test", &study.test)?;
        for distribution in self.train {
            let allowed = "a distribution that is not for testing only";
            self.require(
                !distribution.test_only(),
                "train",
                &distribution.name,
                allowed,
            )?;
        }
        self.list("losses", &study.losses)?;
        for name in &study.losses {
            let known = LossSettings::NAMES.contains(&name.as_str());
            self.require(known, "losses", name, &one_of(&LossSettings::NAMES))?;
        }
        let read_outs: Vec<_> = study.read_outs.iter().map(ToString::to_string).collect();
        self.list("read_outs", &read_outs)?;
        self.read_outs_fit_losses()?;
        self.numbers()?;
        self.crossed()?;
        self.hypotheses()
    }

    fn read_outs_fit_losses(&self) -> Result<(), Error> {
        let only_head = self.study.read_outs == [ReadOut::Head];
        let headless = self.study.losses.iter().find(|name| !self.has_head(name));
        let allowed = "more than head where a loss (contrastive, supcon, triplet) trains no head";
        self.require(
            !(only_head && headless.is_some()),
            "read_outs",
            "head",
            allowed,
        )
    }

    fn numbers(&self) -> Result<(), Error> {
        let study = self.study;
        let samples = &study.samples;
        self.within("samples.train", samples.train, 1, MOST_IMAGES)?;
        self.within("samples.validation", samples.validation, 1, MOST_IMAGES)?;
        self.within("samples.test", samples.test, 1, MOST_IMAGES)?;
        self.within("samples.probe", samples.probe, 1, MOST_IMAGES)?;
        self.within("samples.landscape", samples.landscape, 0, MOST_IMAGES / 100)?;
        self.within("samples.maps", samples.maps, 0, MOST_IMAGES)?;
        self.within("samples.timeline", samples.timeline, 0, MOST_IMAGES / 4)?;
        self.within(
            "samples.representation",
            samples.representation,
            0,
            MOST_PRODUCTS,
        )?;
        for (field, n) in [
            ("samples.representation", samples.representation),
            ("samples.timeline", samples.timeline),
        ] {
            self.require(
                n != 1,
                field,
                n,
                "0, or at least 2: half is fitted, half is asked",
            )?;
        }
        self.inner("training", study.training.validate().map_err(Error::from))?;
        for (field, n) in [
            ("samples.train", samples.train),
            ("samples.validation", samples.validation),
        ] {
            let allowed = format!(
                "at least one batch (training.batch_size = {})",
                study.training.batch_size
            );
            self.require(n >= study.training.batch_size, field, n, &allowed)?;
        }
        let constants = &study.contrastive;
        for (field, margin) in [
            ("contrastive.margin", constants.margin),
            ("contrastive.triplet_margin", constants.triplet_margin),
        ] {
            let allowed = "above 0 and at most 2, the diameter of the unit sphere";
            self.require(margin > 0.0 && margin <= 2.0, field, margin, allowed)?;
        }
        for (field, value) in [
            ("contrastive.weight", constants.weight),
            ("contrastive.temperature", constants.temperature),
        ] {
            let positive = value > 0.0 && value.is_finite();
            self.require(positive, field, value, "a positive number")?;
        }
        self.inner("generator", study.generator.validate().map_err(Error::from))?;
        self.inner("network", study.network.validate().map_err(Error::from))
    }

    fn crossed(&self) -> Result<(), Error> {
        let Some(crossed) = &self.study.crossed else {
            return Ok(());
        };
        self.list("crossed.train", &crossed.train)?;
        let names: Vec<_> = self.train.iter().map(|d| d.name.clone()).collect();
        for train in &crossed.train {
            self.one("crossed.train", train, &names)?;
        }
        self.list("crossed.losses", &crossed.losses)?;
        for loss in &crossed.losses {
            self.one("crossed.losses", loss, &self.study.losses)?;
        }
        let most = self.study.seeds.min(MOST_CROSSED);
        self.require(
            (2..=most).contains(&crossed.seeds),
            "crossed.seeds",
            crossed.seeds,
            &format!("a whole number from 2 to the study's own seeds, and to {MOST_CROSSED}"),
        )
    }

    fn hypotheses(&self) -> Result<(), Error> {
        let ids: Vec<_> = self.study.hypotheses.iter().map(|h| h.id.clone()).collect();
        self.unique("hypothesis.id", &ids)?;
        self.study
            .hypotheses
            .iter()
            .try_for_each(|h| self.hypothesis(h))
    }

    fn hypothesis(&self, hypothesis: &Hypothesis) -> Result<(), Error> {
        let field = |name: &str| format!("hypothesis {}.{name}", hypothesis.id);
        let names: Vec<_> = self.train.iter().map(|d| d.name.clone()).collect();
        self.one(&field("train"), &hypothesis.train, &names)?;
        let smallest = hypothesis.smallest_effect;
        let positive = smallest.is_finite() && smallest > 0.0;
        self.require(
            positive,
            &field("smallest_effect"),
            smallest,
            "a positive number",
        )?;
        match &hypothesis.contrast {
            Contrast::PairedDifference { endpoint, a, b } => {
                self.endpoint(&field("contrast.endpoint"), endpoint)?;
                self.arm(&field("contrast.a"), a)?;
                self.arm(&field("contrast.b"), b)?;
                self.require(a != b, &field("contrast.b"), &b.loss, "another arm than a")
            }
            Contrast::RankCorrelation { x, y, read_out } => {
                self.endpoint(&field("contrast.x"), x)?;
                self.endpoint(&field("contrast.y"), y)?;
                self.read_out(&field("contrast.read_out"), *read_out)
            }
            Contrast::OrderCarries { from, to, read_out } => {
                self.endpoint(&field("contrast.from"), from)?;
                self.endpoint(&field("contrast.to"), to)?;
                self.read_out(&field("contrast.read_out"), *read_out)
            }
        }
    }

    fn endpoint(&self, field: &str, endpoint: &Endpoint) -> Result<(), Error> {
        match endpoint {
            Endpoint::Effect { mode } | Endpoint::Flipped { mode } => {
                let modes: Vec<_> = Mode::ALL.iter().map(ToString::to_string).collect();
                self.one(&format!("{field}.mode"), mode, &modes)
            }
            Endpoint::Accuracy { test } | Endpoint::Auroc { test } => {
                self.one(&format!("{field}.test"), test, &test_names(self.test))
            }
        }
    }

    fn arm(&self, field: &str, arm: &Arm) -> Result<(), Error> {
        self.one(&format!("{field}.loss"), &arm.loss, &self.study.losses)?;
        self.read_out(&format!("{field}.read_out"), arm.read_out)?;
        let has = arm.read_out != ReadOut::Head || self.has_head(&arm.loss);
        let allowed =
            "a read-out that the loss has (contrastive, supcon and triplet train no head)";
        self.require(has, &format!("{field}.read_out"), arm.read_out, allowed)
    }

    fn read_out(&self, field: &str, read_out: ReadOut) -> Result<(), Error> {
        let all: Vec<_> = self
            .study
            .read_outs
            .iter()
            .map(ToString::to_string)
            .collect();
        self.one(field, &read_out.to_string(), &all)
    }

    fn has_head(&self, name: &str) -> bool {
        LossSettings::named(name, &self.study.contrastive).is_some_and(|l| l.loss().has_head())
    }

    fn one(&self, field: &str, value: &str, all: &[String]) -> Result<(), Error> {
        self.require(
            all.iter().any(|other| other == value),
            field,
            value,
            &one_of(all),
        )
    }

    /// At least one, each once.
    fn list(&self, field: &str, values: &[String]) -> Result<(), Error> {
        self.require(!values.is_empty(), field, "[]", "at least one name")?;
        self.unique(field, values)
    }

    fn unique(&self, field: &str, values: &[String]) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        values
            .iter()
            .try_for_each(|v| self.require(seen.insert(v), field, v, "named once"))
    }

    fn within(&self, field: &str, value: usize, low: usize, high: usize) -> Result<(), Error> {
        let allowed = format!("a whole number from {low} to {high}");
        self.require((low..=high).contains(&value), field, value, &allowed)
    }

    /// An error of another crate about one table, with the file and the table in front.
    fn inner(&self, table: &str, result: Result<(), Error>) -> Result<(), Error> {
        result.map_err(|e| Error::Syntax {
            place: format!("{}: [{table}]", self.place),
            reason: e.to_string(),
        })
    }

    fn require(
        &self,
        holds: bool,
        field: &str,
        value: impl Display,
        allowed: &str,
    ) -> Result<(), Error> {
        if holds {
            return Ok(());
        }
        Err(Error::Setting {
            place: self.place.into(),
            field: field.into(),
            value: value.to_string(),
            allowed: allowed.into(),
        })
    }
}

fn one_of(names: &[impl AsRef<str>]) -> String {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    format!("one of {}", names.join(", "))
}
