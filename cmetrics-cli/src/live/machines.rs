//! Machines as arguments name them.

use cmetrics_live::Machine;

/// A machine: its address, or its name and address with a `=` between.
///
/// # Errors
/// What is wrong with the address.
pub(super) fn machine(text: &str) -> Result<Machine, String> {
    let (name, address) = match text.split_once('=') {
        // A `=` may be in the path of a URL.
        Some((name, address)) if !name.contains('/') => (Some(name.trim().to_owned()), address),
        _ => (None, text),
    };
    let address = address.parse().map_err(|error: cmetrics_live::Error| error.to_string())?;
    Ok(Machine::new(name, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_stand_before_the_address() {
        let shown = |text| machine(text).map(|one| format!("{} {}", one.name, one.address));
        assert_eq!(shown("node7").unwrap(), "node7:8080 http://node7:8080");
        assert_eq!(shown("a=node7:1").unwrap(), "a http://node7:1");
        assert_eq!(shown("http://h:1/x=y").unwrap(), "h:1 http://h:1/x=y");
        assert!(shown("a=").is_err());
    }
}
