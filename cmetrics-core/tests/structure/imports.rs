//! Which file of a crate uses which, by its `use` lines and paths, as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::sources::sources;

/// A module's path; the crate's own is empty.
pub(super) type Module = Vec<String>;

/// The files of a crate, tests aside.
pub(super) struct Crate {
    /// What each module uses: the name by which it knows that, and the path.
    uses: BTreeMap<Module, Vec<(String, Module)>>,
}

const OF_TESTS: [&str; 6] = ["tests", "models", "stopped", "simulated", "fuzz", "rig"];

impl Crate {
    pub(super) fn read(root: &Path) -> Self {
        let read = |path: &PathBuf| {
            let module = module_of(path.strip_prefix(root).unwrap())?;
            Some((module, without_tests(&fs::read_to_string(path).unwrap())))
        };
        let texts: BTreeMap<_, _> = sources(root).iter().filter_map(read).collect();
        let modules: BTreeSet<Module> = texts.keys().cloned().collect();
        let uses = texts.into_iter().map(|(module, text)| {
            let used = used(&text, &module, &modules);
            (module, used)
        });
        Self { uses: uses.collect() }
    }

    /// From each file to those that it uses, which need not be those that its paths name: what is
    /// exported anew is followed to where it stands. A folder's `mod.rs` is not among what the
    /// folder's own files use: it has what they have in common.
    pub(super) fn arrows(&self) -> Vec<(Module, Module)> {
        let mut arrows = Vec::new();
        for (module, used) in &self.uses {
            for (_, path) in used {
                let file = self.file_of(path, 0);
                if !module.starts_with(&file) {
                    arrows.push((module.clone(), file));
                }
            }
        }
        arrows
    }

    /// The file in which what a path names stands.
    fn file_of(&self, path: &[String], steps: usize) -> Module {
        const MOST: usize = 9;
        let length = (0..=path.len()).rev().find(|end| self.uses.contains_key(&path[..*end]));
        let (file, rest) = path.split_at(length.unwrap_or(0));
        let Some((name, behind)) = rest.split_first() else { return file.to_vec() };
        let exported = self.uses[file].iter().find(|(known, _)| known == name);
        match exported {
            Some((_, to)) if steps < MOST && to != path => {
                self.file_of(&[to, behind].concat(), steps + 1)
            }
            _ => file.to_vec(),
        }
    }
}

/// The module that a file of the crate is; `None` for one of tests.
fn module_of(path: &Path) -> Option<Module> {
    let stem = path.with_extension("");
    let names = stem.iter().map(|name| name.to_str().unwrap().to_owned());
    let mut module: Module = names.collect();
    let is_folders = module.last().is_some_and(|name| name == "mod") || module == ["lib"];
    module.truncate(module.len() - usize::from(is_folders));
    let is_of_tests = module.iter().any(|name| OF_TESTS.contains(&&**name));
    (!is_of_tests).then_some(module)
}

/// The code of a file, without comments and what is behind it for tests.
fn without_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

/// All that a module names of the crate: the name by which it knows that, and the path.
fn used(code: &str, module: &Module, modules: &BTreeSet<Module>) -> Vec<(String, Module)> {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut left = code;
    while let Some((before, behind)) = next_use(left) {
        let (tree, behind) = behind.split_once(';').unwrap_or((behind, ""));
        rest += before;
        each_path(&tree.split_whitespace().collect::<Vec<_>>().join(" "), "", &mut |path| {
            let (path, name) = path.split_once(" as ").unwrap_or((path, ""));
            let path = path.trim().trim_end_matches("::self");
            let name = if name.is_empty() { path.rsplit("::").next().unwrap() } else { name };
            let path: Vec<_> = path.split("::").collect();
            uses.extend(
                absolute(&path, module, modules).map(|path| (name.trim().to_owned(), path)),
            );
        });
        left = behind;
    }
    rest += left;
    // Paths that stand in the code itself.
    for start in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(start) {
            let is_path = |char: char| char.is_alphanumeric() || char == '_' || char == ':';
            let path = rest[at..].split(|char| !is_path(char)).next().unwrap_or_default();
            let is_inner = rest[..at].ends_with("::") || rest[..at].ends_with('_');
            if !is_inner && !rest[..at].ends_with("pub(in ") {
                let path: Vec<_> = path.trim_end_matches(':').split("::").collect();
                uses.extend(absolute(&path, module, modules).map(|path| (String::new(), path)));
            }
        }
    }
    uses
}

/// What stands before and behind the next `use`.
fn next_use(code: &str) -> Option<(&str, &str)> {
    let starts = |at: &usize| code[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let at = code.match_indices("use ").map(|(at, _)| at).find(starts)?;
    Some((&code[..at], &code[at + "use ".len()..]))
}

/// Each path of a tree of `use`, behind what stands before the tree.
fn each_path(tree: &str, before: &str, give: &mut dyn FnMut(&str)) {
    let tree = tree.trim();
    let Some((start, inner)) = tree.split_once('{') else {
        if !tree.is_empty() {
            give(&format!("{before}{tree}"));
        }
        return;
    };
    let inner = &inner[..inner.rfind('}').unwrap_or(inner.len())];
    let (mut depth, mut from) = (0, 0);
    for (at, char) in inner.char_indices().chain([(inner.len(), ',')]) {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                each_path(&inner[from..at], &format!("{before}{start}"), give);
                from = (at + 1).min(inner.len());
            }
            _ => {}
        }
    }
}

/// A path from the crate on; `None` for one of another crate.
fn absolute(path: &[&str], module: &Module, modules: &BTreeSet<Module>) -> Option<Module> {
    let own = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Module>();
    match *path.first()? {
        "crate" => Some(own(&path[1..])),
        "self" => Some([module.clone(), own(&path[1..])].concat()),
        "super" => {
            let up = path.iter().take_while(|part| **part == "super").count();
            let above = &module[..module.len().saturating_sub(up)];
            Some([above.to_vec(), own(&path[up..])].concat())
        }
        first => {
            let child = [module.clone(), own(&[first])].concat();
            modules.contains(&child).then(|| [module.clone(), own(path)].concat())
        }
    }
}
