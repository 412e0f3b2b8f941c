//! A machine that is polled.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::error::{Error, ErrorKind};

/// A machine that is polled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its name, which stands before its cgroup paths.
    pub name: String,
    /// Where it is asked.
    pub address: Address,
}

/// What [`Live::add`](crate::Live::add) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Added {
    /// It was added.
    New,
    /// A machine of this name and address was there already.
    Known,
}

/// The longest name, in bytes.
const LONGEST_NAME: usize = 255;

impl Machine {
    /// A machine with this name; without one it is called `host:port`.
    pub fn new(name: Option<String>, address: Address) -> Self {
        Self { name: name.unwrap_or_else(|| address.host_and_port()), address }
    }

    /// Refuses names that could not stand before a path, would garble a line of text, or that no
    /// URL can address: `.` and `..` are resolved before a request is sent.
    pub(crate) fn check_name(&self) -> Result<(), Error> {
        let name = &self.name;
        let is_plain = !name.chars().any(|c| c.is_control() || c.is_whitespace());
        let is_step = matches!(&**name, "." | "..");
        let is_as_long = (1..=LONGEST_NAME).contains(&name.len());
        if is_plain && is_as_long && !is_step && !name.contains(":/") {
            return Ok(());
        }
        let message = format!(
            "the name {name:?} cannot be a machine's: expected 1 to {LONGEST_NAME} bytes without \
             white space and control characters, without a colon directly before a slash, and \
             neither \".\" nor \"..\""
        );
        Err(Error::new(ErrorKind::Name, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_stand_before_a_path_and_be_addressed() {
        let checked = |name: &str| {
            let address = "10.0.0.1".parse().unwrap();
            Machine::new(Some(name.to_owned()), address).check_name().is_ok()
        };
        assert!(["a", "a:8080", "a/b", "...", ".a"].into_iter().all(checked));
        assert!(!["", ".", "..", "a:/b", "a b", "a\n"].into_iter().any(checked));
    }
}
