//! What cAdvisor's storage drivers for Kafka, Elasticsearch and Redis write: objects of one sample
//! of one container, with the names of the container and of the machine.

use crate::container::Container;
use crate::parse::cursor::{Cursor, SyntaxError, unquote};

/// Reads the object ahead: the container, if it is named, and its sample.
pub(in crate::parse) fn driver_sample<'t>(
    cursor: &mut Cursor<'t>,
) -> Result<(Option<Container>, Option<Cursor<'t>>), SyntaxError> {
    let (mut machine, mut name, mut id, mut sample) = (None, None, None, None);
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.next_key(&mut members)? {
        cursor.peek();
        let value = cursor.clone();
        let text = unquote(cursor.skip()?);
        let text = text.map(String::from).filter(|text| !text.is_empty());
        match &*key {
            "machine_name" => machine = machine.or(text),
            "container_Name" => name = name.or(text),
            "container_Id" => id = id.or(text),
            "container_stats" => sample = sample.or(Some(value)),
            _ => {}
        }
    }
    Ok((container(machine, name.as_deref(), id), sample))
}

/// The container of these names. The drivers write the first alias of a container that has one,
/// and else its cgroup path. An alias alone is of one machine.
fn container(machine: Option<String>, name: Option<&str>, id: Option<String>) -> Option<Container> {
    let alias = name.filter(|name| !name.starts_with('/'));
    let path = match (name, &id, &machine) {
        (Some(path), _, _) if path.starts_with('/') => path.to_owned(),
        (_, Some(id), _) => id.clone(),
        (Some(alias), None, Some(machine)) => format!("{machine}:{alias}"),
        (Some(alias), None, None) => alias.to_owned(),
        (None, None, _) => return None,
    };
    let mut container = Container::at_path(path);
    container.machine = machine;
    container.id = id;
    container.aliases.extend(alias.map(str::to_owned));
    Some(container)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(machine: &str, name: &str, id: &str) -> Option<String> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        container(text(machine), text(name).as_deref(), text(id))
            .map(|container| container.name(None))
    }

    #[test]
    fn a_container_is_called_by_its_id_its_path_or_its_alias_on_its_machine() {
        let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
        for (machine, alias, container_id, expected) in [
            ("node1", "web", id, Some(id)),
            ("node1", "web", "", Some("node1:web")),
            ("", "web", "", Some("web")),
            ("node1", "/system.slice/ssh.service", "", Some("node1:/system.slice/ssh.service")),
            ("", "/", "", Some("/")),
            ("node1", "", id, Some(id)),
            ("node1", "", "", None),
        ] {
            assert_eq!(name(machine, alias, container_id).as_deref(), expected);
        }
        let path = format!("/docker/{id}");
        assert_eq!(name("node1", &path, "").as_deref(), Some(id));
    }
}
