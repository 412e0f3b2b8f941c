//! What a container is called in its points.

/// The container's id where its cgroup is the container's own, else the cgroup path, with the
/// machine in front where the caller named one.
pub(crate) fn container_name(id: Option<&str>, path: &str, machine: Option<&str>) -> String {
    if let Some(id) = own_id(id, path) {
        return id;
    }
    // Ids are unique everywhere, cgroup paths only on one machine.
    match machine {
        Some(machine) => format!("{machine}:{path}"),
        None => path.to_owned(),
    }
}

/// Collectors give one id to several cgroups of a container: it names only the one that bears it
/// in its last component.
fn own_id(id: Option<&str>, path: &str) -> Option<String> {
    let mut components: Vec<&str> = path.split('/').collect();
    let last = components.pop()?;
    let is_container = |component: &str| id_in_component(None, component).is_some();
    if last.strip_suffix(".mount").is_some() || components.into_iter().any(is_container) {
        return None;
    }
    id_in_component(id, last)
}

/// `[prefix-]ID[.scope]`, behind the last `:`. ID is the dump's, or 64 hexadecimal digits.
fn id_in_component(told: Option<&str>, component: &str) -> Option<String> {
    let unit = component.rsplit(':').next()?;
    let bare = unit.strip_suffix(".scope").unwrap_or(unit);
    let told = told.filter(|id| !id.is_empty() && ends_in(bare, id));
    let digits = bare.rsplit('-').next().filter(|text| is_id(text));
    let id = told.or(digits)?;
    let prefix = bare.strip_suffix(id)?;
    // The monitor process beside a container, `libpod-conmon-ID.scope`, bears its id too.
    (!prefix.contains("conmon")).then(|| id.to_owned())
}

/// Whether the text is this id, or a prefix, `-` and this id.
fn ends_in(text: &str, id: &str) -> bool {
    text.strip_suffix(id).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('-'))
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
