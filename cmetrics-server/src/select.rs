//! Which containers a request is about.

use std::ops::Range;

use cmetrics_core::container::Identity;
use cmetrics_core::store::Bearer;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{Cancel, Store};

use crate::alias;
use crate::contract::Parameter;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) const CONTAINER: Parameter = Parameter::often(
    "container",
    "a name, the beginning of an id, an alias or a cgroup path",
    "Containers by any of their names; RUNTIME:// may stand before an id. Of several that had an \
     alias one after another, the latest.",
);
pub(crate) const MACHINE: Parameter =
    Parameter::often("machine", "the name of a machine", "Containers of this machine.");
pub(crate) const NAME: Parameter = Parameter::often(
    "name",
    "a name, with * for any text",
    "Containers whose points have this name: an id, or a cgroup path behind the machine's name.",
);
pub(crate) const ALIAS: Parameter =
    Parameter::often("alias", "an alias, with * for any text", "Containers with this alias.");
pub(crate) const IMAGE: Parameter =
    Parameter::often("image", "an image, with * for any text", "Containers of this image.");
pub(crate) const LABEL: Parameter =
    Parameter::often("label", "KEY=VALUE", "Containers with this label: all that are given.");
pub(crate) const ALL_BEARERS: Parameter = Parameter::once(
    "all_bearers",
    "1 or 0",
    "All containers that had an alias, not only the latest.",
);

/// What is answered to a word of [`CONTAINER`] that cannot be taken.
pub(crate) const UNKNOWN: (u16, &str) = (404, "A word of `container` stands for none.");
pub(crate) const AMBIGUOUS: (u16, &str) =
    (409, "A word of `container` is the beginning of several ids, or an alias that several have.");

/// Which containers a request is about: all that fit each parameter that is given, and of a
/// parameter that is given several times, any value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    words: Vec<String>,
    machines: Vec<String>,
    names: Vec<String>,
    aliases: Vec<String>,
    images: Vec<String>,
    labels: Vec<(String, String)>,
    all_bearers: bool,
}

impl Selection {
    pub(crate) fn read(query: &Query) -> Result<Self, Problem> {
        let all = |name: &str| query.all(name).map(str::to_owned).collect::<Vec<_>>();
        let label = |text: &str| {
            let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
            let pair = pair.map(|(key, value)| (key.to_owned(), value.to_owned()));
            pair.ok_or_else(|| query.refused("label", text))
        };
        let words = query.all("container").map(|word| match without_runtime(word) {
            "" => Err(query.refused("container", word)),
            word => Ok(word.to_owned()),
        });
        Ok(Self {
            words: words.collect::<Result<_, _>>()?,
            machines: all("machine"),
            names: all("name"),
            aliases: all("alias"),
            images: all("image"),
            labels: query.all("label").map(label).collect::<Result<_, _>>()?,
            all_bearers: query.is_on("all_bearers")?,
        })
    }

    /// Whether it is about all containers.
    pub(crate) fn is_all(&self) -> bool {
        let lists = [&self.words, &self.machines, &self.names, &self.aliases, &self.images];
        lists.iter().all(|list| list.is_empty()) && self.labels.is_empty()
    }

    /// Whether it is about this container.
    pub(crate) fn has(&self, identity: &Identity) -> bool {
        let is_called = |word: &String| {
            let is_it = |name: &String| name == word;
            **identity.name() == **word
                || identity.aliases().iter().chain(identity.paths()).any(is_it)
                || identity.id().is_some_and(|id| id.starts_with(&**word))
        };
        (self.words.is_empty() || self.words.iter().any(is_called)) && self.has_besides(identity)
    }

    /// Whether it is about this container, apart from the words for it.
    fn has_besides(&self, identity: &Identity) -> bool {
        let is_of = |machine: &String| identity.machine() == Some(machine);
        (self.machines.is_empty() || self.machines.iter().any(is_of))
            && any_fits(&self.names, [&**identity.name()])
            && any_fits(&self.aliases, identity.aliases().iter().map(String::as_str))
            && any_fits(&self.images, identity.image())
            && identity.has_labels(self.labels.iter().map(|(key, value)| (key, value)))
    }

    /// The containers of the store that it is about, with points in this range of seconds, by name.
    pub(crate) fn bearers(
        &self,
        store: &Store,
        cancel: &Cancel,
        range: Range<u64>,
    ) -> Result<Vec<Bearer>, Problem> {
        let asked = range.clone();
        self.found(store, cancel, range, Some(&asked))
    }

