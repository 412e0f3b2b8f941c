//! Recorded dumps, unchanged.

use std::path::PathBuf;

use crate::common::{data, recorded, unpacked};
use crate::differential::harness::Harness;
use crate::differential::structured::DOCUMENTS;

/// All recordings, sorted so that sets and endpoints follow one another.
fn all() -> Vec<PathBuf> {
    let sets = std::fs::read_dir(data().join("recorded")).unwrap();
    let files = sets.flat_map(|set| std::fs::read_dir(set.unwrap().path()).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "gz"));
    paths.sort();
    assert!(paths.len() > 100, "{} recordings", paths.len());
    paths
}

/// Each recording is read in one mode, in turn. The parsers are reused from file to file, with what
/// they learnt.
#[test]
fn all_paths_read_the_same_from_every_recording() {
    // Two harnesses share the work, since most machines have more than one core.
    let paths = all();
    let agree = |half: usize| {
        let mut harness = Harness::new(1).turned(half);
        for path in paths.iter().skip(half).step_by(2) {
            harness.agree_exactly(&path.display().to_string(), unpacked(path).as_bytes());
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| agree(1));
        agree(0);
    });
}

/// The parser chooses where its blocks end. White space before a long document moves the ends to
/// other places of the document.
#[test]
fn it_does_not_matter_where_blocks_end_in_a_long_document() {
    let mut harness = Harness::new(1);
    let text = unpacked(&recorded("steady-1s", "v1.2-docker")[2]);
    assert!(text.len() > 700_000, "{} bytes", text.len());
    // A sample is about 5 000 bytes long.
    for blanks in (0..40).map(|n| n * 131).chain([1, 2, 3, 31, 32, 33, 63, 64, 65]) {
        let moved = format!("{}{text}", " ".repeat(blanks));
        harness.agree_exactly(&format!("{blanks} blanks"), moved.as_bytes());
    }
}

#[test]
fn all_paths_read_the_same_from_a_small_document_in_every_way() {
    let mut harness = Harness::new(usize::MAX);
    for (number, text) in DOCUMENTS.iter().enumerate().filter(|(number, _)| number % 2 == 1) {
        harness.agree_exactly(&format!("document {number}"), text.as_bytes());
    }
}

#[test]
fn all_paths_read_the_same_from_documents_in_a_row() {
    let mut harness = Harness::new(300_000);
    for separator in ["", "\n", "\r\n", "\n\n", " ", "\t \n", ","] {
        for first in 0..DOCUMENTS.len() {
            let mut documents: Vec<&str> =
                DOCUMENTS.into_iter().cycle().skip(first).take(3).collect();
            documents.push(documents[0]);
            documents.insert(first % 4, ["{}", "null", "[]", "7"][first % 4]);
            let text = documents.join(separator);
            let what = format!("{first} and others after {separator:?}");
            harness.agree_exactly(&what, text.as_bytes());
            harness.agree_exactly(&what, format!("\u{feff}{text}").as_bytes());
            harness.agree_exactly(&what, format!("[{}]", documents.join(" ,")).as_bytes());
        }
    }
}
