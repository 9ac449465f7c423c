//! A study file, the runs it means, and what they leave behind.
//!
//! [`load_study`] reads a file that names training distributions, losses, seeds and tests, and checks all
//! of it; [`plan`](plan()) says which runs it means, with ids that hash what changes their numbers; the records
//! are what a run leaves behind, plain data; and [`Output`] is where they lie. Nothing here trains,
//! measures or draws: `nodule-run` carries runs out, `nodule-report` tells what they say.
//!
//! ```
//! use nodule_study::{Registry, load_study, plan};
//!
//! let smoke = load_study("smoke", &Registry::default())?;
//! assert_eq!(plan(&smoke, "cpu").len(), 18);
//! # Ok::<(), nodule_study::Error>(())
//! ```

pub mod csv;
mod error;
pub mod files;
pub mod plan;
pub mod records;
pub mod results;
pub mod settings;
pub mod text;

pub use error::Error;
pub use plan::{RunSpec, grid, plan};
pub use results::{Output, open_output, read_output};
pub use settings::{Registry, Resolved, Study, load_study};