    /// The same of all time. Of an alias, only one may have had it at once in a range of seconds.
    pub(crate) fn bearers_ever(
        &self,
        store: &Store,
        cancel: &Cancel,
        asked: &Range<u64>,
    ) -> Result<Vec<Bearer>, Problem> {
        self.found(store, cancel, 0..u64::MAX, Some(asked))
    }

    /// All of the store that [`has`](Self::has) accepts, with points from a second on. A word may
    /// stand for none yet, and an alias for several, as in the stream that follows.
    pub(crate) fn all_since(
        &self,
        store: &Store,
        cancel: &Cancel,
        from: u64,
    ) -> Result<Vec<Bearer>, Problem> {
        let mut all = store.until(cancel).containers()?;
        all.retain(|one| one.last.end() > from && self.has(&one.identity));
        Ok(all)
    }

    /// The end of the newest point of all time.
    pub(crate) fn newest_end(
        &self,
        store: &Store,
        cancel: &Cancel,
    ) -> Result<Option<u64>, Problem> {
        // Whichever of several containers is meant, the newest point is that of the latest.
        let ever = self.found(store, cancel, 0..u64::MAX, None)?;
        Ok(ever.iter().map(|one| one.last.end()).max())
    }

    /// Those with points in a range. Of an alias, all that had it are found unless it is told in
    /// which range only one may have had it at once.
    fn found(
        &self,
        store: &Store,
        cancel: &Cancel,
        range: Range<u64>,
        asked: Option<&Range<u64>>,
    ) -> Result<Vec<Bearer>, Problem> {
        let mut found = Vec::new();
        if self.words.is_empty() {
            found = match self.labels.as_slice() {
                [] => store.until(cancel).containers()?,
                labels => store.until(cancel).find_labelled(
                    labels.iter().map(|(key, value)| (key, value)),
                    unix_seconds(range.clone()),
                )?,
            };
        }
        let is_wanted = |one: &Bearer| {
            let overlaps = one.first.start() < range.end && one.last.end() > range.start;
            overlaps && self.has_besides(&one.identity)
        };
        let width = store.settings().interval().as_secs();
        for word in &self.words {
            let mut called = store.find(word, unix_seconds(range.clone()))?;
            // Before one of several is chosen: what else is asked for may leave only one.
            called.retain(is_wanted);
            match asked {
                Some(asked) if !self.all_bearers => {
                    found.extend(alias::latest(&called, word, asked, width)?);
                }
                _ => found.extend(called),
            }
        }
        found.retain(is_wanted);
        found.sort_by(|left, right| left.identity.name().cmp(right.identity.name()));
        found.dedup_by(|left, right| left.identity.name() == right.identity.name());
        Ok(found)
    }
}

/// The id behind `RUNTIME://`, as Kubernetes writes it; or the word as it is.
pub(crate) fn without_runtime(word: &str) -> &str {
    let word = word.trim();
    let is_runtime = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match word.split_once("://") {
        Some((runtime, id)) if is_runtime(runtime) => id,
        _ => word,
    }
}

/// Whether any name fits any pattern; all do if there is no pattern.
fn any_fits<'n>(patterns: &[String], names: impl IntoIterator<Item = &'n str>) -> bool {
    let fits_one = |name: &str| patterns.iter().any(|pattern| fits(pattern, name));
    patterns.is_empty() || names.into_iter().any(fits_one)
}

/// Whether a name fits a pattern, in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let all = ["web", "web-1", "my-web"];
        let fit = |pattern: &str| all.iter().filter(|name| fits(pattern, name)).count();
        assert_eq!([fit("web"), fit("web*"), fit("*web"), fit("*"), fit("w*b*1")], [1, 2, 2, 3, 1]);
        assert!(!fits("aa*a", "aa"));
        assert!(!fits("a*b*c", "ac"));
        assert!(fits("", ""));
    }

    #[test]
    fn any_runtime_may_stand_before_an_id() {
        for word in ["docker://ab", "containerd://ab", "cri-o://ab", " ab "] {
            assert_eq!(without_runtime(word), "ab");
        }
        assert_eq!(without_runtime("node 7://ab"), "node 7://ab");
        assert_eq!(without_runtime("docker://"), "");
    }
}
