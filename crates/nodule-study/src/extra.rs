//! What the report shows of networks themselves: maps of a few nodules side by side, and whether maps
//! depend on what was learned. Made from the checkpoints of the first seed's finished runs.

use nodule_eval::ReadOut;
use nodule_explain::{Method, Model, attribute};
use nodule_synth::DataSet;
use rayon::prelude::*;

use crate::Error;
use crate::decision::decision;
use crate::explain::{
    ExplainSettings, How, SanityRow, cascade_rows, image_tensor, prepare, random_label_rows,
};
use crate::figures::{Figure, Maps, example_maps};
use crate::load::Resolved;
use crate::maps::mapped;
use crate::opened::{OpenedRun, open_run};
use crate::output::{Output, read_json};
use crate::plan::{RunSpec, shared_seed};
use crate::record::Evaluation;
use crate::sets::{factorial, generator};
use crate::table::Table;
use crate::tables::{sanity_csv, sanity_table};

/// The control that maps are compared with, where the study trains on it.
const CONTROL: &str = "random-labels";

/// What the report shows beyond the numbers of the grid's runs.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// Name without its ending, and text.
    pub(crate) csv: Vec<(String, Vec<u8>)>,
    /// What else the report is about, in sentences.
    pub(crate) notes: Vec<String>,
}

impl Extra {
    /// Both, this one first.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.figures.extend(other.figures);
        self.tables.extend(other.tables);
        self.csv.extend(other.csv);
        self.notes.extend(other.notes);
        self
    }
}

/// Figures and tables that need the networks. Nothing where the study asks for no maps, or no such
/// run is finished.
pub(crate) fn networks(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
) -> Result<Extra, Error> {
    let study = &resolved.study;
    let Some(read_out) = mapped(&study.read_outs).filter(|_| study.samples.maps > 0) else {
        return Ok(Extra::default());
    };
    let train = match study.hypotheses.first() {
        Some(hypothesis) => hypothesis.train.clone(),
        None => resolved
            .train
            .first()
            .map_or(String::new(), |d| d.name.clone()),
    };
    let generator = generator(resolved)?;
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
    let place = Place {
        resolved,
        specs,
        output,
        read_out,
    };
    let of_loss = |loss: &String| place.of_loss(&train, loss, &shown, &checked);
    let networks = study
        .losses
        .par_iter()
        .map(of_loss)
        .collect::<Result<Vec<_>, _>>()?;
    let networks: Vec<_> = networks.into_iter().flatten().collect();
    if networks.is_empty() {
        return Ok(Extra::default());
    }
    let (maps, sanity): (Vec<_>, Vec<_>) = networks.into_iter().unzip();
    let sanity: Vec<_> = sanity.into_iter().flatten().collect();
    Ok(Extra {
        figures: vec![example_maps(&train, read_out, &shown, &maps)?],
        tables: vec![sanity_table(&train, &sanity)],
        csv: vec![sanity_csv(&sanity)?],
        notes: Vec::new(),
    })
}

struct Place<'a> {
    resolved: &'a Resolved,
    specs: &'a [RunSpec],
    output: &'a Output,
    read_out: ReadOut,
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

    /// The unit of a run's decision value: networks of different losses compare in it alone.
    fn spread(&self, run: &str) -> Result<f64, Error> {
        let path = self.output.run_folder(run).join("evaluation.json");
        let evaluation: Evaluation = read_json(&path)?;
        let measured = evaluation
            .read_outs
            .iter()
            .find(|r| r.read_out == self.read_out);
        Ok(measured.map_or(1.0, |r| r.spread).max(f64::MIN_POSITIVE))
    }

    fn of_loss(
        &self,
        train: &str,
        loss: &str,
        shown: &DataSet,
        checked: &DataSet,
    ) -> Result<Option<OfLoss>, Error> {
        let Some(run) = self.open(train, loss)? else {
            return Ok(None);
        };
        let settings = ExplainSettings {
            how: How::Map(Method::Gradient),
            read_out: self.read_out,
            distribution: None,
            seed: 0,
            n: 1,
        };
        let (_, fitted) = prepare(&run, &settings)?;
        let mut rows = cascade_rows(&run, &settings, &fitted, checked)?;
        if let Some(random) = self.open(CONTROL, loss)? {
            let (_, random_fitted) = prepare(&random, &settings)?;
            let pair = ((&run, &fitted), (&random, &random_fitted));
            rows.extend(random_label_rows(pair.0, pair.1, &settings, checked)?);
        }
        let decision = decision(&run.network, self.read_out, &fitted)?;
        let images = image_tensor(shown)?;
        let unit = 1.0 / self.spread(&run.record.run)?;
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
        Ok(Some((
            maps,
            rows.into_iter().map(|row| (loss.to_owned(), row)).collect(),
        )))
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
