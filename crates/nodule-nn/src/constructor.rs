//! Constructors of losses and networks by the name and the table of settings in a study file.

use std::fmt;
use std::sync::Arc;

use nodule_config::{Schema, Settings, Table};
use nodule_error::InvalidInput;

use crate::{Architecture, Loss};

/// Builds a loss or network from a table of settings; `T` is `dyn Loss` or `dyn Architecture`.
///
/// # Example
/// ```
/// use nodule_nn::{LOSSES, Table};
///
/// let constructor = LOSSES.iter().find(|c| c.name() == "ce+supcon").unwrap();
/// let loss = constructor.build(&Table::new())?;
/// assert!(loss.trains_head());
/// # Ok::<(), nodule_error::InvalidInput>(())
/// ```
pub struct Constructor<T: ?Sized> {
    schema: Schema,
    build: fn(&Table) -> Result<Arc<T>, InvalidInput>,
}

impl Constructor<dyn Loss> {
    /// Returns the constructor of the loss with settings `L`.
    #[must_use]
    pub const fn new<L: Loss + Settings + 'static>() -> Self {
        Self {
            schema: Schema::new::<L>(),
            build: |table| Ok(Arc::new(L::from_table(table)?)),
        }
    }
}

impl Constructor<dyn Architecture> {
    /// Returns the constructor of the network with settings `A`. One of the settings must be `image_size`, which a
    /// study sets to the size of its images.
    #[must_use]
    pub const fn new<A: Architecture + Settings + 'static>() -> Self {
        Self {
            schema: Schema::new::<A>(),
            build: |table| Ok(Arc::new(A::from_table(table)?)),
        }
    }
}

impl<T: ?Sized> Constructor<T> {
    /// Returns name, defaults and check of the settings.
    #[must_use]
    pub const fn schema(&self) -> Schema {
        self.schema
    }

    /// Returns the name in study files and tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.schema.name()
    }

    /// Builds the loss or network; settings that are missing have their defaults.
    ///
    /// # Errors
    /// For a setting that is unknown, of the wrong type, or out of range.
    pub fn build(&self, table: &Table) -> Result<Arc<T>, InvalidInput> {
        (self.build)(table)
    }
}

impl<T: ?Sized> Clone for Constructor<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Constructor<T> {}

impl<T: ?Sized> fmt::Debug for Constructor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Constructor").field(&self.name()).finish()
    }
}
