//! What the report shows of networks themselves, made from the checkpoints of the first seeds' finished
//! runs: each is opened once, its read-outs fitted once, its training images drawn once for all losses.

use nodule_battery::sets::{factorial, gallery, generator};
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_explain::{Method, Model, attribute};
use nodule_study::plan::shared_seed;
use nodule_study::records::{
    Alike, ExplainedImages, ExplainedNetwork, FinishedRun, NetworkMaps, Randomised, RandomisedMaps,
    Showcase,
};
use nodule_study::settings::map_read_out;
use nodule_study::{Error, Output, Registry, Resolved, RunSpec, Study};
use nodule_synth::{DataSet, Part};
use rayon::prelude::*;

use super::NOISE;
use super::alike::{asked, compare};
use super::cells::one_a_cell;
use super::fitted::{fitted, unit};
use super::open::{OpenedRun, Sources, open_run};
use super::randomisation::{all_maps, compare_all, randomised_layers};
use super::square_view::shown;
use crate::images::{image_tensor, map_values};
use crate::measure::decision;

/// Seeds of one loss and distribution that are shown over the square.
const MOST_SEEDS: usize = 3;
/// Networks whose maps a page can hold and still open quickly, whatever they are trained on.
const MOST_NETWORKS: usize = 45;

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
    registry: &Registry,
) -> Result<Showcase, Error> {
    let study = &resolved.study;
    let gallery = gallery(resolved)?;
    let first = study.trained_on().next().map(ToOwned::to_owned);
    let claimed = study.hypotheses.first().map(|h| h.train.clone());
    let claimed = claimed.or(first).unwrap_or_default();
    let finished = Finished {
        resolved,
        specs,
        runs,
        output,
        registry,
    };
    let read_out = map_read_out(&study.read_outs).filter(|_| study.samples.maps > 0);
    let mut shown = shown(resolved, read_out)?;
    let asked = asked(resolved)?;
    let mut alike = Alike::default();
    let mut first = Opened::new();
    for train in study.trained_on() {
        for seed in 0..explored_seeds(study) {
            let opened = finished.networks(train, seed, &study.read_outs)?;
            let explored = opened.par_iter();
            let explored = explored.map(|(run, fitted)| shown.explored(run, fitted, runs));
            let explored = explored.collect::<Result<Vec<_>, _>>()?;
            shown.view.networks.extend(explored.into_iter().flatten());
            if let Some(data) = &asked {
                compare(&mut alike, opened.par_iter().map(|(run, _)| run), data)?;
            }
            if (train, seed) == (claimed.as_str(), 0) {
                first = opened;
            }
        }
    }
    let maps = read_out.filter(|_| !first.is_empty());
    let maps = maps.map(|r| finished.maps(&claimed, r, &first, runs));
    Ok(Showcase {
        gallery,
        square: (!shown.view.networks.is_empty()).then_some(shown.view),
        maps: maps.transpose()?,
        alike,
    })
}

/// How many of the first seeds the square shows: fewer where there are many networks, so that the page stays
/// small.
fn explored_seeds(study: &Study) -> usize {
    let of_a_seed = (study.train.len() * study.losses.len()).max(1);
    study
        .seeds
        .min((MOST_NETWORKS / of_a_seed).clamp(1, MOST_SEEDS))
}

/// Networks of one seed, with their read-outs fitted.
type Opened = Vec<(OpenedRun, Vec<FittedReadOut>)>;

/// Where finished runs are.
struct Finished<'a> {
    resolved: &'a Resolved,
    specs: &'a [RunSpec],
    runs: &'a [FinishedRun],
    output: &'a Output,
    registry: &'a Registry,
}

