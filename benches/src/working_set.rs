//! Working sets larger than any cache, made of recordings: their documents again and again, each
//! time with other containers.

use crate::recorded;

/// The digits of a container's id.
const ID: usize = 64;
/// How many of them are replaced: enough to tell all copies apart.
const STAMP: usize = 8;
/// Room behind each document. simdjson reads so far beyond the end, and must not have to copy.
const PADDING: usize = 64;

/// A document whose containers can be replaced.
pub(crate) struct Template {
    text: Vec<u8>,
    /// Where its containers' ids begin.
    ids: Vec<usize>,
}

impl Template {
    pub(crate) fn new(text: Vec<u8>) -> Self {
        let mut ids = Vec::new();
        let mut start = 0;
        for run in text.split(|byte| !byte.is_ascii_hexdigit()) {
            if run.len() == ID {
                ids.push(start);
            }
            start += run.len() + 1;
        }
        Self { text, ids }
    }

    /// The same document of other containers.
    pub(crate) fn stamped(&self, stamp: usize) -> Vec<u8> {
        let digits = format!("{stamp:0STAMP$x}");
        let mut text = Vec::with_capacity(self.text.len() + PADDING);
        text.extend_from_slice(&self.text);
        for &id in &self.ids {
            if let Some(place) = text.get_mut(id..id + STAMP) {
                place.copy_from_slice(digits.as_bytes());
            }
        }
        text
    }
}

/// This text so many times, each time with other containers.
pub(crate) fn copies(text: Vec<u8>, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let template = Template::new(text);
    (0..count).map(move |stamp| template.stamped(stamp))
}

/// The recorded documents that working sets are made of: v1.3 `docker` of cAdvisor 0.36 and 0.60.
pub fn sources() -> Vec<Vec<u8>> {
    let old = recorded("steady-1s", "v1.3-docker");
    let new = recorded("v060-1s", "v1.3-docker");
    // In turn, so that a small working set has some of both.
    let turns = old.len().max(new.len());
    (0..turns).flat_map(|turn| [old.get(turn), new.get(turn)]).flatten().cloned().collect()
}

/// At least so many bytes of documents in which every sample is new: the `n`th is made of the
/// `n`th of [`sources`], counted round and round.
pub fn working_set(bytes: usize) -> Vec<Vec<u8>> {
    let templates: Vec<_> = sources().into_iter().map(Template::new).collect();
    let mut made = 0;
    let documents = templates.iter().cycle().enumerate().map(|(n, template)| template.stamped(n));
    documents
        .take_while(|document| {
            let more = made < bytes;
            made += document.len();
            more
        })
        .collect()
}

/// At least so many bytes of polls as they follow each other, so that five of six samples repeat
/// what an earlier poll told: rounds of recorded polls, each round of other containers. A small
/// number of bytes gives a part of one round.
pub fn polls(bytes: usize) -> Vec<Vec<Vec<u8>>> {
    let mut taken = 0;
    let recorded = recorded("steady-1s", "v1.2-docker").into_iter().enumerate();
    let templates: Vec<_> = recorded
        .take_while(|(n, document)| {
            let more = *n < FEWEST_POLLS || taken < bytes;
            taken += document.len();
            more
        })
        .map(|(_, document)| Template::new(document))
        .collect();
    let round: usize = templates.iter().map(|template| template.text.len()).sum();
    (0..bytes.div_ceil(round))
        .map(|stamp| templates.iter().map(|template| template.stamped(stamp)).collect())
        .collect()
}

const FEWEST_POLLS: usize = 4;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::measure::Tally;

    #[test]
    fn every_sample_of_a_working_set_is_new() {
        let documents = working_set(40 << 20);
        assert!(documents.iter().map(Vec::len).sum::<usize>() >= 40 << 20);
        let pipeline = crate::measure::read_all(&documents);
        let kept: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
        let tally = Tally::strictly(&documents);
        assert_eq!(kept as u64, tally.samples);
        assert!(kept > 5000);
    }

    #[test]
    fn stamps_tell_documents_apart_and_change_nothing_else() {
        let source = sources().remove(0);
        let template = Template::new(source.clone());
        let copies: HashSet<_> = (0..3).map(|stamp| template.stamped(stamp)).collect();
        assert_eq!(copies.len(), 3);
        assert!(copies.iter().all(|copy| copy.len() == source.len()));
    }

    #[test]
    fn polls_repeat_most_samples() {
        let rounds = polls(1);
        assert_eq!(rounds.len(), 1);
        let pipeline = crate::measure::read_all(&rounds.concat());
        let kept: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
        let duplicates: u64 = pipeline.series().map(|series| series.counts().duplicates).sum();
        assert!(duplicates > kept as u64, "{kept} {duplicates}");
    }
}
