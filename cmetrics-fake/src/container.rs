//! Who a container is, and how replies describe it.

use crate::options::{MachineOptions, Runtime};
use crate::random::Random;
use crate::sample::{GO_ZERO, shown};

/// What containers are made of.
const IMAGES: [&str; 4] = ["nginx:1.29", "redis:8", "busybox:local", "postgres:18"];

/// A container of a fake machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FakeContainer {
    /// Its cgroup.
    pub path: String,
    /// The 64 hexadecimal digits that the runtime calls it by; empty for a cgroup that is none.
    pub id: String,
    /// The name that a user gave it; empty for a cgroup that is no container.
    pub alias: String,
    /// What it was made of.
    pub image: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    pub(crate) created: u64,
}

impl FakeContainer {
    /// A cgroup above containers.
    pub(crate) fn cgroup(path: &str, created: u64) -> Self {
        let (id, alias, image) = (String::new(), String::new(), String::new());
        Self { path: path.to_owned(), id, alias, image, labels: Vec::new(), created }
    }

    /// A container that was never there before.
    pub(crate) fn made(random: &mut Random, runtime: Runtime, alias: &str, created: u64) -> Self {
        let id = random.hex(64);
        let image = usize::try_from(random.between(0, 3)).ok().and_then(|which| IMAGES.get(which));
        let image = image.copied().unwrap_or_default();
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let labels = match runtime {
            Runtime::Kubernetes => vec![
                label("io.kubernetes.container.name", "main"),
                label("io.kubernetes.pod.name", alias),
                label("io.kubernetes.pod.namespace", "default"),
                label("io.kubernetes.pod.uid", id.get(..32).unwrap_or_default()),
            ],
            Runtime::Docker | Runtime::Podman => {
                let tier = if image.starts_with("nginx") { "front" } else { "back" };
                vec![label("com.example.tier", tier), label("com.example.name", alias)]
            }
        };
        Self {
            path: runtime.path(&id),
            id,
            alias: alias.to_owned(),
            image: image.to_owned(),
            labels,
            created,
        }
    }

    fn is_cgroup(&self) -> bool {
        self.id.is_empty()
    }

    /// The beginning of its v1.3 object: all but its samples, without the opening bracket.
    pub(crate) fn head(&self, started: u64, options: &MachineOptions) -> String {
        let spec = self.spec(started, options, "");
        if self.is_cgroup() {
            return format!("\"name\":\"{}\",\"spec\":{{{spec}}}", self.path);
        }
        format!(
            "\"id\":\"{id}\",\"name\":\"{path}\",\"aliases\":[\"{alias}\",\"{id}\"],\
             \"namespace\":\"{namespace}\",\"spec\":{{{spec}}}",
            id = self.id,
            path = self.path,
            alias = self.alias,
            namespace = options.runtime.namespace(),
        )
    }

    /// The same of v2.1.
    pub(crate) fn head_v2(&self, started: u64, options: &MachineOptions) -> String {
        let names = if self.is_cgroup() {
            String::new()
        } else {
            let namespace = options.runtime.namespace();
            let (alias, id) = (&self.alias, &self.id);
            format!("\"aliases\":[\"{alias}\",\"{id}\"],\"namespace\":\"{namespace}\",")
        };
        format!("\"spec\":{{{}}}", self.spec(started, options, &names))
    }

    fn spec(&self, started: u64, options: &MachineOptions, names: &str) -> String {
        let has_network = self.path == "/" || !self.is_cgroup();
        let start = if self.is_cgroup() { GO_ZERO.to_owned() } else { shown(started) };
        let labels: Vec<_> =
            self.labels.iter().map(|(key, value)| format!("\"{key}\":\"{value}\"")).collect();
        let more = if self.is_cgroup() {
            String::new()
        } else {
            format!(",\"labels\":{{{}}},\"image\":\"{}\"", labels.join(","), self.image)
        };
        format!(
            "\"creation_time\":\"{created}\",\"start_time\":\"{start}\",{names}\"has_cpu\":true,\
             \"cpu\":{{\"limit\":1024,\"max_limit\":0,\"mask\":\"0-{last}\",\"period\":100000}},\
             \"has_memory\":true,\"memory\":{{\"limit\":9223372036854771712,\
             \"reservation\":9223372036854771712,\"swap_limit\":9223372036854771712}},\
             \"has_hugetlb\":false,\"has_network\":{has_network},\"has_processes\":false,\
             \"has_filesystem\":false,\"has_diskio\":true,\"has_custom_metrics\":false{more}",
            created = shown(self.created),
            last = options.cores - 1,
        )
    }
}
