//! What the names of files tell of their samples.

use std::fs::File;
use std::path::Path;

use crate::container::Identity;
use crate::parse::ScrapeTime;
use crate::time::Timestamp;

/// Fewer digits are a time before 1973, and hardly meant as one.
const FEWEST_DIGITS_OF_TIME: usize = 12;

/// When an exposition in a file was scraped: the milliseconds since the epoch in the file's name,
/// between two dots, else the time at which the file was written.
pub(super) fn scrape_time(path: &Path, opened: &File) -> Option<ScrapeTime> {
    let written = || {
        let written = opened.metadata().ok()?.modified().ok()?;
        let since_epoch = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        Timestamp::from_nanos(u64::try_from(since_epoch.as_nanos()).ok()?)
    };
    let told = time_in_name(&path.file_name()?.to_string_lossy());
    told.map(ScrapeTime::Told).or_else(|| written().map(ScrapeTime::OfFile))
}

/// The last of the milliseconds in a name: `metrics.UNIXMILLIS.prom`.
fn time_in_name(name: &str) -> Option<Timestamp> {
    const NANOS_PER_MILLI: u64 = 1_000_000;
    let (inner, _) = name.rsplit_once('.')?;
    inner.rsplit('.').find_map(|part| {
        let millis: u64 = part.parse().ok().filter(|_| is_time(part))?;
        Timestamp::from_nanos(millis.checked_mul(NANOS_PER_MILLI)?)
    })
}

fn is_time(part: &str) -> bool {
    part.len() >= FEWEST_DIGITS_OF_TIME && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The container whose stats are in a file that is named after it: the id in its name, else the
/// name without what says the form and time of the file.
pub(super) fn container(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    if let Some(id) = words.find(|word| Identity::is_id(&word.to_ascii_lowercase())) {
        return Some(id.to_owned());
    }
    let plain = unpacked(name);
    let stem = plain.rsplit_once('.').map_or(plain, |(stem, _)| stem);
    let timed = stem.rsplit_once('.').filter(|(_, time)| is_time(time));
    let bare = timed.map_or(stem, |(bare, _)| bare);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// A name without what says that the file is packed.
pub(super) fn unpacked(name: &str) -> &str {
    [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_time_of_the_scrape_in_milliseconds_between_dots() {
        let found = |name| time_in_name(name).map(Timestamp::nanos);
        assert_eq!(found("metrics.1795246702737.prom.gz"), Some(1_795_246_702_737_000_000));
        assert_eq!(found("1500000000000.1795246702737.prom"), Some(1_795_246_702_737_000_000));
        for name in
            ["metrics.prom", "metrics.1795246702.prom", "1795246702737", "a.179524670273x.b"]
        {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_tells_the_container_by_its_id_or_by_what_is_not_form_or_time() {
        let id = "3f".repeat(32);
        for (name, expected) in [
            (format!("metrics_web_{id}.json"), &*id),
            (format!("{id}.1795246702737.json.gz"), &*id),
            ("web.1795246702737.json.gz".to_owned(), "web"),
            ("web.ndjson".to_owned(), "web"),
            ("web".to_owned(), "web"),
        ] {
            assert_eq!(container(Path::new(&name)).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(container(Path::new(".json")), None);
    }
}
