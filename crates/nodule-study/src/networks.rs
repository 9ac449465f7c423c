//! What the report shows of networks themselves: maps of a few nodules side by side, and whether maps
//! depend on what was learned. Made from the checkpoints of the first seed's finished runs.

use nodule_eval::ReadOut;
use nodule_explain::{Method, Model, attribute};
use nodule_synth::DataSet;
use rayon::prelude::*;

use crate::Error;
use crate::decision::decision;
use crate::explain::{ExplainSettings, How, SanityRow, cascade_rows, prepare, random_label_rows};
use crate::explorer::explorer;
use crate::extra::Extra;
use crate::figures::{Maps, example_maps};
use crate::load::Resolved;
use crate::maps::mapped;
use crate::opened::{OpenedRun, open_run};
use crate::output::Output;
use crate::plan::{RunSpec, shared_seed};
use crate::record::FinishedRun;
use crate::select::spread;
use crate::sets::{factorial, generator};
use crate::tables::{sanity_csv, sanity_table};
use crate::tensor::image_tensor;

/// The control that maps are compared with, where the study trains on it.
const CONTROL: &str = "random-labels";

/// Figures and tables that need the networks: those of the first seed, of the distribution that the
/// first claim is about. Nothing where none of them is finished.
pub(crate) fn networks(
    resolved: &Resolved,
    specs: &[RunSpec],
    runs: &[FinishedRun],
    output: &Output,
) -> Result<Extra, Error> {
    let study = &resolved.study;
    let train = match study.hypotheses.first() {
        Some(hypothesis) => hypothesis.train.clone(),
        None => resolved
            .train
            .first()
            .map_or(String::new(), |d| d.name.clone()),
    };
    let place = Place {
        resolved,
        specs,
        runs,
        output,
    };
    let opened = study
        .losses
        .par_iter()
        .map(|loss| place.open(&train, loss))
        .collect::<Result<Vec<_>, _>>()?;
    let opened: Vec<_> = opened.into_iter().flatten().collect();
    if opened.is_empty() {
        return Ok(Extra::default());
    }
    let explorer = explorer(resolved, &train, &opened, runs)?;
    let explorer = Extra {
        csv: vec![("explorer".into(), explorer.csv()?)],
        explorer: Some(explorer),
        ..Extra::default()
    };
    Ok(explorer.and(place.maps(&train, &opened)?))
}

struct Place<'a> {
    resolved: &'a Resolved,
    specs: &'a [RunSpec],
    runs: &'a [FinishedRun],
    output: &'a Output,
}

type OfLoss = (Maps, Vec<(String, SanityRow)>);

impl Place<'_> {
    fn open(&self, train: &str, loss: &str) -> Result<Option<OpenedRun>, Error> {
        let mut first = self.specs.iter().filter(|s| s.seed == 0);
        let spec = first.find(|s| s.train.name == train && s.loss_name == loss);
        let done = spec.filter(|spec| self.output.is_done(spec));
        let open = |s: &RunSpec| {
            open_run(
                &self.output.run_folder(&s.id),
                self.resolved.outlines.clone(),
            )
        };
        done.map(open).transpose()
    }

    /// Maps side by side and what they depend on; nothing where the study asks for no maps.
    fn maps(&self, train: &str, opened: &[OpenedRun]) -> Result<Extra, Error> {
        let study = &self.resolved.study;
        let Some(read_out) = mapped(&study.read_outs).filter(|_| study.samples.maps > 0) else {
            return Ok(Extra::default());
        };
        let generator = generator(self.resolved)?;
        let of_cells = |purpose: &str, n| {
            factorial(
                &generator,
                shared_seed(study.root_seed, purpose, "factorial"),
                n,
            )
        };
        // The first nodule of each cell, from enough that all four come up.
        let shown = one_a_cell(&of_cells("examples", 64)?);
        let checked = of_cells("maps", study.samples.maps)?;
        let of_run = |run: &OpenedRun| self.of_run(run, read_out, &shown, &checked);
        let networks = opened
            .par_iter()
            .map(of_run)
            .collect::<Result<Vec<_>, _>>()?;
        let (maps, sanity): (Vec<_>, Vec<_>) = networks.into_iter().unzip();
        let sanity: Vec<_> = sanity.into_iter().flatten().collect();
        Ok(Extra {
            figures: vec![example_maps(train, read_out, &shown, &maps)?],
            tables: vec![sanity_table(train, &sanity)],
            csv: vec![sanity_csv(&sanity)?],
            ..Extra::default()
        })
    }

    fn of_run(
        &self,
        run: &OpenedRun,
        read_out: ReadOut,
        shown: &DataSet,
        checked: &DataSet,
    ) -> Result<OfLoss, Error> {
        let loss = &run.record.loss;
        let settings = ExplainSettings {
            how: How::Map(Method::Gradient),
            read_out,
            distribution: None,
            seed: 0,
            n: 1,
        };
        let (_, fitted) = prepare(run, &settings)?;
        let mut rows = cascade_rows(run, &settings, &fitted, checked)?;
        if let Some(random) = self.open(CONTROL, loss)? {
            let (_, random_fitted) = prepare(&random, &settings)?;
            let pair = ((run, &fitted), (&random, &random_fitted));
            rows.extend(random_label_rows(pair.0, pair.1, &settings, checked)?);
        }
        let decision = decision(&run.network, read_out, &fitted)?;
        let images = image_tensor(shown)?;
        let unit = 1.0 / spread(self.runs, &run.record.run, read_out);
        let maps = |method| {
            let maps = (attribute(method, &decision, &images, settings.seed)? * unit)?;
            Ok(maps.flatten_all().and_then(|m| m.to_vec1::<f32>())?)
        };
        let maps = Method::ALL
            .into_iter()
            .map(maps)
            .collect::<Result<Vec<_>, _>>();
        let decisions = decision
            .decide(&images)
            .and_then(|d| (d * unit)?.to_vec1::<f32>());
        let maps = Maps {
            loss: loss.to_owned(),
            decisions: decisions.map_err(nodule_explain::Error::from)?,
            maps: maps.map_err(|e: nodule_explain::Error| e)?,
        };
        let rows = rows.into_iter().map(|row| (loss.to_owned(), row));
        Ok((maps, rows.collect()))
    }
}

/// The first image of each cell, in the cells' order.
fn one_a_cell(data: &DataSet) -> DataSet {
    let mut first = std::collections::BTreeMap::new();
    for (i, cell) in data.cells.iter().enumerate() {
        first.entry((cell.shape, cell.texture)).or_insert(i);
    }
    let pixels = data.image_size * data.image_size;
    let of = |i: &usize| i * pixels..(i + 1) * pixels;
    let mut few = data.clone();
    few.images = first
        .values()
        .flat_map(|i| data.images[of(i)].to_vec())
        .collect();
    few.masks = first
        .values()
        .flat_map(|i| data.masks[of(i)].to_vec())
        .collect();
    few.labels = first.values().map(|i| data.labels[*i]).collect();
    few.cells = first.values().map(|i| data.cells[*i]).collect();
    few.latents = first.values().map(|i| data.latents[*i].clone()).collect();
    few
}
