//! Reads files, folders and standard input into a pipeline, and selects containers of it.

use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use cmetrics_core::parse::ScrapeTime;
use cmetrics_core::pipeline::{MachineName, Outcome};
use cmetrics_core::{Input, Pipeline, Series, Settings};

use crate::args::InputArgs;
use crate::messages;
use crate::outcome::Failure;
use crate::progress::{Progress, ProgressReader};

/// The name of standard input in errors.
const STANDARD_INPUT: &str = "standard input";

/// Where dumps come from.
#[derive(Debug, PartialEq, Eq)]
enum Source<'a> {
    StandardInput,
    Paths(&'a [PathBuf]),
}

/// Reads all inputs that the arguments name, and prints their errors.
pub(crate) fn read(args: &InputArgs, settings: Settings) -> Result<Pipeline, Failure> {
    check(args)?;
    let settings = if args.labels.are_any() { settings.with_labels() } else { settings };
    let machine = match &args.machine {
        _ if args.machine_by_folder => MachineName::Folder,
        Some(name) => MachineName::Given(name.clone()),
        None => MachineName::None,
    };
    let mut pipeline = Pipeline::new(settings);
    pipeline.set_threads(args.threads.unwrap_or_else(all_cores));
    pipeline.set_verify(args.verify);
    pipeline.set_scraped_at(args.scraped_at.map(ScrapeTime::Told));
    let mut progress = Progress::new(!args.quiet);
    let mut read = Outcome::default();
    for source in sources(&args.paths) {
        read.merge(match source {
            Source::StandardInput => {
                if !args.quiet && io::stdin().is_terminal() {
                    messages::note("reading standard input");
                }
                let input = ProgressReader::new(io::stdin(), &mut progress);
                let input = Input::reader(STANDARD_INPUT, input);
                pipeline.read(input.machine(args.machine.as_deref()))
            }
            Source::Paths(paths) => pipeline.read_paths_with(paths, &machine, |reading| {
                progress.update(reading.read, Some(reading.total).filter(|&total| total > 0));
            }),
        });
        progress.next();
    }
    progress.finish();
    print_errors(&read, &pipeline, args);
    Ok(pipeline)
}

/// The number of threads that can run at once.
fn all_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The sources in the order of the paths; adjacent files and folders are one source.
fn sources(paths: &[PathBuf]) -> Vec<Source<'_>> {
    if paths.is_empty() {
        return vec![Source::StandardInput];
    }
    let both_are_paths =
        |left: &PathBuf, right: &PathBuf| !is_standard_input(left) && !is_standard_input(right);
    let source = |paths: &'_ [PathBuf]| paths.first().is_some_and(|path| is_standard_input(path));
    paths
        .chunk_by(both_are_paths)
        .map(|paths| if source(paths) { Source::StandardInput } else { Source::Paths(paths) })
        .collect()
}

/// Checks that the inputs can be combined like this.
pub(crate) fn check(args: &InputArgs) -> Result<(), Failure> {
    let sources = sources(&args.paths);
    let standard = sources.iter().filter(|source| **source == Source::StandardInput).count();
    if standard > 1 {
        return Err(Failure::usage("standard input (-) can be read only once"));
    }
    if standard > 0 && args.machine_by_folder {
        let message = "--machine-by-folder needs files or folders: standard input lies in none \
                       (--machine NAME names its machine)";
        return Err(Failure::usage(message));
    }
    Ok(())
}

/// Prints the errors of the inputs, and which files were skipped.
fn print_errors(read: &Outcome, pipeline: &Pipeline, args: &InputArgs) {
    for error in &read.errors {
        messages::error(error);
    }
    match read.more_errors {
        0 => {}
        1 => messages::plain("and 1 more error"),
        more => messages::plain(format_args!("and {more} more errors")),
    }
    if args.verbose {
        for skipped in &read.skipped {
            messages::note(format_args!("skipped {skipped}"));
        }
    }
    let nothing_ran = read.without_containers > 0 && pipeline.series().count() == 0;
    if nothing_ran && !args.quiet {
        messages::note("no container was running on this host: there are no points");
    }
}

/// The containers that the words stand for, or all without words, and that have the labels; each
/// once, sorted by name.
pub(crate) fn selected<'p>(
    pipeline: &'p Pipeline,
    args: &InputArgs,
) -> Result<Vec<&'p Series>, Failure> {
    let selection = pipeline.select(&args.containers);
    if selection.errors.is_empty() {
        let mut series = selection.series;
        series.retain(|series| args.labels.are_of(series.identity()));
        return args.labels.some(series);
    }
    Err(Failure::Usage(selection.errors.iter().map(ToString::to_string).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_has_its_place_among_the_paths() {
        let paths = ["a", "b", "-", "c"].map(PathBuf::from);
        let [first, second, _, last] = &paths;
        assert_eq!(
            sources(&paths),
            [
                Source::Paths(&[first.clone(), second.clone()]),
                Source::StandardInput,
                Source::Paths(std::slice::from_ref(last)),
            ]
        );
        assert_eq!(sources(&[]), [Source::StandardInput]);
        assert_eq!(sources(&["-", "-"].map(PathBuf::from)).len(), 2);
    }
}
