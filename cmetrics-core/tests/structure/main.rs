//! How the crate is built: data flows one way, and no file leads back to itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]
#![allow(clippy::panic, reason = "tests")]

mod citations;
mod imports;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use imports::{Crate, Module};

fn core() -> Crate {
    Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The modules of the crate in the order in which `lib.rs` has them.
fn layers() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let layer = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    lib.lines().filter_map(layer).collect()
}

#[test]
fn each_module_uses_those_above_it_in_lib_rs_alone() {
    let layers = layers();
    assert!(layers.len() > 12, "{layers:?}");
    let place = |module: &Module| {
        let name = &module[0];
        layers.iter().position(|layer| layer == name).unwrap_or_else(|| panic!("{name} is none"))
    };
    let mut upward = BTreeSet::new();
    for (from, to) in core().arrows() {
        if !from.is_empty() && place(&from) < place(&to) {
            upward.insert(format!("{} uses {}", from.join("/"), to.join("/")));
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_file_leads_back_to_itself() {
    let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in core().arrows() {
        uses.entry(from).or_default().insert(to);
    }
    // Files that use none that is left are taken away until only those are left that lie on a
    // circle, or on a way to one.
    loop {
        let left: BTreeSet<_> = uses.keys().cloned().collect();
        for used in uses.values_mut() {
            used.retain(|module| left.contains(module));
        }
        uses.retain(|_, used| !used.is_empty());
        if uses.len() == left.len() {
            break;
        }
    }
    assert!(uses.is_empty(), "on a circle, or on a way to one: {uses:#?}");
}

#[test]
fn imports_are_followed_through_what_is_exported_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("lib.rs", "mod a;\nmod b;\npub use a::Thing;"),
        ("a/mod.rs", "mod inner;\npub use inner::{self as inside, Thing};\nfn own() {}"),
        ("a/inner.rs", "// use crate::b::No;\nuse super::own;\npub struct Thing;"),
        (
            "b.rs",
            "use crate::{Thing,\n    a::{inside::*, own}};\nuse std::fmt;\nfn f(_: crate::a::Thing) {}\n\
             #[cfg(test)]\nmod tests {\n    use crate::c::No;\n}",
        ),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let arrows = Crate::read(folder.path()).arrows();
    let arrows = arrows.iter().map(|(from, to)| (from.join("/"), to.join("/")));
    let arrows: BTreeSet<_> = arrows.filter(|(from, _)| !from.is_empty()).collect();
    let expected = [("a", "a/inner"), ("b", "a"), ("b", "a/inner")];
    assert_eq!(arrows, expected.map(|(from, to)| (from.to_owned(), to.to_owned())).into());
}

/// Folders that ARCHITECTURE.md has a section or a row for, and those that there are.
#[test]
fn the_architecture_page_speaks_of_each_folder_and_of_none_that_is_not_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // What is published does not have it.
    let Ok(page) = fs::read_to_string(root.join("ARCHITECTURE.md")) else { return };
    let headings = page.lines().filter(|line| line.starts_with("## "));
    let told: BTreeSet<String> = headings
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter_map(|word| word.strip_suffix('/').map(str::to_owned))
        .collect();
    let folders: BTreeSet<String> = fs::read_dir(root.join("cmetrics-core/src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, folders);
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        let cell = row.split('|').nth(1).unwrap();
        for path in cell.split('`').skip(1).step_by(2) {
            assert!(root.join(path).exists(), "{path} is not there");
        }
    }
}
