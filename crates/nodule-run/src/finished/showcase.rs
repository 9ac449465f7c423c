//! What the report shows of networks themselves, made from the checkpoints of the first seeds' finished
//! runs. Each is opened once; what its folder does not keep of it is made, its training images drawn once for all
//! losses.

use std::path::PathBuf;

use crate::{Error, Models};
use nodule_battery::sets::generate_gallery;
use nodule_study::records::{
    FinishedRun, PlaneNetwork, PlaneView, RepresentationSimilarity, Showcase,
};
use nodule_study::settings::TrainingSet;
use nodule_study::{Output, Resolved, RunSpec};
use nodule_synth::DataSet;
use rayon::prelude::*;

use super::alike::{asked, compare};
use super::fitted::fitted;
use super::kept::{keep, kept, question, shown_seeds};
use super::network_maps::network_maps;
use super::open::{OpenedRun, Sources, open_run};
use super::seen::Seen;
use super::square_view::{Shown, shown};
use crate::images::Labelled;

/// Everything that is shown: what the networks of the first seeds have in common, maps of the first seed's networks, trained on what the first claim is about, and
/// the square as the networks of the first seeds see it, whatever they were trained on. `runs` are the finished
/// and whole ones of `specs`, the study's own grid.
///
/// # Errors
/// If a finished run cannot be opened, or the device fails.
pub fn showcase(
    resolved: &Resolved,
    specs: &[RunSpec],
    runs: &[FinishedRun],
    output: &Output,
    models: &Models,
) -> Result<Showcase, Error> {
    let study = &resolved.study;
    let gallery = generate_gallery(resolved)?;
    let first = study.train_names().next().map(ToOwned::to_owned);
    let claimed = study.hypotheses.first().map(|h| h.train.clone());
    let claimed = claimed.or(first).unwrap_or_default();
    let square = shown(resolved)?;
    let finished = Finished {
        resolved,
        specs,
        runs,
        output,
        models,
        square: &square,
        asked: asked(resolved)?,
    };
    let control = resolved.train.iter().find(|set| !set.is_learnable());
    let control = control.map(TrainingSet::name);
    let all = finished.all(|train| train == claimed || Some(train) == control)?;
    let of = |wanted: &str| all.mapped.iter().find(|(train, _)| train == wanted);
    let of = |wanted: &str| of(wanted).map_or(&[][..], |(_, networks)| networks);
    let (networks, controls) = (of(&claimed), control.map_or(&[][..], of));
    let mapped = square.view.map_read_out.filter(|_| !networks.is_empty());
    let maps = mapped.map(|r| network_maps(resolved, (&claimed, r), (networks, controls), runs));
    let maps = maps.transpose()?;
    let view = PlaneView {
        networks: all.explored,
        ..square.view
    };
    Ok(Showcase {
        gallery,
        plane: (!view.networks.is_empty()).then_some(view),
        maps,
        similarity: all.alike,
    })
}

/// Networks of one seed, with what they make of the square.
type Opened = Vec<(OpenedRun, Seen)>;

/// Where finished runs are, and what their networks are asked.
struct Finished<'a> {
    resolved: &'a Resolved,
    specs: &'a [RunSpec],
    runs: &'a [FinishedRun],
    output: &'a Output,
    models: &'a Models,
    square: &'a Shown,
    /// None where the study does not look at layers.
    asked: Option<DataSet>,
}

/// What the networks of the first seeds show.
#[derive(Default)]
struct Shows {
    explored: Vec<PlaneNetwork>,
    alike: RepresentationSimilarity,
    /// Those of the first seed whose maps are asked for, by what they were trained on.
    mapped: Vec<(String, Opened)>,
}

