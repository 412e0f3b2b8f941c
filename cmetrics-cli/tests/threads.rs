//! `--threads` and `--verify` change how long it takes, and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;

use common::{cmetrics, dump, dump_of, fed, folder, gzip, recorded, sample, text, zstd};

/// What the run wrote, but for the line that tells how long it took.
fn told(run: &common::Run) -> (i32, &str, Vec<&str>) {
    let lines = run.stderr.lines().filter(|line| !line.ends_with(" MB/s"));
    (run.status, &run.stdout, lines.collect())
}

/// Runs the command with several numbers of threads; returns what all of them wrote.
#[track_caller]
fn the_same(args: &[&str]) -> common::Run {
    let one = cmetrics([args, &["--threads", "1"]].concat());
    for more in [
        &["--threads", "2"][..],
        &["--threads", "5"],
        &[],
        &["--verify", "--threads", "1"],
        &["--threads=3", "--verify"],
    ] {
        let several = cmetrics([args, more].concat());
        assert_eq!(told(&several), told(&one), "{args:?} {more:?}");
    }
    one
}

/// Recorded dumps, and among them damaged files, faulty samples, duplicates and no dumps at all.
fn mixed() -> tempfile::TempDir {
    let faulty = dump().replace("3000", "-3");
    let folder = folder([
        ("a/0.json", dump().into_bytes()),
        ("a/1.json", faulty.clone().into_bytes()),
        ("a/2.json", dump_of("/", &[sample(0, 7)]).into_bytes()),
        ("b/0.json.gz", gzip(dump_of("/docker", &[sample(5, 9_000), sample(10, 3_000)]))),
        ("b/1.json", dump_of("/other", &[sample(0, 7), sample(4, 4).replace('4', "-4")]).into()),
        ("b/README", b"no dump".to_vec()),
        ("c/0.json.zst", zstd(faulty)),
        ("c/cut.json.gz", gzip(dump().repeat(50))[..60].to_vec()),
    ]);
    for (index, path) in
        recorded("dynamic", &["v1.2-docker", "v2.0-stats-docker"]).iter().enumerate()
    {
        let place = folder.path().join(["a", "b", "c"][index % 3]);
        fs::copy(path, place.join(path.file_name().unwrap())).unwrap();
    }
    let whole = fs::read(folder.path().join("a/0.json")).unwrap();
    fs::write(folder.path().join("a/9.json"), &whole[..whole.len() - 9]).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    folder
}

#[test]
fn points_in_every_format_are_the_same_for_any_number_of_threads() {
    let folder = mixed();
    let (all, empty) = (text(folder.path()), folder.path().join("empty"));
    for format in ["json", "ndjson", "csv", "table"] {
        let more = ["--extended", "--metrics", "memory.*", "--verbose"];
        let args = [&["points", "--format", format, text(&empty), all][..], &more].concat();
        let run = the_same(&args).ends_with(1);
        assert!(run.errors().len() > 3 && run.stdout.lines().count() > 100, "{}", run.stderr);
        the_same(&["points", "--format", format, "--complete", all]);
    }
    assert_eq!(the_same(&["points", text(&empty)]).stdout, "[]\n");
}

#[test]
fn recordings_give_the_same_points_for_any_number_of_threads() {
    for set in ["steady-1s", "v060-1s", "v060-oom"] {
        let paths = recorded(set, &["v2.1-machinestats"]);
        let folder: &Path = paths[0].parent().unwrap();
        the_same(&["points", text(folder)]).ends_with(0);
        the_same(&["points", "--format=ndjson", "--machine-by-folder", text(folder)]).ends_with(0);
    }
}

#[test]
fn inspect_is_the_same_for_any_number_of_threads() {
    let folder = mixed();
    for format in ["table", "json"] {
        the_same(&["inspect", "--format", format, text(folder.path())]).ends_with(1);
    }
}

#[test]
fn standard_input_is_unpacked_beside_parsing_with_the_same_result() {
    let many = format!("{}\n", dump()).repeat(20_000);
    let damaged = &gzip(&many)[..gzip(&many).len() / 2];
    for input in [many.as_bytes(), &gzip(&many), &zstd(&many), damaged, b"no dump"] {
        let one = fed(&["points", "--threads", "1"], input);
        for threads in ["2", "5"] {
            assert_eq!(told(&fed(&["points", "--threads", threads], input)), told(&one));
        }
    }
}

/// The second dump's first two samples are as long as the first dump's first, and end alike.
#[test]
fn a_sample_hidden_in_what_looks_like_a_copy_is_found_where_each_is_walked_through() {
    let two = format!("{},{}", sample(0, 0), sample(5, 1_000));
    let padded = |pad: &str| {
        let end = format!(r#"}}}},"x":{{"{pad}":{{"y":1000}}}}}}"#);
        sample(0, 0).replace("}}}", &end)
    };
    let known = padded(&"x".repeat(two.len() - padded("").len()));
    assert_eq!((known.len(), &known[known.len() - 8..]), (two.len(), &two[two.len() - 8..]));
    let dumps = [known, two].map(|first| dump_of("/docker", &[first, sample(10, 3_000)]));
    let input = dumps.join("\n");
    let points = |args: &[&str]| common::cpu(&fed(args, &input).ends_with(0).points());
    assert_eq!(points(&["points", "--verify"]), common::CPU_OF_DUMP);
    assert_eq!(points(&["points"]), [(0, Some(1_500)), (5, Some(1_500)), (10, None)]);
}

#[test]
fn a_number_of_threads_that_cannot_be_is_refused() {
    for number in ["0", "-1", "many", "1025", ""] {
        let run = cmetrics(["points", "--threads", number]).ends_with(2);
        assert!(run.stderr.contains("a whole number from 1 to 1024"), "{}", run.stderr);
    }
}
