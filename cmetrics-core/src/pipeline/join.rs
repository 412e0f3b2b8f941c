//! What several threads read, joined as if one had read it all.

use super::Pipeline;
use crate::gather::LeftOut;

/// What may be no error in the light of what was read before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doubt {
    /// A sample is faulty or torn; but copies of known samples are not looked at.
    LeftOut(LeftOut),
    /// A folder, the path of this index, holds no dump: so this error says.
    Empty { error: usize, path: usize },
}

impl Doubt {
    /// Which of the errors it is about.
    fn error(&self) -> Option<usize> {
        match self {
            Self::LeftOut(sample) => sample.error,
            Self::Empty { error, .. } => Some(*error),
        }
    }
}

impl Pipeline {
    /// A pipeline that has read nothing, and is to read a part of this one's input.
    pub(super) fn worker(&self) -> Self {
        let mut worker = Self::new(self.settings);
        (worker.verify, worker.doubts) = (self.verify, Some(Vec::new()));
        worker.cancel_by(self.cancel.clone());
        worker
    }

    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.doubts.iter_mut().for_each(|doubts| doubts.push(doubt));
    }

    /// Takes what a worker read behind all that was read before, when dumps were found at these
    /// paths.
    pub(super) fn absorb(&mut self, worker: Self, full: &[bool]) {
        let Self { mut summary, mut errors, doubts, mut series, skipped, .. } = worker;
        // From the last, so that the places of the others stay.
        for doubt in doubts.unwrap_or_default().iter().rev() {
            let is_none = match doubt {
                Doubt::LeftOut(sample) => self.series.knows(&series, sample),
                Doubt::Empty { path, .. } => full.get(*path) == Some(&true),
            };
            if !is_none {
                continue;
            }
            if let Doubt::LeftOut(sample) = doubt {
                series.forgive(sample);
            }
            if let Some(error) = doubt.error() {
                summary.errors -= 1;
                if error < errors.len() {
                    errors.remove(error);
                }
            }
        }
        self.series.absorb(series, &self.cancel);
        self.summary.inputs += summary.inputs;
        self.summary.bytes += summary.bytes;
        self.summary.without_containers += summary.without_containers;
        self.summary.errors += summary.errors;
        let room = Self::MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room));
        self.skipped.extend(skipped);
    }
}
