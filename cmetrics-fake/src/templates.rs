//! The texts of samples, by what is in them.

use crate::machine::Kind;
use crate::options::Form;
use crate::sample::Template;

/// The texts of samples: of v1.3 and v2.1, with a network and without.
#[derive(Debug)]
pub(crate) struct Templates([[Template; 2]; 2]);

impl Templates {
    pub(crate) fn new(form: Form) -> Self {
        let texts = match form {
            Form::Full => {
                [include_str!("templates/full.json"), include_str!("templates/full_v2.json")]
            }
            Form::Small => {
                [include_str!("templates/small.json"), include_str!("templates/small_v2.json")]
            }
        };
        let both = |text: &str| [Template::new(text), Template::new(&without_network(text))];
        Self(texts.map(both))
    }

    pub(crate) fn of(&self, kind: Kind, version: Version) -> &Template {
        let [[first, first_bare], [second, second_bare]] = &self.0;
        match (version, kind) {
            (Version::One, Kind::Parent) => first_bare,
            (Version::One, _) => first,
            (Version::Two, Kind::Parent) => second_bare,
            (Version::Two, _) => second,
        }
    }
}

/// The text of a sample without what is in its network, which has no brackets in texts.
fn without_network(text: &str) -> String {
    let Some((before, rest)) = text.split_once("\"network\":") else { return text.to_owned() };
    let mut depth = 0;
    let end = rest.find(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    });
    let after = rest.get(end.unwrap_or(0) + 1..).unwrap_or_default();
    format!("{before}{}", after.trim_start_matches(','))
}

/// A form of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}
