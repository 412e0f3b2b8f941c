//! Which points are written, and which figures of each.

#[derive(Debug, clap::Args)]
pub(crate) struct FigureArgs {
    /// Leave out points of intervals that samples cover only in part
    #[arg(long)]
    pub(crate) complete: bool,

    /// Add to each point its number of samples, the part of the interval that they cover, and what
    /// shares of its CPU and memory limits the container used
    #[arg(long)]
    pub(crate) extended: bool,

    /// Add metrics to each point, in base units: names, groups such as `memory.*`, or `all`;
    /// separated by commas; may be repeated
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,
}
