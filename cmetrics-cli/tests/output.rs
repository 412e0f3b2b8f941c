//! Where the output goes: a file is whole or stays as it was, a device or pipe is written through,
//! and a pipe that nobody reads is no error.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{CPU_OF_DUMP, Run, cmetrics, cpu, dump, fed, folder, recorded, text};
use serde_json::Value;

fn points_in(path: &Path) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn write_to(path: &Path) -> Run {
    fed(&["points", "--output", text(path)], dump())
}

#[test]
fn a_file_has_the_points_and_standard_output_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.json");
    assert_eq!(write_to(&path).ends_with(0).stdout, "");
    assert_eq!(cpu(&points_in(&path)), CPU_OF_DUMP);
    assert_eq!(names_in(folder.path()), ["points.json"]);
}

#[test]
fn a_file_that_is_there_is_replaced_as_a_whole() {
    let folder = folder([("points.json", "x".repeat(100_000))]);
    let path = folder.path().join("points.json");
    write_to(&path).ends_with(0);
    assert_eq!(cpu(&points_in(&path)), CPU_OF_DUMP);
    assert_eq!(names_in(folder.path()), ["points.json"]);
}

#[test]
fn the_output_may_lie_in_the_folder_that_is_read() {
    let folder = folder([("now.json", dump())]);
    let path = folder.path().join("points.json");
    for skipped in [false, true] {
        let run = cmetrics(["points", "--output", text(&path), text(folder.path())]).ends_with(0);
        assert_eq!(run.stderr.contains("1 skipped file"), skipped, "{}", run.stderr);
        assert_eq!(cpu(&points_in(&path)), CPU_OF_DUMP);
    }
}

