//! The layers of the configuration: flags over the environment over a file over defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::file;
use super::near::unknown;
use super::setting::{Effective, Origin, Setting};
use crate::args::{Kind, SERVE_OPTIONS, ServeArgs, ServeOption};

/// All options by key, each as the highest layer has it that sets it.
#[derive(Debug, Default)]
pub(super) struct Layers {
    set: BTreeMap<&'static str, Setting>,
    /// What is wrong with a layer, so that there is no configuration.
    pub(super) problems: Vec<String>,
    /// What may be a mistake.
    pub(super) notes: Vec<String>,
}

/// The variables of the environment that name the configuration file, or are no options.
const FILE_VARIABLE: &str = "CMETRICS_CONFIG";

/// A variable of the environment, and what it is; `None` if that is no text.
pub(super) type Variable = (String, Option<String>);

impl Layers {
    /// Reads all layers.
    pub(super) fn read(args: &ServeArgs, environment: &[Variable]) -> Self {
        let mut layers = Self::default();
        for option in SERVE_OPTIONS {
            layers.set(option, Setting { values: default_of(option), origin: Origin::Default });
        }
        if let Some(path) = file_named(args, environment) {
            let (set, problems) = file::read(&path);
            layers.problems.extend(problems);
            for (option, setting) in set {
                layers.set(option, setting);
            }
        }
        layers.read_environment(environment);
        for (option, values) in &args.given {
            let values = values.clone();
            layers.set(option, Setting { values, origin: Origin::Flag });
        }
        layers
    }

    fn set(&mut self, option: &'static ServeOption, setting: Setting) {
        self.set.insert(option.key, setting);
    }

    fn read_environment(&mut self, environment: &[Variable]) {
        let mut rest: Vec<_> =
            environment.iter().filter(|(name, _)| name.starts_with("CMETRICS_")).collect();
        for option in SERVE_OPTIONS {
            let name = option.variable();
            let Some(at) = rest.iter().position(|(known, _)| *known == name) else { continue };
            match &rest.swap_remove(at).1 {
                Some(text) => {
                    let values = split(option.kind, text);
                    self.set(option, Setting { values, origin: Origin::Environment });
                }
                None => self.problems.push(format!("{name} in the environment is no text")),
            }
        }
        // No errors: Kubernetes sets such variables for each service, as CMETRICS_SERVICE_HOST.
        let names: Vec<_> = SERVE_OPTIONS.iter().map(ServeOption::variable).collect();
        for (name, _) in rest.into_iter().filter(|(name, _)| *name != FILE_VARIABLE) {
            if let Some(near) = names.iter().find(|near| is_misspelt(name, near)) {
                self.notes.push(unknown("variable", name, std::iter::once(&**near)));
            }
        }
    }

    /// What an option is set to.
    pub(super) fn get(&self, key: &str) -> Option<&Setting> {
        self.set.get(key)
    }

    /// Whether a layer sets an option.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.get(key).is_some_and(|setting| setting.origin != Origin::Default)
    }

    /// What all options are set to.
    pub(super) fn effective(&self) -> Effective {
        let values = self.set.iter().map(|(key, setting)| (*key, setting.values.clone()));
        Effective(values.collect())
    }

    /// The value of an option that has one, if it is set to any.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.values.last().map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The values of an option that has several.
    pub(super) fn list(&self, key: &str) -> &[String] {
        self.get(key).map_or(&[], |setting| &setting.values)
    }

    /// What the value of an option is read as; what is wrong with it is noted.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(text) = self.text(key) else {
            // One that has a default has no other meaning without a value.
            if SERVE_OPTIONS.iter().any(|option| option.key == key && !option.default.is_empty()) {
                self.refuse(key, " is empty: expected a value");
            }
            return None;
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.refuse(key, format_args!(" {problem}"));
                None
            }
        }
    }

    /// Notes what is wrong with the value of an option, and where it is from. The problem goes on
    /// after the name, so it begins with a blank or a colon.
    pub(super) fn refuse(&mut self, key: &str, problem: impl fmt::Display) {
        let Some(option) = SERVE_OPTIONS.iter().find(|option| option.key == key) else { return };
        let origin = self.get(key).map_or(&Origin::Default, |setting| &setting.origin);
        let name = origin.name_of(option);
        self.problems.push(format!("{name}{problem}"));
    }
}

/// Whether one name was probably meant to be the other: a letter or, in a longer one, two differ.
fn is_misspelt(name: &str, known: &str) -> bool {
    const LONG: usize = "CMETRICS_LISTEN".len();
    strsim::osa_distance(name, known) <= if known.len() >= LONG { 2 } else { 1 }
}

/// The configuration file: that of the flag, else that of the environment.
fn file_named(args: &ServeArgs, environment: &[Variable]) -> Option<PathBuf> {
    let of_environment = || environment.iter().find(|(name, _)| name == FILE_VARIABLE)?.1.clone();
    args.config.clone().or_else(of_environment).filter(|name| !name.is_empty()).map(PathBuf::from)
}

fn default_of(option: &ServeOption) -> Vec<String> {
    split(option.kind, option.default)
}

/// The values in a text: of lists and tables those between commas.
fn split(kind: Kind, text: &str) -> Vec<String> {
    match kind {
        Kind::List | Kind::Table => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        }
        _ => vec![text.to_owned()],
    }
}