impl Finished<'_> {
    /// Whatever they were trained on, in the study's order; `is_mapped` says of which the networks themselves are
    /// wanted.
    fn all(&self, is_mapped: impl Fn(&str) -> bool + Sync) -> Result<Shows, Error> {
        let study = &self.resolved.study;
        let seeds = 0..shown_seeds(study);
        let trained_on = study.train_names();
        let all = trained_on.flat_map(|train| seeds.clone().map(move |seed| (train, seed)));
        let all = all.collect::<Vec<_>>().into_par_iter();
        let made =
            all.map(|(train, seed)| self.of_seed(train, seed, seed == 0 && is_mapped(train)));
        let mut shows = Shows::default();
        for of_seed in made.collect::<Result<Vec<_>, Error>>()? {
            shows.explored.extend(of_seed.explored);
            shows.alike.layers.extend(of_seed.alike.layers);
            shows.alike.neighbours.extend(of_seed.alike.neighbours);
            shows.mapped.extend(of_seed.mapped);
        }
        Ok(shows)
    }

    /// Of one seed, trained on `train`, as far as they are finished.
    fn of_seed(&self, train: &str, seed: usize, is_mapped: bool) -> Result<Shows, Error> {
        let networks = self.networks(train, seed)?;
        let explored = networks.iter();
        let explored = explored.map(|(run, seen)| self.square.explored(run, seen, self.runs));
        let explored = explored.collect::<Result<Vec<_>, _>>()?;
        let runs = networks.par_iter().map(|(run, _)| run);
        let alike = self.asked.as_ref().map(|data| compare(runs, data));
        let mapped = is_mapped.then_some((train.to_owned(), networks));
        Ok(Shows {
            explored: explored.into_iter().flatten().collect(),
            alike: alike.transpose()?.unwrap_or_default(),
            mapped: mapped.into_iter().collect(),
        })
    }

    /// One network a loss. What a run's folder does not keep of them is made, and kept.
    fn networks(&self, train: &str, seed: usize) -> Result<Opened, Error> {
        let study = &self.resolved.study;
        let of_loss = |loss: &String| self.open(train, seed, loss);
        let opened = study.losses.par_iter().map(of_loss);
        let opened: Vec<_> = opened.collect::<Result<Vec<_>, _>>()?;
        let opened: Vec<_> = opened.into_iter().flatten().collect();
        let kept = opened.par_iter().map(|run| self.kept(run));
        let kept = kept.collect::<Result<Vec<_>, Error>>()?;
        // The images of a seed are the same for every loss, and are drawn only where one of them has to be asked.
        let is_missing = kept.iter().any(|(_, seen)| seen.is_none());
        let first = opened.first().filter(|_| is_missing);
        let Some(training) = first.map(OpenedRun::training).transpose()? else {
            let kept = kept.into_iter().filter_map(|(_, seen)| seen);
            return Ok(opened.into_iter().zip(kept).collect());
        };
        let all = opened.into_par_iter().zip(kept);
        let all = all.map(|(run, (question, seen))| {
            let made = || self.made(&run, &question, &training);
            let seen = seen.map_or_else(made, Ok)?;
            Ok((run, seen))
        });
        all.collect()
    }

    /// The answer of a run's network, which its folder keeps from now on.
    fn made(&self, run: &OpenedRun, question: &str, training: &Labelled) -> Result<Seen, Error> {
        let fitted = fitted(run, &self.resolved.study.read_outs, training)?;
        let seen = self.square.seen(run.network.as_ref(), &fitted)?;
        keep(&self.folder(run), question, &seen);
        Ok(seen)
    }

    /// What is asked of a run's network, and what its folder keeps of the answer.
    fn kept(&self, run: &OpenedRun) -> Result<(String, Option<Seen>), Error> {
        let question = question(self.square, &run.record.run, run.network.as_ref())?;
        let read_outs = run.loss.read_outs(&self.resolved.study.read_outs);
        let mapped = self.square.view.map_read_out;
        let seen = kept(&self.folder(run), &question, &read_outs, mapped);
        Ok((question, seen))
    }

    fn folder(&self, run: &OpenedRun) -> PathBuf {
        self.output.run_folder(&run.record.run)
    }

    fn open(&self, train: &str, seed: usize, loss: &str) -> Result<Option<OpenedRun>, Error> {
        let mut of_seed = self.specs.iter().filter(|s| s.seed == seed);
        let spec = of_seed.find(|s| s.train.name() == train && s.loss.name == loss);
        // What is finished and not whole is not among the runs.
        let is_whole = |spec: &&RunSpec| self.runs.iter().any(|run| run.record.run == spec.id);
        let done = spec.filter(is_whole);
        let open = |spec: &RunSpec| {
            let folder = self.output.run_folder(&spec.id);
            open_run(&folder, self.models, &Sources::of(self.resolved))
        };
        done.map(open).transpose()
    }
}
