//! How the other paths must compare with the strict reader.
//!
//! Where the strict reader finds no damage, the other paths make exactly the same calls. Where it
//! does, they may overlook the damage inside a skipped value, of which they check only quotes and
//! brackets. Then they may deliver more, but never less, and nothing different from the text before
//! the damage. Where the damage is known to be elsewhere, compare exactly.

use cmetrics_core::ErrorKind;

use super::event::Event;

/// Returns an error that shows the first call in which two readings differ.
pub fn exactly(strict: &[Event], other: &[Event]) -> Result<(), String> {
    compare(strict, other, |one, two| one == two)
}

/// The same, for a `strict` reading of text that was repaired without a change of its length.
pub fn but_for_texts(strict: &[Event], other: &[Event]) -> Result<(), String> {
    compare(strict, other, Event::eq_ignoring_text)
}

fn compare(
    strict: &[Event],
    other: &[Event],
    same: impl Fn(&Event, &Event) -> bool,
) -> Result<(), String> {
    let alike = strict.iter().zip(other).take_while(|(one, two)| same(one, two)).count();
    let shown = |events: &[Event]| events.get(alike).map_or("nothing".to_owned(), Event::shown);
    if alike == strict.len() && alike == other.len() {
        return Ok(());
    }
    Err(format!("call {alike}\n  strict {}\n  other  {}", shown(strict), shown(other)))
}

/// Compares two readings of `bytes`, with regard to the damage in them.
pub fn by_damage(bytes: &[u8], strict: &[Event], other: &[Event]) -> Result<(), String> {
    let Some(damage) = strict.iter().position(Event::is_damage) else {
        return exactly(strict, other);
    };
    if strict == other {
        return Ok(());
    }
    let at = strict[damage].error().and_then(|error| error.place.offset);
    let at = usize::try_from(at.unwrap_or_default()).unwrap_or_default();
    let (before, after) = strict.split_at(damage);
    if let Some(sample) = damaged_sample(bytes.get(..at).unwrap_or(bytes)) {
        no_new_errors(before, other, sample as u64)?;
        let of_samples = |events: &[Event]| chosen(events, Event::is_element);
        let (before, others) = (of_samples(before), of_samples(other));
        exactly(&before, others.get(..before.len()).unwrap_or(&others))?;
        nothing_lost(strict, other, |event| matches!(event, Event::Sample(..)))
    } else {
        // The strict reader reads a container's samples with what it knows at the damage. A path
        // that overlooks the damage may find another kind of document, other flags, or another
        // name.
        nothing_lost(before, other, |event| matches!(event, Event::Wants(_)))?;
        nothing_lost(after, other, |event| matches!(event, Event::Sample(..)))
    }
}

/// Checks that the other path reports no error before the damaged sample that the strict reader
/// does not report. In that sample the strict reader may find the damage first, and likewise in a
/// value that is not one of cAdvisor's.
fn no_new_errors(before: &[Event], other: &[Event], sample: u64) -> Result<(), String> {
    let lies_before = |event: &&Event| {
        event.error().is_some_and(|error| {
            let before = error.place.offset.is_some_and(|at| at < sample);
            before && error.kind != ErrorKind::NotADump
        })
    };
    match other.iter().filter(lies_before).find(|event| !before.contains(event)) {
        Some(event) => Err(format!("only the other reports, before the damage: {}", event.shown())),
        None => Ok(()),
    }
}

/// Checks that the other reading has all calls of this kind too, in the same order.
fn nothing_lost(
    strict: &[Event],
    other: &[Event],
    of_kind: impl Fn(&Event) -> bool,
) -> Result<(), String> {
    let mut others = other.iter();
    match strict.iter().filter(|event| of_kind(event)).find(|event| !others.any(|o| o == *event)) {
        Some(event) => Err(format!("lost: {}", event.shown())),
        None => Ok(()),
    }
}

fn chosen(events: &[Event], of_kind: impl Fn(&Event) -> bool) -> Vec<Event> {
    events.iter().filter(|event| of_kind(event)).cloned().collect()
}

/// The start of the sample in which `before`, a text without damage, ends, or its end if it ends
/// between two samples; `None` if it does not end in a list of samples.
fn damaged_sample(before: &[u8]) -> Option<usize> {
    let open = open_brackets(before);
    let is_list_of_samples = |(at, key): &(usize, &[u8])| {
        before[*at] == b'[' && (*key == b"stats" || key.starts_with(b"/"))
    };
    let is_of_machine = matches!(open[..], [(list, b""), (sample, b""), ..]
        if before[list] == b'[' && before[sample] == b'{');
    let list = open.iter().position(is_list_of_samples).or(is_of_machine.then_some(0))?;
    Some(open.get(list + 1).map_or(before.len(), |(at, _)| *at))
}

/// The offsets of the brackets that are open at the end of `before`, and their keys.
fn open_brackets(before: &[u8]) -> Vec<(usize, &[u8])> {
    let mut open: Vec<(usize, &[u8])> = Vec::new();
    let mut key: &[u8] = b"";
    let mut at = 0;
    while let Some(&byte) = before.get(at) {
        match byte {
            b'"' => {
                let start = at + 1;
                at = start;
                while before.get(at).is_some_and(|&byte| byte != b'"') {
                    at += if before[at] == b'\\' { 2 } else { 1 };
                }
                key = before.get(start..at).unwrap_or_default();
            }
            b'{' | b'[' => open.push((at, std::mem::take(&mut key))),
            b'}' | b']' => drop(open.pop()),
            b',' => key = b"",
            _ => {}
        }
        at += 1;
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_located_by_the_brackets_before_it() {
        for (inside, sample) in [
            (r#"{"/a":{"name":"/a","stats":[{"timestamp":"x\"]","cpu":{}},{"#, 58),
            (r#"{"/a":{"name":"/a","stats":[{"timestamp":"x\"]","cpu":{}},"#, 58),
            (r#"{"/a":[{"x":{"#, 7),
            (r#"[{"timestamp":"x","#, 1),
        ] {
            assert_eq!(damaged_sample(inside.as_bytes()), Some(sample), "{inside}");
        }
        for outside in [
            r#"{"/a":{"stats":[{}],"spec":{"#,
            r#"{"/a":{"aliases":["#,
            r#"{"/a":[{}],"/b":{"spec":{"#,
            "",
        ] {
            assert_eq!(damaged_sample(outside.as_bytes()), None, "{outside}");
        }
    }
}