impl Finished<'_> {
    /// One network a loss, of one seed and trained on `train`, as far as they are finished.
    fn networks(&self, train: &str, seed: usize, read_outs: &[ReadOut]) -> Result<Opened, Error> {
        let of_loss = |loss: &String| self.open(train, seed, loss);
        let opened = self.resolved.study.losses.par_iter().map(of_loss);
        let opened: Vec<_> = opened.collect::<Result<Vec<_>, _>>()?;
        let opened: Vec<_> = opened.into_iter().flatten().collect();
        // The images of a seed are the same for every loss.
        let Some(training) = opened.first().map(OpenedRun::training).transpose()? else {
            return Ok(Vec::new());
        };
        let with_read_outs = opened.into_par_iter().map(|run| {
            let fitted = fitted(&run, read_outs, &training)?;
            Ok((run, fitted))
        });
        with_read_outs.collect()
    }

    fn open(&self, train: &str, seed: usize, loss: &str) -> Result<Option<OpenedRun>, Error> {
        let mut of_seed = self.specs.iter().filter(|s| s.seed == seed);
        let spec = of_seed.find(|s| s.train.name() == train && s.loss.name == loss);
        // What is finished and not whole is not among the runs.
        let is_whole = |spec: &&RunSpec| self.runs.iter().any(|run| run.record.run == spec.id);
        let done = spec.filter(is_whole);
        let open = |spec: &RunSpec| {
            let folder = self.output.run_folder(&spec.id);
            open_run(&folder, self.registry, &Sources::of(self.resolved))
        };
        done.map(open).transpose()
    }

    /// Maps side by side, and what they depend on.
    fn maps(
        &self,
        train: &str,
        read_out: ReadOut,
        opened: &Opened,
        runs: &[FinishedRun],
    ) -> Result<NetworkMaps, Error> {
        let study = &self.resolved.study;
        let generator = generator(self.resolved, Part::Test)?;
        let seed = |purpose: &str| shared_seed(study.root_seed, purpose, "factorial");
        let shown = one_a_cell(&generator, seed("examples"))?;
        let compared = factorial(&generator, seed("maps"), study.samples.maps)?;
        let controls = self.controls(read_out)?;
        let of_run = |(run, fitted): &(OpenedRun, Vec<FittedReadOut>)| {
            let fitted = of_read_out(fitted, read_out)?;
            let control = controls
                .iter()
                .find(|(c, _)| c.record.loss == run.record.loss);
            let explained = explained(run, fitted, &shown, runs)?;
            let rows = randomised(run, fitted, control, &compared)?;
            let rows = rows.into_iter().map(|row| (run.record.loss.clone(), row));
            Ok((explained, rows.collect::<Vec<_>>()))
        };
        let made = opened.par_iter().map(of_run);
        let made = made.collect::<Result<Vec<_>, Error>>()?;
        let (networks, rows): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        Ok(NetworkMaps {
            train: train.to_owned(),
            read_out,
            shown,
            networks,
            randomised: rows.into_iter().flatten().collect(),
        })
    }

    /// Networks trained on labels that say nothing of the images, where the study has such a control.
    fn controls(&self, read_out: ReadOut) -> Result<Opened, Error> {
        let control = self.resolved.train.iter().find(|set| !set.learnable());
        control.map_or(Ok(Vec::new()), |set| {
            self.networks(set.name(), 0, &[read_out])
        })
    }
}

fn of_read_out(fitted: &[FittedReadOut], read_out: ReadOut) -> Result<&FittedReadOut, Error> {
    let found = fitted.iter().find(|f| f.read_out() == read_out);
    found.ok_or_else(|| Error::made("maps", format!("a loss of the study has no {read_out}")))
}

/// Maps of the nodules that are shown, in spreads.
fn explained(
    run: &OpenedRun,
    fitted: &FittedReadOut,
    shown: &DataSet,
    runs: &[FinishedRun],
) -> Result<ExplainedNetwork, Error> {
    let decision = decision(run.network.as_ref(), fitted)?;
    let images = image_tensor(shown)?;
    let unit = unit(runs, &run.record.run, fitted.read_out());
    let methods = Method::ALL.into_iter().filter(|m| m.applies_to(&decision));
    let maps = methods.map(|method| {
        let maps = attribute(method, &decision, &images, NOISE)?;
        let maps = (maps * unit).map_err(nodule_explain::Error::from)?;
        Ok((method, map_values(&maps)?))
    });
    let decided = decision.decide(&images);
    let decided = decided.and_then(|d| (d * unit)?.to_vec1::<f32>());
    Ok(ExplainedNetwork {
        loss: run.record.loss.clone(),
        maps: maps.collect::<Result<_, Error>>()?,
        decisions: decided.map_err(nodule_explain::Error::from)?,
    })
}

/// The maps of a run against those of the same network with random layers, and of its control.
fn randomised(
    run: &OpenedRun,
    fitted: &FittedReadOut,
    control: Option<&(OpenedRun, Vec<FittedReadOut>)>,
    data: &DataSet,
) -> Result<Vec<RandomisedMaps>, Error> {
    let data = &ExplainedImages::from(data.clone());
    let trained = all_maps(run.network.as_ref(), fitted, NOISE, data)?;
    let mut rows = randomised_layers(run, fitted, NOISE, data, &trained)?;
    if let Some((control, of_control)) = control {
        let of_control = of_read_out(of_control, fitted.read_out())?;
        let random = all_maps(control.network.as_ref(), of_control, NOISE, data)?;
        rows.extend(compare_all(&Randomised::Labels, &trained, &random, data)?);
    }
    Ok(rows)
}
