//! How is it drawn? One figure a file, SVG with text that stays text, one colour a loss everywhere.

pub(crate) mod accuracy;
pub(crate) mod along;
mod bands;
mod boundary;
mod colours;
pub(crate) mod costs;
mod curves;
pub(crate) mod decodability;
pub(crate) mod dose;
pub(crate) mod effect;
pub(crate) mod embedding;
pub(crate) mod example_maps;
pub(crate) mod explorer;
mod figure;
pub(crate) mod landscape;
pub(crate) mod maps;
mod marker;
pub(crate) mod multiverse;
pub(crate) mod nodules;
pub(crate) mod picture;
mod plot;
pub(crate) mod prediction;
pub(crate) mod reliance;
pub(crate) mod result;
pub(crate) mod salience;
mod seen;
mod sheet;
pub(crate) mod side_by_side;
pub(crate) mod timeline;
pub(crate) mod training;
pub(crate) mod variance;

pub(crate) use figure::Figure;
