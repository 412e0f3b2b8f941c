//! The arguments of `cmetrics store drop`.

use std::path::PathBuf;

use clap::ValueHint;

use super::WaitArgs;
use super::values::time;

#[derive(Debug, clap::Args)]
pub(crate) struct DropArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// The container, named as for `get`; the name must match only one
    #[arg(value_name = "CONTAINER")]
    pub(crate) container: String,

    /// The start: a time such as `2026-11-21T12:00:00Z`, or seconds since the epoch [default: its
    /// first point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) from: Option<u64>,

    /// The end [default: that of its last point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) to: Option<u64>,

    #[command(flatten)]
    pub(crate) wait: WaitArgs,

    /// Print no summary, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
