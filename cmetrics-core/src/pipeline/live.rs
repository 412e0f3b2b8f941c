//! Points while samples come.

use super::Pipeline;
use super::gather::AllSeries;
use crate::point::DataPoint;
use crate::series::Terms;
use crate::settings::Settings;
use crate::time::{NANOS_PER_SECOND, Timestamp};

impl Pipeline {
    /// A pipeline that is fed poll after poll, without end, and gives each point once it is final:
    /// when no sample that would still be accepted can change it. What is final is forgotten, so
    /// that memory does not grow with the time for which it runs, as long as
    /// [`settle`](Self::settle) is called now and then.
    ///
    /// A sample may be up to `lateness` seconds older than the newest one of its container, or
    /// than the time that was last passed to `settle` where that is newer. One that is older
    /// still changes nothing, and is counted ([`Counts::late`](crate::Counts::late)). The points
    /// are those that a batch makes of the accepted samples.
    ///
    /// Samples are remembered for as long as `lateness`, and for 150 seconds at least: copies that
    /// come in this time are duplicates, and later ones are late. A container is forgotten when
    /// its last sample is more than `lateness` and the longest gap (150 seconds at least) before
    /// the caller's time. One that comes again after that begins anew: what it read before is
    /// unknown, and no growth comes of it, so that nothing counts from 0 that did not begin there.
    /// Until then there is kept of a container, besides the samples, the last reading of each
    /// interface and device that it ever had, and its [events](crate::Events).
    ///
    /// ```
    /// use cmetrics_core::{Pipeline, Settings, Timestamp};
    ///
    /// let poll = |second, cpu| {
    ///     format!(
    ///         r#"{{"/docker": {{"spec": {{}}, "stats": [{{"timestamp": "2026-11-21T12:00:{second:02}Z",
    ///             "cpu": {{"usage": {{"total": {cpu}}}}}}}]}}}}"#
    ///     )
    /// };
    /// let mut pipeline = Pipeline::live(Settings::default(), 2);
    /// let mut starts = Vec::new();
    /// for (second, cpu) in [(1, 100), (6, 200), (4, 160), (5, 180), (12, 300), (9, 250)] {
    ///     pipeline.read_bytes("poll", poll(second, cpu).as_bytes());
    ///     pipeline.settle(None, &mut |point| starts.push((second, point.interval().start())));
    /// }
    /// // 12 - 2 seconds are not before 6, which is behind the end; and 9 was late.
    /// assert_eq!(starts, [(12, 1_795_262_400)]);
    /// assert_eq!(pipeline.series().next().unwrap().counts().late, 1);
    /// assert_eq!(pipeline.points().len(), 2);
    ///
    /// let later = Timestamp::parse("2026-11-21T12:30:00Z").unwrap();
    /// pipeline.settle(later, &mut |point| starts.push((0, point.interval().start())));
    /// assert_eq!(starts[1..], [(0, 1_795_262_405), (0, 1_795_262_410)]);
    /// assert_eq!(pipeline.series().count(), 0);
    /// ```
    pub fn live(settings: Settings, lateness: u64) -> Self {
        let lateness = lateness.saturating_mul(NANOS_PER_SECOND);
        Self { series: AllSeries::live(Terms { settings, lateness }), ..Self::new(settings) }
    }

    /// Gives the points of a [live](Self::live) pipeline that are final and were not given before:
    /// by container, and those of a container in rising time. A batch's are never final, and none
    /// is given.
    ///
    /// `now` is the caller's time. Without it a container's points become final only as newer
    /// samples of it come; with it those of silent containers do too, at most the longest gap and
    /// the lateness after their end. It makes what is older than the lateness late from then on,
    /// and a time before one that was passed earlier changes nothing.
    ///
    /// With [shares](Settings::with_shares), a point tells those of the limits that are known when
    /// it is given.
    pub fn settle(&mut self, now: Option<Timestamp>, give: &mut dyn FnMut(DataPoint)) {
        let summary = &mut self.summary;
        self.series.settle(now, give, &mut |counts| {
            summary.late += counts.late;
            summary.forgotten += 1;
        });
    }

    /// On how many threads files are read.
    pub(super) fn readers(&self) -> usize {
        if self.series.is_live() { 1 } else { self.threads.get() }
    }
}
