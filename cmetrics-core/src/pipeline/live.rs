//! Live pipelines: points are made while samples come.

use std::time::Duration;

use super::Pipeline;
use super::series_set::SeriesSet;
use crate::point::DataPoint;
use crate::series::LivePolicy;
use crate::settings::Settings;
use crate::time::Timestamp;

impl Pipeline {
    /// A pipeline that reads polls without end, and emits each point once it is final: when no
    /// sample that would still be accepted can change it. Final points and their samples are
    /// forgotten, so memory does not grow over time if [`settle`](Self::settle) is called now and
    /// then.
    ///
    /// A sample may be up to `lateness` older than the newest one of its container, or
    /// than the time that was last passed to `settle` if that is newer. An older sample changes
    /// nothing, and is counted ([`Counts::late`](crate::series::Counts::late)). The points are those that
    /// a batch makes of the accepted samples.
    ///
    /// Samples are remembered for `lateness`, or for 150 seconds if that is longer: copies that
    /// come within this time count as duplicates, later ones as late. A container is forgotten
    /// when its last sample is more than `lateness` and the longest gap (150 seconds at least)
    /// before the caller's time. A container that comes back after that begins anew: its earlier
    /// readings are unknown and make no growth, so no counter counts from 0 that did not begin
    /// there. Until a container is forgotten, the pipeline keeps, beside its samples, the last
    /// reading of each interface and device that it ever had, and its [events](crate::series::Events).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cmetrics_core::{Input, Pipeline, Settings, Timestamp};
    ///
    /// let poll = |second, cpu| {
    ///     format!(
    ///         r#"{{"/docker": {{"spec": {{}}, "stats": [{{"timestamp": "2026-11-21T12:00:{second:02}Z",
    ///             "cpu": {{"usage": {{"total": {cpu}}}}}}}]}}}}"#
    ///     )
    /// };
    /// let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(2));
    /// let mut starts = Vec::new();
    /// for (second, cpu) in [(1, 100), (6, 200), (4, 160), (5, 180), (12, 300), (9, 250)] {
    ///     pipeline.read(Input::bytes("poll", &poll(second, cpu))).into_result().unwrap();
    ///     pipeline.settle(None, &mut |point| starts.push((second, point.interval().start())));
    /// }
    /// // At 12 s, a sample before 10 s is late, as that of 9 s is. So no sample can come before that
    /// // of 6 s any more, and the interval from 0 to 5 s is final.
    /// assert_eq!(starts, [(12, 1_795_262_400)]);
    /// assert_eq!(pipeline.series().next().unwrap().counts().late, 1);
    /// assert_eq!(pipeline.points().len(), 2);
    ///
    /// let later = Timestamp::parse("2026-11-21T12:30:00Z").unwrap();
    /// pipeline.settle(later, &mut |point| starts.push((0, point.interval().start())));
    /// assert_eq!(starts[1..], [(0, 1_795_262_405), (0, 1_795_262_410)]);
    /// assert_eq!(pipeline.series().count(), 0);
    /// ```
    pub fn live(settings: Settings, lateness: Duration) -> Self {
        let lateness = u64::try_from(lateness.as_nanos()).unwrap_or(u64::MAX);
        Self { series: SeriesSet::live(LivePolicy { settings, lateness }), ..Self::new(settings) }
    }

    /// Emits the points of a [live](Self::live) pipeline that have become final: by container, and
    /// those of a container in rising time. Emits nothing if the pipeline is not live.
    ///
    /// `now` is the caller's time. Without it, a container's points become final only when newer
    /// samples of it come. With it, those of silent containers do, too, at most the longest gap
    /// and the lateness after their end. From then on samples that are older than `now` by more
    /// than the lateness are late. A time before one that was passed earlier changes nothing.
    ///
    /// With [shares](Settings::with_shares), a point contains its shares of the limits that are
    /// known when it is emitted.
    pub fn settle(&mut self, now: Option<Timestamp>, emit: &mut dyn FnMut(DataPoint)) {
        let summary = &mut self.summary;
        self.series.settle(now, emit, &mut |counts| {
            summary.late += counts.late;
            summary.forgotten += 1;
        });
    }

    /// The number of threads that read files.
    pub(super) fn reader_threads(&self) -> usize {
        if self.series.is_live() { 1 } else { self.threads.get() }
    }
}
