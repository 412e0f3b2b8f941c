//! What a container is called in its points.

/// The id where the dump has one, else the id in the cgroup path, else the path itself,
/// with the machine in front where the caller named one.
pub(crate) fn container_name(id: Option<&str>, path: &str, machine: Option<&str>) -> String {
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    if let Some(id) = id_in_path(path) {
        return id.to_owned();
    }
    // Ids are unique everywhere, cgroup paths only on one machine.
    match machine {
        Some(machine) => format!("{machine}:{path}"),
        None => path.to_owned(),
    }
}

fn id_in_path(path: &str) -> Option<&str> {
    let mut components: Vec<&str> = path.split('/').collect();
    let last = components.pop()?;
    // Anything below a container keeps its path, a container inside it too.
    if components.into_iter().any(|above| id_in_component(above).is_some()) {
        return None;
    }
    id_in_component(last)
}

/// `[prefix-]ID[.scope]`, after the last `:`.
fn id_in_component(component: &str) -> Option<&str> {
    let last = component.rsplit(':').next()?;
    let name = last.strip_suffix(".scope").unwrap_or(last);
    match name.rsplit_once('-') {
        None => is_id(name).then_some(name),
        Some((prefix, id)) => (is_id(id) && !is_conmon(prefix)).then_some(id),
    }
}

/// The monitor process beside a container, `libpod-conmon-ID.scope`, bears its id too.
fn is_conmon(prefix: &str) -> bool {
    prefix.split('-').any(|word| word == "conmon")
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
