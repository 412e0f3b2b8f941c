//! The recorder: by handle, by name, and one for each container.

use std::time::Duration;

use cmetrics_core::recorder::{Handle, RecorderSettings, Verdict};
use cmetrics_core::{Container, Recorder, Sample};

use crate::contender::{Contender, Setup, Sums};

/// One recorder for all threads, which know their containers' handles.
#[derive(Debug)]
pub(crate) struct ByHandle {
    recorder: Recorder,
    handles: Vec<Handle>,
}

/// The same, where a sample comes with its container's name.
#[derive(Debug)]
pub(crate) struct ByName {
    recorder: Recorder,
    names: Vec<String>,
}

/// A recorder for each container, so that threads with containers of their own share nothing.
#[derive(Debug)]
pub(crate) struct Apart(Vec<ByHandle>);

/// As an id that a container engine makes.
fn name(container: usize) -> String {
    format!("{container:064x}")
}

fn recorder(setup: Setup) -> Recorder {
    Recorder::new(RecorderSettings::default().with_lateness(Duration::from_secs(setup.lateness)))
}

fn drain(recorder: &Recorder, sums: &mut Sums) {
    recorder.drain(&mut |point| sums.add(&point));
}

fn finish(recorder: &Recorder, sums: &mut Sums) -> u64 {
    recorder.flush_all();
    drain(recorder, sums);
    recorder.totals().accepted
}

impl Contender for ByHandle {
    fn new(setup: Setup) -> Self {
        let recorder = recorder(setup);
        let register = |number| recorder.register(&Container::at_path(name(number)), None);
        let handles = (0..setup.containers).map(register).collect();
        Self { recorder, handles }
    }

    #[inline]
    fn record(&self, container: usize, sample: &Sample) -> bool {
        self.recorder.record(&self.handles[container], sample) == Verdict::Accepted
    }

    fn drain(&self, sums: &mut Sums) {
        drain(&self.recorder, sums);
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        finish(&self.recorder, sums)
    }
}

impl Contender for ByName {
    fn new(setup: Setup) -> Self {
        let names = (0..setup.containers).map(name).collect();
        Self { recorder: recorder(setup), names }
    }

    #[inline]
    fn record(&self, container: usize, sample: &Sample) -> bool {
        self.recorder.record_by_name(&self.names[container], sample) == Verdict::Accepted
    }

    fn drain(&self, sums: &mut Sums) {
        drain(&self.recorder, sums);
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        finish(&self.recorder, sums)
    }
}

impl Contender for Apart {
    fn new(setup: Setup) -> Self {
        let each = Setup { containers: 1, ..setup };
        Self((0..setup.containers).map(|_| ByHandle::new(each)).collect())
    }

    #[inline]
    fn record(&self, container: usize, sample: &Sample) -> bool {
        self.0[container].record(0, sample)
    }

    fn drain(&self, sums: &mut Sums) {
        self.0.iter().for_each(|one| one.drain(sums));
    }

    fn finish(self, sums: &mut Sums) -> u64 {
        self.0.into_iter().map(|one| one.finish(sums)).sum()
    }
}
