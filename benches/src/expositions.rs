//! Scrapes that follow each other, made of recorded ones.

use std::path::Path;

use crate::working_set::Template;
use crate::{folder, unpacked};

/// Milliseconds from one scrape to the next.
const EVERY: u64 = 15_000;
/// The digits of a time in milliseconds.
const TIME: usize = 13;

/// At least so many bytes of scrapes whose rows have the same names and labels each time: one
/// recorded scrape of cAdvisor 0.36, again and again.
pub fn stable(bytes: usize) -> Vec<Vec<u8>> {
    let mut recorded = scrapes("steady-1s");
    recorded.truncate(1);
    rounds(&recorded, bytes, |_, scrape| scrape.clone())
}

/// At least so many bytes of scrapes between which containers come and go, and with them the labels
/// of all rows: eleven recorded scrapes of cAdvisor 0.60, each round of other containers.
pub fn changing(bytes: usize) -> Vec<Vec<u8>> {
    let recorded = scrapes("v060-1s");
    rounds(&recorded, bytes, |round, scrape| Template::new(scrape.clone()).stamped(round))
}

/// Rounds of scrapes, each later than the one before.
fn rounds(
    recorded: &[Vec<u8>],
    bytes: usize,
    of_round: impl Fn(usize, &Vec<u8>) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let lasts = span(recorded) + EVERY;
    let size: usize = recorded.iter().map(Vec::len).sum();
    let rounds = 0..bytes.div_ceil(size).max(1);
    let scrapes = rounds.flat_map(|round| recorded.iter().map(move |scrape| (round, scrape)));
    scrapes.map(|(round, scrape)| later(of_round(round, scrape), lasts * round as u64)).collect()
}

fn scrapes(set: &str) -> Vec<Vec<u8>> {
    let files = folder(&Path::new("expositions").join(set), "metrics");
    files.iter().map(|path| unpacked(path)).collect()
}

/// The times at the ends of lines.
fn times(text: &[u8]) -> impl Iterator<Item = (usize, u64)> {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end);
    ends.filter_map(|end| {
        let start = end.checked_sub(TIME)?;
        let digits = std::str::from_utf8(text.get(start..end)?).ok()?;
        let is_apart = start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b' ');
        Some((start, digits.parse().ok().filter(|_| is_apart)?))
    })
}

/// Milliseconds between the first and the last time.
fn span(scrapes: &[Vec<u8>]) -> u64 {
    let all = || scrapes.iter().flat_map(|text| times(text)).map(|(_, time)| time);
    all().max().unwrap_or_default() - all().min().unwrap_or_default()
}

/// The same scrape so many milliseconds later.
fn later(mut text: Vec<u8>, millis: u64) -> Vec<u8> {
    let times: Vec<_> = times(&text).collect();
    for (start, time) in times {
        if let Some(place) = text.get_mut(start..start + TIME) {
            place.copy_from_slice((time + millis).to_string().as_bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Made;

    #[test]
    fn every_round_has_samples_of_its_own() {
        let one = Made::of(&stable(1));
        let size = stable(1).iter().map(Vec::len).sum::<usize>();
        let five = Made::of(&stable(5 * size));
        assert_eq!(five.samples, 5 * one.samples);
        let size = changing(1).iter().map(Vec::len).sum::<usize>();
        let (one, two) = (Made::of(&changing(1)), Made::of(&changing(2 * size)));
        assert_eq!(two.samples, 2 * one.samples);
    }
}
