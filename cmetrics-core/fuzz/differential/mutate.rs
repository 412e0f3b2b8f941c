//! Mutations of a document, which mostly leave it valid JSON.

use super::edge_cases;
use super::json::Json;
use super::rng::Rng;

pub type Mutation = fn(&mut Json, &mut Rng);

/// Every mutation, by name.
pub const ALL: [(&str, Mutation); 24] = [
    ("other numbers", other_numbers),
    ("shuffle an object", shuffle),
    ("shuffle all objects", shuffle_all),
    ("move a member", move_member),
    ("drop a member", drop_member),
    ("null a value", null),
    ("escape a key", escape_key),
    ("escape a string", escape_string),
    ("repeat a key", repeat_key),
    ("edge-case number", edge_number),
    ("edge-case value", edge_value),
    ("unknown key", unknown_key),
    ("unknown keys everywhere", unknown_keys),
    ("nasty string", nasty_string),
    ("empty", empty),
    ("double an element", double),
    ("drop an element", drop_element),
    ("null an element", null_element),
    ("other time", other_time),
    ("timestamp not first", late_timestamp),
    ("flag", flag),
    ("flags after their sections", late_flags),
    ("stats first", stats_first),
    ("more samples like one", more_samples),
];

/// Applies `times` mutations, and returns their names.
pub fn some(document: &mut Json, rng: &mut Rng, times: usize) -> Vec<&'static str> {
    let applied = (0..times).map(|_| {
        let (name, mutation) = rng.pick(&ALL);
        mutation(document, rng);
        *name
    });
    applied.collect()
}

/// The part of the document to mutate: a sample, a container, or all of it.
fn part<'j>(document: &'j mut Json, rng: &mut Rng) -> &'j mut Json {
    let is_part: fn(&Json) -> bool = match rng.below(4) {
        0 | 1 => Json::is_sample,
        2 => |json| json.has("stats"),
        _ => return document,
    };
    let mut found = 0;
    document.each(&mut |json| found += usize::from(is_part(json)));
    if found == 0 {
        return document;
    }
    document.pick(rng, &is_part).unwrap_or_else(|| unreachable!("there is one"))
}

fn is_filled(json: &Json) -> bool {
    matches!(json, Json::Object(members) if !members.is_empty())
}

fn object<'j>(document: &'j mut Json, rng: &mut Rng) -> Option<&'j mut Vec<(String, Json)>> {
    part(document, rng).pick(rng, &is_filled)?.members()
}

fn list<'j>(document: &'j mut Json, rng: &mut Rng) -> Option<&'j mut Vec<Json>> {
    let accept = |json: &Json| matches!(json, Json::List(items) if !items.is_empty());
    part(document, rng).pick(rng, &accept)?.items()
}

fn other_numbers(document: &mut Json, rng: &mut Rng) {
    let often = 1 + rng.below(4);
    part(document, rng).each(&mut |json| {
        if json.is_number() && rng.one_in(often) {
            *json = Json::raw(edge_cases::number(rng));
        }
    });
}

fn shuffle(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        rng.shuffle(members);
    }
}

fn shuffle_all(document: &mut Json, rng: &mut Rng) {
    part(document, rng).each(&mut |json| {
        if let Json::Object(members) = json {
            rng.shuffle(members);
        }
    });
}

fn move_member(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        let member = members.remove(rng.below(members.len()));
        members.insert(rng.below(members.len() + 1), member);
    }
}

fn drop_member(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        members.remove(rng.below(members.len()));
    }
}

fn null(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        let index = rng.below(members.len());
        members[index].1 = Json::raw("null");
    }
}

fn escape_key(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        let index = rng.below(members.len());
        members[index].0 = edge_cases::escaped(&members[index].0, rng);
    }
}

fn escape_string(document: &mut Json, rng: &mut Rng) {
    if let Some(Json::Raw(raw)) = part(document, rng).pick(rng, &Json::is_string) {
        *raw = edge_cases::escaped(raw, rng);
    }
}

fn repeat_key(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        let (key, mut value) = rng.pick(members).clone();
        match rng.below(3) {
            0 => value = Json::raw(any_value(rng)),
            1 => other_numbers(&mut value, rng),
            _ => drop_member(&mut value, rng),
        }
        let key = if rng.one_in(3) { edge_cases::escaped(&key, rng) } else { key };
        members.insert(rng.below(members.len() + 1), (key, value));
    }
}

fn edge_number(document: &mut Json, rng: &mut Rng) {
    if let Some(json) = part(document, rng).pick(rng, &Json::is_number) {
        *json = Json::raw(*rng.pick(&edge_cases::NUMBERS));
    }
}

fn any_value(rng: &mut Rng) -> &'static str {
    rng.pick::<&str>(&edge_cases::VALUES)
}

fn edge_value(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        let index = rng.below(members.len());
        members[index].1 = Json::raw(any_value(rng));
    }
}

fn insert_unknown(members: &mut Vec<(String, Json)>, rng: &mut Rng) {
    let member = ((*rng.pick(&edge_cases::KEYS)).to_owned(), Json::raw(any_value(rng)));
    members.insert(rng.below(members.len() + 1), member);
}

