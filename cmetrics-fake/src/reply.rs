//! What cAdvisor answers.

use crate::life::Life;
use crate::machine::{Kind, Slot, State};
use crate::options::Runtime;
use crate::query::Query;
use crate::sample::{Sample, shown};
use crate::served::Served;
use crate::templates::{Templates, Version};

/// What is sent back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// Which of the replies with samples it is.
    pub(crate) reply: Option<u32>,
}

impl Answer {
    pub(crate) fn text(status: u16, text: &str) -> Self {
        let body = format!("{text}\n").into_bytes();
        Self { status, content_type: "text/plain; charset=utf-8", body, reply: None }
    }

    fn json(body: Vec<u8>) -> Self {
        Self { status: 200, content_type: "application/json", body, reply: None }
    }
}

/// Answers a request for this path, which has neither prefix nor query.
pub(crate) fn answer(
    state: &mut State,
    templates: &Templates,
    path: &str,
    query: &str,
    body: &[u8],
) -> Answer {
    let path = path.trim_start_matches('/');
    let (version, rest) = match path.strip_prefix("api/") {
        None if path == "healthz" => return Answer { status: 200, ..Answer::text(200, "ok") },
        None => return Answer::text(404, "404 page not found"),
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
    };
    let (request, of) = rest.split_once('/').unwrap_or((rest, ""));
    let reply = Reply { state, templates, number: 0, path: path.to_owned() };
    match (version, request) {
        ("v1.2" | "v1.3" | "v2.0" | "v2.1", "machine") => reply.machine(),
        ("v1.2" | "v1.3", "docker") => reply.v1(body, |reply, query| reply.docker(of, query)),
        ("v1.1" | "v1.2" | "v1.3", "subcontainers") => {
            reply.v1(body, |reply, query| reply.subcontainers(of, query))
        }
        ("v1.0" | "v1.1" | "v1.2" | "v1.3", "containers") => {
            reply.v1(body, |reply, query| reply.one(of, query))
        }
        ("v2.0" | "v2.1", "version") => Answer::json(b"\"v0.60.5\"".to_vec()),
        ("v2.1", "stats") => reply.v2(of, query),
        ("v1.0" | "v1.1" | "v1.2" | "v1.3" | "v2.0" | "v2.1", _) => {
            Answer::text(500, &format!("unknown request type {request:?}"))
        }
        _ => Answer::text(500, &format!("unsupported API version {version:?}")),
    }
}

/// A reply as it is made.
struct Reply<'s> {
    state: &'s mut State,
    templates: &'s Templates,
    number: u32,
    path: String,
}

