//! Under what the chains of one container are kept, where each needs a name of its own.

use crate::document::Door;

/// What stands between the name of a container and a door.
const BEFORE_DOOR: char = '\0';

/// The name of a chain of samples of this door, where another chain has the plain name.
pub(crate) fn of_door(told: &str, door: Door) -> String {
    format!("{told}{BEFORE_DOOR}{door}")
}

/// The name that documents tell of the chain of this name.
pub(crate) fn told(name: &str) -> &str {
    name.split_once(BEFORE_DOOR).map_or(name, |(told, _)| told)
}

/// The door of the chain of this name, if the name says it.
#[cfg(feature = "store")]
pub(crate) fn door(name: &str) -> Door {
    let door = name.split_once(BEFORE_DOOR).and_then(|(_, door)| door.parse().ok());
    door.unwrap_or_default()
}
