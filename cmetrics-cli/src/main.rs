//! `cmetrics`: cAdvisor dumps in, data points out.

use std::process::ExitCode;

fn main() -> ExitCode {
    cmetrics_cli::run(std::env::args_os().skip(1)).into()
}