impl Reply<'_> {
    fn machine(&self) -> Answer {
        let identity = &self.state.identity;
        let text = include_str!("templates/machine.json").trim_end();
        let text = text
            .replace("@at@", &shown(self.state.stamp()))
            .replace("@cores@", &self.state.options.cores.to_string())
            .replace("@memory@", &(self.state.options.cores * 4_294_967_296).to_string())
            .replace("@machine_id@", &identity.machine_id)
            .replace("@system_uuid@", &identity.system_uuid)
            .replace("@boot_id@", &identity.boot_id);
        Answer::json(text.into_bytes())
    }

    fn v1(
        mut self,
        body: &[u8],
        make: impl FnOnce(&mut Self, Query) -> Result<Vec<u8>, String>,
    ) -> Answer {
        self.begin();
        let reply = Query::from_body(body).and_then(|query| make(&mut self, query));
        self.end(reply)
    }

    fn v2(mut self, of: &str, query: &str) -> Answer {
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (kind, count) = (parameter("type"), parameter("count"));
        let is_recursive = parameter("recursive") == Some("true");
        self.begin();
        let made = Query::from_count(count).map(|query| {
            let runtime = self.state.options.runtime;
            let is_asked = |slot: &Slot| match kind {
                None | Some("name") => {
                    let path = format!("/{}", of.trim_matches('/'));
                    slot.container.path == path
                        || (is_recursive && is_below(&slot.container.path, &path))
                }
                Some("docker") => slot.kind == Kind::Container && runtime == Runtime::Docker,
                Some("podman") => slot.kind == Kind::Container && runtime == Runtime::Podman,
                Some(_) => false,
            };
            // v2 has no `/`, which is not of its kind.
            let is_asked = |slot: &Slot| slot.kind != Kind::Root && is_asked(slot);
            self.map(query, Version::Two, is_asked)
        });
        self.end(made)
    }

    fn begin(&mut self) {
        self.number = u32::try_from(self.state.served.len()).unwrap_or(u32::MAX);
        let path = std::mem::take(&mut self.path);
        self.state.served.push(Served { path, ..Served::default() });
    }

    fn end(&mut self, made: Result<Vec<u8>, String>) -> Answer {
        match made {
            Ok(body) => Answer { reply: Some(self.number), ..Answer::json(body) },
            Err(error) => Answer::text(500, &error),
        }
    }

    fn docker(&mut self, name: &str, query: Query) -> Result<Vec<u8>, String> {
        let runtime = self.state.options.runtime;
        let name = name.trim_matches('/');
        let is_asked = |slot: &Slot| {
            let container = &slot.container;
            let is_docker = runtime == Runtime::Docker && !container.id.is_empty();
            is_docker && (name.is_empty() || container.id == name || container.alias == name)
        };
        if !name.is_empty()
            && !self.state.slots.iter().any(|slot| slot.is_running && is_asked(slot))
        {
            return Err(format!("unable to find Docker container {name:?}"));
        }
        Ok(self.map(query, Version::One, is_asked))
    }

    fn one(&mut self, path: &str, query: Query) -> Result<Vec<u8>, String> {
        let path = format!("/{}", path.trim_matches('/'));
        let mut slots = std::mem::take(&mut self.state.slots);
        let below: Vec<_> = slots.iter().filter(|slot| slot.is_running).collect();
        let below = children(&path, &below);
        let found = slots.iter_mut().find(|slot| slot.is_running && slot.container.path == path);
        let made = found.map(|slot| {
            let mut body = Vec::new();
            self.object(slot, query, Version::One, &below, &mut body);
            body
        });
        self.state.slots = slots;
        made.ok_or_else(|| {
            format!("failed to get container {path:?} with error: unknown container {path:?}")
        })
    }

    fn subcontainers(&mut self, path: &str, query: Query) -> Result<Vec<u8>, String> {
        let path = format!("/{}", path.trim_matches('/'));
        let mut slots = std::mem::take(&mut self.state.slots);
        let mut body = vec![b'['];
        for slot in slots.iter_mut().filter(|slot| slot.is_running) {
            let own = &slot.container.path;
            if own != &path && !is_below(own, &path) {
                continue;
            }
            if body.len() > 1 {
                body.push(b',');
            }
            self.object(slot, query, Version::One, "", &mut body);
        }
        body.push(b']');
        self.state.slots = slots;
        if body.len() == 2 {
            return Err(format!("failed to get subcontainers: unknown container {path:?}"));
        }
        Ok(body)
    }

    /// A map of those that are asked for by their paths.
    fn map(&mut self, query: Query, version: Version, is_asked: impl Fn(&Slot) -> bool) -> Vec<u8> {
        let mut slots = std::mem::take(&mut self.state.slots);
        let mut body = vec![b'{'];
        for slot in slots.iter_mut().filter(|slot| slot.is_running && is_asked(slot)) {
            if body.len() > 1 {
                body.push(b',');
            }
            body.push(b'"');
            body.extend(slot.container.path.as_bytes());
            body.extend(b"\":");
            self.object(slot, query, version, "", &mut body);
        }
        body.push(b'}');
        self.state.slots = slots;
        body
    }

    /// A container with the samples that are asked for, which are served with this.
    fn object(
        &self,
        slot: &mut Slot,
        query: Query,
        version: Version,
        below: &str,
        out: &mut Vec<u8>,
    ) {
        let template = self.templates.of(slot.kind, version);
        let Some(life) = slot.life() else { return out.extend(b"null") };
        let Life { heads: [first, second], listed, counts, .. } = life;
        out.push(b'{');
        out.extend(if version == Version::One { first } else { second }.as_bytes());
        out.extend(below.as_bytes());
        let mut is_first = true;
        for sample in query.select(listed) {
            out.extend(if is_first { b",\"stats\":[".as_slice() } else { b"," });
            is_first = false;
            self.serve(sample);
            counts.note(self.number, sample, |reply| self.state.is_whole(reply));
            template.write(sample, out);
        }
        out.extend(if is_first { b"}".as_slice() } else { b"]}" });
    }

    /// Notes the reply with a sample, unless a whole one has it already.
    fn serve(&self, sample: &mut Sample) {
        if !sample.reply.is_some_and(|reply| self.state.is_whole(reply)) {
            sample.reply = Some(self.number);
        }
    }
}

fn is_below(path: &str, parent: &str) -> bool {
    let rest = path.strip_prefix(parent.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

/// The list of those right below a cgroup.
fn children(path: &str, slots: &[&Slot]) -> String {
    let names: Vec<_> = slots
        .iter()
        .map(|slot| slot.container.path.as_str())
        .filter(|child| is_below(child, path))
        .filter(|child| {
            let rest = child.get(path.trim_end_matches('/').len() + 1..);
            rest.is_some_and(|rest| !rest.contains('/'))
        })
        .map(|child| format!("{{\"name\":\"{child}\"}}"))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(",\"subcontainers\":[{}]", names.join(","))
    }
}
