//! What really was.

use cmetrics_core::Timestamp;

use crate::container::FakeContainer;
use crate::life::Life;
use crate::machine::{Slot, State};
use crate::meter::Totals;
use crate::sample::{Content, Sample};
use crate::served::Served;
use crate::templates::{Templates, Version};

/// All that a machine ever measured.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Truth {
    /// Each run of each cgroup; first `/`, then the parent of all containers.
    pub lives: Vec<TrueLife>,
    /// Replies with samples, in the order of their requests.
    pub served: Vec<Served>,
}

/// One run of a cgroup, from its start to its end. Times are by the machine's clock.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrueLife {
    /// Whose it is.
    pub container: FakeContainer,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What it used in all, until its end or now.
    pub used: Totals,
    /// Its samples by their times, unless [they are forgotten](crate::MachineOptions::without_truth).
    pub samples: Vec<TrueSample>,
    /// How many samples could be read at some time.
    pub taken: u64,
    /// How many samples replies had, repetitions included.
    pub served: u64,
    /// The earliest sample that was in a reply that was sent as a whole.
    pub first_served: Option<TrueSample>,
    /// The latest such sample.
    pub last_served: Option<TrueSample>,
}

/// A sample that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrueSample {
    /// Its time, by the machine's clock.
    pub at: Timestamp,
    /// What was used until then; `None` for a recorded one.
    pub totals: Option<Totals>,
    /// Whether a reply had it that was sent as a whole.
    pub is_served: bool,
}

/// Which samples a document is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Which {
    /// All that could ever be read.
    Taken,
    /// Those that a reply had that was sent as a whole.
    Served,
    /// The others.
    Unserved,
}

impl TrueLife {
    /// The CPU time in nanoseconds that it used and no reply that was sent as a whole tells: what
    /// came after its last sample in one.
    pub fn unseen_cpu_ns(&self) -> u64 {
        let served = self.samples.iter().filter(|sample| sample.is_served);
        let seen = served.filter_map(|sample| sample.totals).map(|totals| totals.cpu_ns).max();
        self.used.cpu_ns - seen.unwrap_or(0)
    }
}

impl State {
    /// Whether a reply had a sample that was sent as a whole.
    fn is_served(&self, sample: &Sample) -> bool {
        sample.reply.is_some_and(|reply| self.is_whole(reply))
    }

    fn true_sample(&self, sample: &Sample) -> TrueSample {
        let totals = match sample.content {
            Content::Made(totals) => Some(totals),
            Content::Recorded(_) => None,
        };
        TrueSample { at: time(sample.at), totals, is_served: self.is_served(sample) }
    }

    pub(crate) fn truth(&mut self) -> Truth {
        let running: Vec<_> = (0..self.slots.len()).map(|index| self.totals(index)).collect();
        let mut lives = Vec::new();
        for (slot, now) in self.slots.iter().zip(running) {
            for life in &slot.lives {
                let used = if life.ended.is_some() { life.last } else { now };
                lives.push(self.true_life(slot, life, used));
            }
        }
        Truth { lives, served: self.served.clone() }
    }

    fn true_life(&self, slot: &Slot, life: &Life, used: Totals) -> TrueLife {
        let samples = all_of(life).into_iter().map(|sample| self.true_sample(sample)).collect();
        let noted = |noted: Option<(u64, Totals)>| {
            let sample =
                |(at, totals)| TrueSample { at: time(at), totals: Some(totals), is_served: true };
            noted.map(sample)
        };
        let served = life.counts.served(|reply| self.is_whole(reply));
        TrueLife {
            container: slot.container.clone(),
            started: time(life.started),
            ended: life.ended.map(time),
            used,
            samples: if self.options.keeps_truth { samples } else { Vec::new() },
            taken: life.counts.taken,
            served: served.samples,
            first_served: noted(served.first),
            last_served: noted(served.last),
        }
    }

    /// A document for each run that has such samples, in the form of `docker/` of v1.3.
    pub(crate) fn documents(&self, templates: &Templates, which: Which) -> Vec<Vec<u8>> {
        let mut documents = Vec::new();
        for slot in &self.slots {
            let template = templates.of(slot.kind, Version::One);
            for life in &slot.lives {
                let [head, _] = &life.heads;
                let path = &slot.container.path;
                let mut document = format!("{{\"{path}\":{{{head},\"stats\":[").into_bytes();
                let start = document.len();
                for sample in all_of(life) {
                    let is_wanted = match which {
                        Which::Taken => true,
                        Which::Served => self.is_served(sample),
                        Which::Unserved => !self.is_served(sample),
                    };
                    if is_wanted {
                        if document.len() > start {
                            document.push(b',');
                        }
                        template.write(sample, &mut document);
                    }
                }
                if document.len() > start {
                    document.extend(b"]}}");
                    documents.push(document);
                }
            }
        }
        documents
    }
}

/// All samples of a run by their times.
fn all_of(life: &Life) -> Vec<&Sample> {
    let mut samples: Vec<_> = life.past.iter().chain(&life.listed).collect();
    samples.sort_by_key(|sample| sample.at);
    samples
}

fn time(nanos: u64) -> Timestamp {
    Timestamp::from_nanos(nanos).unwrap_or(Timestamp::MIN)
}
