//! What the other paths owe the strict reader.
//!
//! Where that finds no damage: exactly the same calls. Where it does, they may have overlooked it
//! inside a value that is skipped, whose quotes and brackets alone they check; then they may tell
//! more, but never less, and nothing else of the text before the damage. Whoever knows that the
//! damage of a text lies elsewhere compares exactly.

use super::event::Event;

/// The first call in which two readings differ.
pub fn exactly(strict: &[Event], other: &[Event]) -> Result<(), String> {
    compare(strict, other, |one, two| one == two)
}

/// The same, where the text of `strict` was repaired without changing its length.
pub fn but_for_texts(strict: &[Event], other: &[Event]) -> Result<(), String> {
    compare(strict, other, Event::is_but_for_its_text)
}

fn compare(
    strict: &[Event],
    other: &[Event],
    same: impl Fn(&Event, &Event) -> bool,
) -> Result<(), String> {
    let alike = strict.iter().zip(other).take_while(|(one, two)| same(one, two)).count();
    let told = |events: &[Event]| events.get(alike).map_or("nothing".to_owned(), Event::shown);
    if alike == strict.len() && alike == other.len() {
        return Ok(());
    }
    Err(format!("call {alike}\n  strict {}\n  other  {}", told(strict), told(other)))
}

/// Compares two readings of `bytes`.
pub fn by_damage(bytes: &[u8], strict: &[Event], other: &[Event]) -> Result<(), String> {
    let Some(damage) = strict.iter().position(Event::is_damage) else {
        return exactly(strict, other);
    };
    if strict == other {
        return Ok(());
    }
    let at = strict[damage].trouble().and_then(|trouble| trouble.place.offset);
    let at = usize::try_from(at.unwrap_or_default()).unwrap_or_default();
    let (before, behind) = strict.split_at(damage);
    if is_inside_stats(bytes.get(..at).unwrap_or(bytes)) {
        no_new_trouble(before, other, at as u64)?;
        let of_samples = |events: &[Event]| chosen(events, Event::is_of_a_sample);
        let (before, others) = (of_samples(before), of_samples(other));
        exactly(&before, others.get(..before.len()).unwrap_or(&others))?;
        nothing_less(strict, other, |event| matches!(event, Event::Sample(..)))
    } else {
        // Damage ends the waiting for what a container's samples depend on: whoever overlooks it
        // may know another kind of document, other flags, or another name.
        nothing_less(before, other, |event| matches!(event, Event::Wants(_)))?;
        nothing_less(behind, other, |event| matches!(event, Event::Sample(..)))
    }
}

/// What is wrong before the damage is wrong to both.
fn no_new_trouble(before: &[Event], other: &[Event], damage: u64) -> Result<(), String> {
    let lies_before = |event: &&Event| {
        event.trouble().is_some_and(|trouble| trouble.place.offset.is_some_and(|at| at < damage))
    };
    match other.iter().filter(lies_before).find(|event| !before.contains(event)) {
        Some(event) => Err(format!("only the other tells, before the damage: {}", event.shown())),
        None => Ok(()),
    }
}

/// All calls of this sort come in the other reading too, in the same order.
fn nothing_less(
    strict: &[Event],
    other: &[Event],
    of_sort: impl Fn(&Event) -> bool,
) -> Result<(), String> {
    let mut others = other.iter();
    match strict.iter().filter(|event| of_sort(event)).find(|event| !others.any(|o| o == *event)) {
        Some(event) => Err(format!("lost: {}", event.shown())),
        None => Ok(()),
    }
}

fn chosen(events: &[Event], of_sort: impl Fn(&Event) -> bool) -> Vec<Event> {
    events.iter().filter(|event| of_sort(event)).cloned().collect()
}

/// Whether `before`, a text without damage, ends in a list of samples.
fn is_inside_stats(before: &[u8]) -> bool {
    // The string before each open bracket, as far as it is its key.
    let mut open: Vec<(u8, &[u8])> = Vec::new();
    let mut key: &[u8] = b"";
    let mut at = 0;
    while let Some(&byte) = before.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let start = at;
                while before.get(at).is_some_and(|&byte| byte != b'"') {
                    at += if before[at] == b'\\' { 2 } else { 1 };
                }
                key = before.get(start..at).unwrap_or_default();
                at += 1;
            }
            b'{' | b'[' => open.push((byte, std::mem::take(&mut key))),
            b'}' | b']' => drop(open.pop()),
            b',' => key = b"",
            _ => {}
        }
    }
    let is_list_of_samples = |(bracket, key): &(u8, &[u8])| {
        *bracket == b'[' && (*key == b"stats" || key.starts_with(b"/"))
    };
    open.iter().any(is_list_of_samples) || matches!(open[..], [(b'[', b""), (b'{', b""), ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_damage_lies_is_told_by_the_brackets_before_it() {
        for inside in [
            r#"{"/a":{"name":"/a","stats":[{"timestamp":"x\"]","cpu":{}},{"#,
            r#"{"/a":[{"#,
            r#"[{"timestamp":"x","#,
        ] {
            assert!(is_inside_stats(inside.as_bytes()), "{inside}");
        }
        for outside in [
            r#"{"/a":{"stats":[{}],"spec":{"#,
            r#"{"/a":{"aliases":["#,
            r#"{"/a":[{}],"/b":{"spec":{"#,
            "",
        ] {
            assert!(!is_inside_stats(outside.as_bytes()), "{outside}");
        }
    }
}
