//! Objects that hold replies, under any key: what a collector wrote around a reply, or maps of
//! replies by node or by time.

use crate::parse::classify;
use crate::parse::cursor::{Cursor, SyntaxError, unquote};
use crate::time::Timestamp;

/// The replies of an object.
#[derive(Default)]
pub(in crate::parse) struct Replies<'t> {
    pub(in crate::parse) found: Vec<Reply<'t>>,
    /// What is wrong with the object, behind its replies.
    pub(in crate::parse) damage: Option<SyntaxError>,
}

/// A reply: a document, or a text that is one.
pub(in crate::parse) struct Reply<'t> {
    pub(in crate::parse) value: Cursor<'t>,
    /// The machine that it is of, if the object names it.
    pub(in crate::parse) machine: Option<String>,
}

/// Keys whose value names the machine.
const KEYS_OF_MACHINES: [&str; 10] = [
    "machine_name",
    "machine",
    "node",
    "node_name",
    "nodename",
    "host",
    "hostname",
    "host_name",
    "host.name",
    "instance",
];

/// Keys of replies that are not names of machines.
const NO_MACHINES: [&str; 39] = [
    "reply",
    "response",
    "result",
    "results",
    "data",
    "body",
    "payload",
    "message",
    "msg",
    "log",
    "content",
    "contents",
    "value",
    "json",
    "text",
    "output",
    "stdout",
    "raw",
    "record",
    "event",
    "item",
    "dump",
    "snapshot",
    "sample",
    "cadvisor",
    "stats",
    "containers",
    "subcontainers",
    "docker",
    "machinestats",
    "metrics",
    "before",
    "after",
    "first",
    "last",
    "old",
    "new",
    "_source",
    "hits",
];

/// Finds the replies in the object ahead, and leaves the cursor behind it. Of an object that is cut
/// off, the replies up to the cut.
pub(in crate::parse) fn replies<'t>(cursor: &mut Cursor<'t>) -> Replies<'t> {
    let mut all = Replies::default();
    let (mut keys, mut machine) = (Vec::new(), None);
    if let Err(damage) = members(cursor, &mut |key, value| {
        if classify::is_reply(value.clone()) {
            keys.push(key.to_owned());
            all.found.push(Reply { value, machine: None });
        } else if machine.is_none() && KEYS_OF_MACHINES.contains(&key) {
            machine = machine_of(value);
        }
    }) {
        all.damage = Some(damage);
    }
    for (key, reply) in keys.iter().zip(&mut all.found) {
        reply.machine = machine.clone().or_else(|| machine_in_key(key));
    }
    all
}

/// Calls `member` for the key and value of each member of the object ahead.
fn members<'t>(
    cursor: &mut Cursor<'t>,
    member: &mut dyn FnMut(&str, Cursor<'t>),
) -> Result<(), SyntaxError> {
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.next_key(&mut members)? {
        cursor.peek();
        member(&key, cursor.clone());
        cursor.skip()?;
    }
    Ok(())
}

/// The name of a machine that a value is, or has under `name`.
fn machine_of(mut value: Cursor<'_>) -> Option<String> {
    if value.peek() != Some(b'{') {
        let text = unquote(value.skip().ok()?)?;
        return Some(text.into_owned()).filter(|text| !text.is_empty());
    }
    let mut name = None;
    let named = members(&mut value, &mut |key, value| {
        if name.is_none() && matches!(key, "name" | "hostname") && value.rest().starts_with(b"\"") {
            name = machine_of(value);
        }
    });
    named.ok().and(name)
}

/// The machine that the key of a reply names: the host of an address, or a name. A time, a path and
/// a word for a reply name none.
fn machine_in_key(key: &str) -> Option<String> {
    if let Some((_, address)) = key.split_once("://") {
        let host = address.split(['/', '?']).next()?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return Some(host.to_owned()).filter(|host| !host.is_empty());
    }
    let is_date = |text: &str| {
        text.bytes().all(|byte| {
            matches!(byte, b'0'..=b'9' | b'-' | b'.' | b':' | b'T' | b'Z' | b' ' | b'+')
        })
    };
    let is_time = Timestamp::parse(key).is_ok() || is_date(key);
    let is_address =
        key.split('.').count() == 4 && key.bytes().filter(|byte| *byte == b'-').count() == 0;
    let is_name = !key.contains('/') && !NO_MACHINES.contains(&&*key.to_ascii_lowercase());
    (is_name && !key.is_empty() && (!is_time || is_address)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_a_machine_unless_it_is_a_time_a_path_or_a_word_for_a_reply() {
        for (key, machine) in [
            ("node1", Some("node1")),
            ("ip-10-0-0-1.ec2.internal", Some("ip-10-0-0-1.ec2.internal")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("10.0.0.1:8080", Some("10.0.0.1:8080")),
            ("http://node1:8080/api/v1.3/docker/", Some("node1:8080")),
            ("https://me@node1", Some("node1")),
            ("2026-11-21T12:00:13Z", None),
            ("2026-11-21 12:00:13", None),
            ("1795262413.2", None),
            ("/api/v1.3/docker", None),
            ("Reply", None),
            ("", None),
        ] {
            assert_eq!(machine_in_key(key).as_deref(), machine, "{key}");
        }
    }

    #[test]
    fn the_machine_is_named_beside_the_reply_or_by_its_key() {
        const REPLY: &str = r#"{"/": {"spec": {"has_cpu": true}, "stats": []}}"#;
        let machines = |text: &str| {
            let all = replies(&mut Cursor::new(text.as_bytes()));
            assert!(all.damage.is_none(), "{text}");
            all.found.into_iter().map(|reply| reply.machine).collect::<Vec<_>>()
        };
        let node = |name: &str| Some(name.to_owned());
        for (text, expected) in [
            (format!(r#"{{"host": "a", "reply": {REPLY}}}"#), vec![node("a")]),
            (format!(r#"{{"reply": {REPLY}, "host": {{"name": "a"}}}}"#), vec![node("a")]),
            (format!(r#"{{"host": 7, "reply": {REPLY}}}"#), vec![None]),
            (format!(r#"{{"a": {REPLY}, "b": {REPLY}}}"#), vec![node("a"), node("b")]),
            (format!(r#"{{"2026-11-21T12:00:00Z": {REPLY}, "x": 7}}"#), vec![None]),
            (format!(r#"{{"log": {}}}"#, serde_json::json!(REPLY)), vec![None]),
            (r#"{"a": {"b": 7}}"#.to_owned(), vec![]),
        ] {
            assert_eq!(machines(&text), expected, "{text}");
        }
    }
}
