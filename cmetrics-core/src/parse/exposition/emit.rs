//! Hands what a document tells to the receiver: container by container, in the order of their first
//! rows, with their samples in the order of time.

use std::collections::{HashMap, HashSet};

use super::cell::Of;
use super::machines::Machine;
use super::names::NameId;
use super::scrape::Scrape;
use super::subject::Subject;
use super::who::Who;
use crate::cancel::Cancel;
use crate::document::{DocumentKind, Door, Note, ScrapeTime, Wanted};
use crate::parse::Receiver;
use crate::time::Timestamp;

/// Hands over everything. Stops early if cancelled.
pub(super) fn emit(
    scrape: &mut Scrape,
    scraped_at: Option<ScrapeTime>,
    receiver: &mut dyn Receiver,
    cancel: &Cancel,
) {
    let cpus = Cpus::of(scrape);
    let width = scrape.is_own.then(|| width(scrape));
    let touched = std::mem::take(&mut scrape.touched);
    for index in &touched {
        if cancel.is_cancelled() {
            break;
        }
        describe(scrape, *index, &cpus);
        let Some(subject) = scrape.subjects.get(*index as usize) else { continue };
        let door = subject.who.door;
        receiver.container(&subject.container, DocumentKind::Of(door));
        notes(subject, scraped_at, receiver);
        samples(scrape, *index, width, receiver);
    }
    scrape.touched = touched;
}

fn notes(subject: &Subject, scraped_at: Option<ScrapeTime>, receiver: &mut dyn Receiver) {
    if subject.who.is_of_runtime() {
        receiver.note(Note::WholeSeconds);
    }
    match scraped_at {
        Some(ScrapeTime::Told(_)) if subject.is_untimed => receiver.note(Note::TimesOfScrape),
        Some(ScrapeTime::OfFile(_)) if subject.is_untimed => receiver.note(Note::TimesOfFile),
        _ => {}
    }
}

/// The width of the intervals of points that cmetrics wrote, in nanoseconds.
fn width(scrape: &mut Scrape) -> u64 {
    let mut width = u64::MAX;
    for index in &scrape.touched {
        if let Some(subject) = scrape.subjects.get_mut(*index as usize) {
            subject.sort();
            width = width.min(subject.shortest_spacing().unwrap_or(u64::MAX));
        }
    }
    width
}

/// `width` is that of the intervals of points that cmetrics wrote.
fn samples(scrape: &mut Scrape, index: u32, width: Option<u64>, receiver: &mut dyn Receiver) {
    let Scrape { subjects, scrapes, names, metrics, .. } = scrape;
    let Some(subject) = subjects.get_mut(index as usize) else { return };
    subject.sort();
    for sample in 0..subject.len() {
        // The end of an interval is no part of the next one.
        let ends = width.is_some_and(|width| subject.ends_interval(sample, width));
        let time = subject.time(sample).saturating_sub(ends.into());
        let Some(time) = Timestamp::from_nanos(time) else {
            receiver.never_taken();
            continue;
        };
        if receiver.wants(time) == Wanted::Whole
            && let Some(sample) = subject.sample(sample, time, scrapes, *metrics, names)
        {
            receiver.sample(sample, &[]);
        }
    }
}

/// Brings what is said of a container up to date.
fn describe(scrape: &mut Scrape, index: u32, cpus: &Cpus) {
    let Some(subject) = scrape.subjects.get_mut(index as usize) else { return };
    let limits = subject.limits();
    let Subject { who, container, captions, described, .. } = subject;
    if *described != Some(*captions)
        && let Some(captions) = scrape.captions.get(*captions as usize)
    {
        container.aliases.clear();
        container.aliases.extend(captions.alias.clone());
        container.image.clone_from(&captions.image);
        container.kubernetes.clone_from(&captions.kubernetes);
        container.labels.clone_from(&captions.labels);
    }
    *described = Some(*captions);
    container.limits = limits;
    if who.door == Door::Exposition {
        let machine = scrape.machines.of(who);
        container.cpus = machine.and_then(|machine| machine.cpus).or_else(|| cpus.seen(who));
        if let Some(Machine { cpus, memory }) = machine
            && who.path == "/"
            && cpus.or(memory).is_some()
        {
            let limits = container.limits.get_or_insert_default();
            limits.memory_bytes = limits.memory_bytes.or(memory);
            (limits.machine_cpus, limits.machine_memory_bytes) = (cpus, memory);
        }
    }
}

/// How many CPUs have rows, by machine. It tells the number of CPUs of a machine that has no row.
#[derive(Default)]
struct Cpus(HashMap<Option<String>, HashSet<NameId>>);

impl Cpus {
    fn of(scrape: &Scrape) -> Self {
        let mut seen = Self::default();
        let touched = scrape.touched.iter();
        for subject in touched.filter_map(|index| scrape.subjects.get(*index as usize)) {
            let machine = scrape.machines.of(&subject.who);
            if machine.is_some_and(|machine| machine.cpus.is_some()) {
                continue;
            }
            for cell in subject.read_cells() {
                if let Of::Cpu(name) = cell.of {
                    if !seen.0.contains_key(&subject.who.machine) {
                        seen.0.insert(subject.who.machine.clone(), HashSet::new());
                    }
                    seen.0.get_mut(&subject.who.machine).into_iter().for_each(|of_machine| {
                        of_machine.insert(name);
                    });
                }
            }
        }
        seen
    }

    fn seen(&self, who: &Who) -> Option<u64> {
        Some(self.0.get(&who.machine)?.len() as u64)
    }
}
