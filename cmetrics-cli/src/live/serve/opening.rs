//! Opens the store of the configuration.

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Error as CoreError, ErrorKind as CoreErrorKind, Store};

use super::super::config::Config;

/// Opens the store; one that exists keeps its lateness unless another is asked for.
pub(super) fn open(config: &Config) -> Result<Store, CoreError> {
    open_by(config, |options| Store::open(&config.store, options))
}

/// Opens a store with the options of a new one, or with those that were set.
pub(super) fn open_by(
    config: &Config,
    open: impl Fn(StoreOptions) -> Result<Store, CoreError>,
) -> Result<Store, CoreError> {
    match open(config.store_options()) {
        Err(error) if error.kind() == CoreErrorKind::Setting => {
            open(config.options_of_kept_store())
        }
        opened => opened,
    }
}
