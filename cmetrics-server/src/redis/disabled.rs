//! A server without Redis.

use std::sync::Arc;

use cmetrics_live::Live;

use crate::error::Error;
use crate::exposition::Exposition;

/// There are none.
#[derive(Clone, Debug)]
pub(crate) enum RedisOptions {}

/// There is none.
#[derive(Debug)]
pub(crate) enum Sink {}

impl Sink {
    #[expect(clippy::needless_pass_by_value, reason = "as with Redis")]
    pub(crate) fn start(_: &Arc<Live>, options: RedisOptions) -> Result<Self, Error> {
        match options {}
    }

    pub(crate) fn stop(&self) {
        match *self {}
    }

    pub(crate) fn write(&self, _: &mut Exposition) {
        match *self {}
    }
}