#[test]
fn damage_in_one_input_does_not_keep_the_rest_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.json");
    fed(&["points", "--output", text(&path)], format!("{}\n[]", dump())).ends_with(1);
    assert_eq!(cpu(&points_in(&path)), CPU_OF_DUMP);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing/points.json"), folder.path().to_owned()] {
        let run = cmetrics(["points", "--output", text(&path), "no-such-input"]).ends_with(1);
        run.has_one_error_with(&["cannot write", text(&path)]);
    }
    assert!(names_in(folder.path()).is_empty());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_has_the_permissions_of_an_ordinary_one() {
        let folder = tempfile::tempdir().unwrap();
        for (mask, expected) in [("022", 0o644), ("077", 0o600), ("000", 0o666)] {
            let path = folder.path().join(mask);
            let program = env!("CARGO_BIN_EXE_cmetrics");
            let line = format!("umask {mask}; exec '{program}' points -o '{}'", text(&path));
            let mut command = Command::new("sh");
            command.args(["-c", &line]);
            common::feed(command, dump()).ends_with(0);
            assert_eq!(mode(&path), expected, "{mask}");
        }
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = folder([("points.json", "before")]);
        let path = folder.path().join("points.json");
        for bits in [0o640, 0o666, 0o755] {
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            write_to(&path).ends_with(0);
            assert_eq!(mode(&path), bits);
        }
    }

    #[test]
    fn symbolic_links_are_followed() {
        let folder = folder([("real/points.json", "before")]);
        let real = folder.path().join("real/points.json");
        let link = folder.path().join("link.json");
        symlink("real/points.json", folder.path().join("between.json")).unwrap();
        symlink("between.json", &link).unwrap();
        write_to(&link).ends_with(0);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(cpu(&points_in(&real)), CPU_OF_DUMP);

        fs::remove_file(&real).unwrap();
        write_to(&link).ends_with(0);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(cpu(&points_in(&real)), CPU_OF_DUMP);
        assert_eq!(names_in(&folder.path().join("real")), ["points.json"]);
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        symlink("a", &path).unwrap();
        write_to(&path).ends_with(1).has_one_error_with(&["cannot write"]);
    }

    /// A device that a faulty program may replace without harm: for root one made for the test,
    /// for anybody else the machine's own. `None` where there is neither.
    fn device(folder: &Path, name: &str, minor: &str) -> Option<PathBuf> {
        let own = folder.join(name);
        let mut mknod = Command::new("mknod");
        mknod.arg(&own).args(["c", "1", minor]).stderr(Stdio::piped());
        if mknod.output().is_ok_and(|made| made.status.success()) {
            return fs::File::options().write(true).open(&own).is_ok().then_some(own);
        }
        let may_replace = tempfile::tempfile_in("/dev").is_ok();
        (!may_replace).then(|| Path::new("/dev").join(name))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let Some(null) = device(folder.path(), "null", "3") else { return };
        let before = fs::metadata(&null).unwrap().permissions();
        write_to(&null).ends_with(0);
        assert!(fs::metadata(&null).unwrap().file_type().is_char_device());
        assert_eq!(fs::metadata(&null).unwrap().permissions(), before);
        let link = folder.path().join("link");
        symlink(&null, &link).unwrap();
        write_to(&link).ends_with(0);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::metadata(&null).unwrap().file_type().is_char_device());
    }

    #[test]
    fn a_pipe_is_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reading = pipe.clone();
        let (sender, read) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(points_in(&reading)));
        write_to(&pipe).ends_with(0);
        assert_eq!(cpu(&read.recv_timeout(common::LIMIT).unwrap()), CPU_OF_DUMP);
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn standard_output_by_its_path_is_written_through_where_it_is_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("stdout");
        symlink("/proc/self/fd/1", &link).unwrap(); // as /dev/stdout is
        let run = write_to(&link).ends_with(0);
        assert_eq!(cpu(&run.points()), CPU_OF_DUMP);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let devices = tempfile::tempdir().unwrap();
        if let Some(full) = device(devices.path(), "full", "7") {
            write_to(&full).ends_with(1).has_one_error_with(&[text(&full), "space"]);
        }
        for command in [&["points"][..], &["inspect"], &["completions", "bash"]] {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let folder = folder([("now.json", dump())]);
            let mut command = common::command(command);
            if !command.get_args().any(|word| word == "bash") {
                command.arg(folder.path());
            }
            let child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
            let run = Run::of(common::output_of(child)).ends_with(1);
            run.has_one_error_with(&["cannot write standard output", "space"]);
        }
    }

    /// A limit on the file's size stands for the disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_could_not_be_written_whole_is_not_written() {
        let folder = folder([("points.json", "before")]);
        let path = folder.path().join("points.json");
        let dumps = recorded("dynamic", &["v1.2-docker"]);
        let program = env!("CARGO_BIN_EXE_cmetrics");
        // A file over the limit is a signal first; ignored, it is an error.
        let line = format!(
            "trap '' XFSZ; ulimit -f 8; exec '{program}' points -q -o '{}' '{}'",
            text(&path),
            text(dumps[0].parent().unwrap()),
        );
        let run = common::run(Command::new("sh").args(["-c", &line])).ends_with(1);
        run.has_one_error_with(&["cannot write", "points.json"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names_in(folder.path()), ["points.json"]);
    }

    #[test]
    fn an_interrupted_program_leaves_no_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.json");
        // Two samples far apart make enough points to be caught at it.
        let dump = common::dump_of("/docker", &[common::sample(0, 0), common::sample(3599, 1)]);
        let containers: String =
            (0..400).map(|index| dump.replace("/docker", &format!("/docker/{index}"))).collect();
        let input = folder.path().join("input");
        fs::write(&input, containers).unwrap();
        let options = ["points", "--interval", "1", "--max-gap", "100000", "--output"];
        let mut command = common::command(options);
        command.arg(&path).arg(&input).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let started = Instant::now();
        while names_in(folder.path()).len() == 1 && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        common::status_of(&mut child);
        // Where the machine was so fast that the file is there, it is whole.
        if path.exists() {
            assert_eq!(points_in(&path).len(), 400 * 3_600);
            fs::remove_file(&path).unwrap();
        }
        assert_eq!(names_in(folder.path()), ["input"]);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let dumps = recorded("dynamic", &["v1.2-docker"]);
    let dumps = dumps[0].parent().unwrap();
    for args in [
        vec!["points", "--format", "ndjson", text(dumps)],
        vec!["points", "--format", "csv", text(dumps)],
        vec!["inspect", text(dumps)],
        vec!["metrics"],
        vec!["completions", "zsh"],
        vec!["--help"],
    ] {
        let mut command = common::command(&args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let run = Run::of(common::output_of(child)).ends_with(0);
        assert_eq!(run.stderr, "", "{args:?}");
    }
}