fn unknown_key(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = object(document, rng) {
        insert_unknown(members, rng);
    }
}

fn unknown_keys(document: &mut Json, rng: &mut Rng) {
    part(document, rng).each(&mut |json| {
        if let Json::Object(members) = json {
            members
                .insert(rng.below(members.len() + 1), ("\"x\"".into(), Json::raw(any_value(rng))));
        }
    });
}

fn nasty_string(document: &mut Json, rng: &mut Rng) {
    let strings: Vec<_> =
        edge_cases::VALUES.iter().filter(|value| value.starts_with('"')).collect();
    if let Some(json) = part(document, rng).pick(rng, &Json::is_string) {
        *json = Json::raw(**rng.pick(&strings));
    }
}

fn empty(document: &mut Json, rng: &mut Rng) {
    match part(document, rng).pick(rng, &|json| !matches!(json, Json::Raw(_))) {
        Some(Json::List(items)) => items.clear(),
        Some(Json::Object(members)) => members.clear(),
        _ => {}
    }
}

fn double(document: &mut Json, rng: &mut Rng) {
    if let Some(items) = list(document, rng) {
        let mut copy = rng.pick(items).clone();
        match rng.below(4) {
            0 => {}
            1 => nasty_string(&mut copy, rng),
            2 => edge_number(&mut copy, rng),
            _ => other_numbers(&mut copy, rng),
        }
        items.insert(rng.below(items.len() + 1), copy);
    }
}

fn drop_element(document: &mut Json, rng: &mut Rng) {
    if let Some(items) = list(document, rng) {
        items.remove(rng.below(items.len()));
    }
}

fn null_element(document: &mut Json, rng: &mut Rng) {
    if let Some(items) = list(document, rng) {
        let value = if rng.one_in(2) { "null" } else { any_value(rng) };
        items.insert(rng.below(items.len() + 1), Json::raw(value));
    }
}

fn other_time(document: &mut Json, rng: &mut Rng) {
    if let Some(timestamp) = document.pick(rng, &Json::is_sample).and_then(|s| s.get("timestamp")) {
        let text = match rng.below(3) {
            0 => format!(
                "2026-11-21T07:3{}:{}.{}Z",
                rng.below(10),
                10 + rng.below(50),
                rng.below(1_000_000)
            ),
            _ => (*rng.pick(&edge_cases::TIMES)).to_owned(),
        };
        *timestamp = Json::raw(format!("\"{text}\""));
    }
}

fn move_key(members: &mut Vec<(String, Json)>, key: &str, to: impl FnOnce(usize) -> usize) {
    if let Some(index) = members.iter().position(|(name, _)| name.trim_matches('"') == key) {
        let member = members.remove(index);
        members.insert(to(members.len()), member);
    }
}

fn late_timestamp(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = document.pick(rng, &Json::is_sample).and_then(Json::members) {
        move_key(members, "timestamp", |length| 1 + rng.below(length));
    }
}

/// Changes a flag, or inserts one.
fn flag(document: &mut Json, rng: &mut Rng) {
    let flag = *rng.pick(&edge_cases::FLAGS);
    let value = Json::raw(*rng.pick(&["true", "false", "false", "null", "0", "\"false\""]));
    let holder = |json: &Json| json.is_sample() || json.has("creation_time");
    let Some(holder) = document.pick(rng, &holder) else { return };
    match holder.get(flag) {
        Some(known) => *known = value,
        None => {
            if let Some(members) = holder.members() {
                members.insert(rng.below(members.len() + 1), (format!("\"{flag}\""), value));
            }
        }
    }
}

fn late_flags(document: &mut Json, rng: &mut Rng) {
    let holder = |json: &Json| json.is_sample() || json.has("creation_time");
    if let Some(members) = document.pick(rng, &holder).and_then(Json::members) {
        for flag in edge_cases::FLAGS {
            move_key(members, flag, |length| length);
        }
    }
}

/// Moves `stats` before `name`, `spec` and everything else.
fn stats_first(document: &mut Json, rng: &mut Rng) {
    if let Some(members) = document.pick(rng, &|json| json.has("stats")).and_then(Json::members) {
        move_key(members, "stats", |length| rng.below(length + 1).min(1));
    }
}

/// Inserts copies of a sample with other times and numbers, so that a learnt template is used.
fn more_samples(document: &mut Json, rng: &mut Rng) {
    let holds_samples =
        |json: &Json| matches!(json, Json::List(items) if items.iter().any(Json::is_sample));
    let Some(items) = document.pick(rng, &holds_samples).and_then(Json::items) else { return };
    let index = rng.below(items.len());
    for _ in 0..=rng.below(3) {
        let mut copy = items[index].clone();
        copy.each(&mut |json| {
            if json.is_number() && rng.one_in(3) {
                *json = Json::raw(edge_cases::number(rng));
            }
        });
        if rng.one_in(2) {
            other_time(&mut copy, rng);
        }
        items.insert(index + 1, copy);
    }
}
