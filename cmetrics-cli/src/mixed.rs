//! A note where the dumps of several machines seem to be mixed.

use cmetrics_core::{Metric, Series};

use crate::messages;

/// Of how many samples one may fall at most: a fifth.
const FALLS_ALLOWED: u64 = 5;

/// Prints a note if the CPU counters of cgroup paths fall so often that the samples must be of
/// several cgroups: each machine has a `/` of its own.
pub(crate) fn note_mixed_machines<'s>(all: impl IntoIterator<Item = &'s Series>) {
    if let Some(note) = note(all) {
        messages::note(note);
    }
}

fn note<'s>(all: impl IntoIterator<Item = &'s Series>) -> Option<String> {
    let without_id = all.into_iter().filter(|series| series.identity().id().is_none());
    let mixed: Vec<_> = without_id.filter_map(falling).collect();
    let (name, falls, samples) = mixed.first()?;
    let others = match mixed.len() - 1 {
        0 => String::new(),
        1 => " (and of 1 more path)".to_owned(),
        more => format!(" (and of {more} more paths)"),
    };
    let what = match samples / falls {
        0 | 1 => "nearly every sample".to_owned(),
        2 => "every second sample".to_owned(),
        3 => "every third sample".to_owned(),
        _ => "every fourth or fifth sample".to_owned(),
    };
    Some(format!(
        "the CPU counter of {name}{others} falls at about {what} ({falls} of {samples}): dumps of \
         several machines may be mixed; --machine-by-folder tells them apart by their folders, \
         --machine names one"
    ))
}

/// The name of a container whose CPU counter falls too often, with the number of falls and of
/// samples.
fn falling(series: &Series) -> Option<(String, u64, u64)> {
    let (mut falls, mut samples, mut last) = (0, 0, None);
    for reading in series.samples().filter_map(|sample| sample.get(Metric::CpuUsage)) {
        samples += 1;
        falls += u64::from(last.is_some_and(|last| reading < last));
        last = Some(reading);
    }
    let name = series.identity().name().to_string();
    (falls > 1 && falls * FALLS_ALLOWED > samples).then_some((name, falls, samples))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use cmetrics_core::container::Identity;
    use cmetrics_core::{Container, Sample, Timestamp};

    use super::*;

    fn series(path: &str, readings: &[u64]) -> Series {
        let mut series = Series::new(Identity::new(&Container::at_path(path), None));
        for (index, reading) in readings.iter().enumerate() {
            let time = Timestamp::from_nanos(1_000_000_000 * (index as u64 + 1)).unwrap();
            let mut sample = Sample::new(time);
            sample.set(Metric::CpuUsage, *reading);
            series.insert(sample);
        }
        series
    }

    #[test]
    fn a_path_that_falls_at_more_than_a_fifth_of_its_samples_is_told() {
        let mixed = series("/", &[100, 5, 101, 6, 102, 7]);
        let text = note([&mixed]).unwrap();
        assert!(text.contains("of / falls at about every second sample (3 of 6)"), "{text}");
        assert!(text.contains("--machine-by-folder"), "{text}");
        let other = series("/docker", &[9, 8, 7]);
        let text = note([&mixed, &other]).unwrap();
        assert!(text.contains("(and of 1 more path)"), "{text}");
    }

    #[test]
    fn restarts_and_containers_with_ids_are_no_mixed_machines() {
        let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
        let container = series(&format!("/docker/{id}"), &[100, 5, 101, 6, 102, 7]);
        let restarted = series("/a", &[1, 2, 3, 4, 0, 1, 2, 3, 0, 1]);
        let once = series("/b", &[9, 1]);
        assert_eq!(note([&container, &restarted, &once]), None);
    }
}
