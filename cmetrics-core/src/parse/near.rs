//! Names what looks near to samples and has none, and what to ask for instead.

use crate::error::Problem;

/// Something that looks near to samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Near {
    what: &'static str,
    instead: &'static str,
}

const CADVISOR: &str = "ask for /api/v1.3/docker/ (containers), /api/v1.3/subcontainers/ (every \
                        cgroup) or /api/v2.1/stats/?recursive=true&count=120";
const MACHINE: &str = "it has no samples; those of the machine are in /api/v1.3/containers/, of \
                       containers in /api/v1.3/docker/ or /api/v2.1/stats/?recursive=true&count=120";
const SUMMARY: &str = "it has percentiles of a minute, an hour and a day, and no samples; ask for \
                       /api/v2.1/stats/?recursive=true&count=120 or /api/v1.3/docker/";
const ENGINE: &str = "save what the Engine answers to GET /containers/ID/stats?stream=false, or \
                      the stream without that";
const PODMAN: &str = "ask its service for GET /containers/ID/stats?stream=false";
const KUBELET: &str = "ask the kubelets: kubectl get --raw \
                       /api/v1/nodes/NODE/proxy/metrics/cadvisor, or …/proxy/stats/summary";
const PROMETHEUS: &str = "ask for the samples as text: \
                          /federate?match[]={__name__=~\"container_.*\"}, or the target's own page";

/// The keys by which an object is known.
const OBJECTS: [(&[&str], Near); 14] = [
    (
        &["num_cores"],
        Near { what: "cAdvisor's description of the machine (/machine)", instead: MACHINE },
    ),
    (&["event_type"], Near { what: "cAdvisor's events (/events)", instead: CADVISOR }),
    (&["latest_usage"], Near { what: "cAdvisor's summary (/api/v2.0/summary)", instead: SUMMARY }),
    (
        &["creation_time", "has_cpu"],
        Near { what: "cAdvisor's specifications (/api/v2.0/spec)", instead: CADVISOR },
    ),
    (
        &["mountpoint", "capacity"],
        Near { what: "cAdvisor's file systems (/api/v2.0/storage)", instead: CADVISOR },
    ),
    (
        &["user", "pid", "cmd"],
        Near { what: "cAdvisor's processes (/api/v2.0/ps)", instead: CADVISOR },
    ),
    (
        &["CPUPerc", "MemUsage"],
        Near { what: "the figures of `docker stats`, rounded for people", instead: ENGINE },
    ),
    (
        &["mem_usage", "cpu_percent"],
        Near { what: "the figures of `podman stats`, rounded for people", instead: PODMAN },
    ),
    (
        &["attributes", "writableLayer"],
        Near { what: "what `crictl stats` prints as JSON", instead: KUBELET },
    ),
    (
        &["attributes", "linux"],
        Near { what: "what `crictl statsp` prints as JSON", instead: KUBELET },
    ),
    (
        &["HostConfig", "State"],
        Near { what: "the description of a container (`docker inspect`)", instead: ENGINE },
    ),
    (
        &["metadata", "usage", "window"],
        Near { what: "rates of Kubernetes' metrics API (`kubectl top`)", instead: KUBELET },
    ),
    (
        &["metadata", "containers", "window"],
        Near { what: "rates of Kubernetes' metrics API (`kubectl top`)", instead: KUBELET },
    ),
    (
        &["resultType", "result"],
        Near { what: "an answer of Prometheus' query API", instead: PROMETHEUS },
    ),
];

/// The words in the first line by which a text is known, in lower case.
const TEXTS: [(&[&str], Near); 3] = [
    (
        &["cpu %", "mem usage"],
        Near { what: "the table of `docker stats`, rounded for people", instead: ENGINE },
    ),
    (
        &["cpu %", "inodes"],
        Near { what: "the table of `crictl stats`, rounded for people", instead: KUBELET },
    ),
    (
        &["cpu(cores)", "memory(bytes)"],
        Near { what: "the table of `kubectl top`, rounded for people", instead: KUBELET },
    ),
];

impl Near {
    /// What an object with these keys is.
    pub(super) fn of_keys(keys: &[String]) -> Option<Self> {
        let has = |key: &&str| keys.iter().any(|known| known == key);
        OBJECTS.iter().find(|(needed, _)| needed.iter().all(has)).map(|(_, near)| *near)
    }

    /// What a text with this first line is.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let line = line.to_ascii_lowercase();
        let has = |words: &&str| line.contains(words);
        TEXTS.iter().find(|(needed, _)| needed.iter().all(has)).map(|(_, near)| *near)
    }

    pub(super) fn problem(self) -> Problem {
        Problem::Near { what: self.what, instead: self.instead }
    }
}
