//! What the README shows is what happens. What it shows in Python is run by the wheel's tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::path::Path;
#[cfg(unix)]
use std::process::Command;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The README's code blocks in this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let begins = format!("```{language}\n");
    let blocks = readme.split(&begins).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A folder to run commands in: with what they read, and room for what they write.
#[cfg(unix)]
fn workplace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (core, link) = (repository().join("cmetrics-core"), folder.path().join("cmetrics-core"));
    std::os::unix::fs::symlink(core, link).unwrap();
    folder
}

#[cfg(unix)]
#[test]
fn the_commands_print_what_the_readme_shows() {
    let binary = Path::new(env!("CARGO_BIN_EXE_cmetrics")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let (workplace, mut commands) = (workplace(), 0);
    for block in blocks("console") {
        for shown in block.split("$ ").skip(1) {
            let (command, expected) = shown.split_once('\n').unwrap();
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).current_dir(workplace.path()).env("PATH", &path);
            assert_eq!(common::run(&mut shell).stdout, expected, "{command}");
            commands += 1;
        }
    }
    assert_eq!(commands, 6);
}

#[test]
fn the_programs_are_those_of_the_examples() {
    let (blocks, examples) = (blocks("rust"), ["first_points.rs", "recording.rs"]);
    assert_eq!(blocks.len(), examples.len());
    for (block, example) in blocks.iter().zip(examples) {
        let program = std::fs::read_to_string(repository().join("examples").join(example)).unwrap();
        assert!(program.ends_with(block), "examples/{example} is not what the README shows");
    }
}
