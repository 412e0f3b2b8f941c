//! Tests the page of the format (`docs/format.md`), the reader that was written from it, and the
//! segment file in the repository.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::*;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{Figures, Level, ReadingSummary, Watched};
use crate::settings::Settings;
use crate::time::Interval;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn kept() -> PathBuf {
    root().join("tests/data/store/segment-v1.seg")
}

fn expected() -> PathBuf {
    root().join("tests/data/store/segment-v1.json.gz")
}

/// All parts of a point, as the reader of the page shows them.
fn shown(point: &DataPoint) -> Value {
    let figures = point.figures();
    let level = |level: &Level| match *level {
        Level::Read(read) => {
            json!({"read": [read.number(), read.sum().to_string(), read.min, read.max]})
        }
        Level::Between(from, to) => json!({"between": [from.0, from.1, to.0, to.1]}),
        Level::Inexact(gauge) => {
            let bits = [gauge.ave, gauge.min, gauge.max].map(f64::to_bits);
            json!({ "told": bits })
        }
    };
    let of = |kind| figures.present().intersection(MetricSet::of_kind(kind));
    let growths = of(Kind::Counter).iter().zip(figures.growths());
    let growths = growths.map(|(metric, growth)| (metric.name().to_owned(), json!(growth)));
    let levels = of(Kind::Gauge).iter().zip(figures.levels());
    let levels = levels.map(|(metric, read)| (metric.name().to_owned(), level(read)));
    let names = |set: MetricSet| {
        let mut names: Vec<_> = set.iter().map(Metric::name).collect();
        names.sort_unstable();
        names
    };
    json!({
        "name": point.name(),
        "start": point.interval().start(),
        "end": point.interval().end(),
        "samples": point.samples(),
        "covered": match point.watched() {
            Watched::Nanos(nanos) => json!({ "nanos": nanos }),
            Watched::Part(part) => json!({ "part": part.to_bits() }),
            Watched::Unknown => Value::Null,
        },
        "asked": names(point.selected()),
        "too_large": names(figures.too_large()),
        "metrics": growths.chain(levels).collect::<serde_json::Map<_, _>>(),
    })
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn expected_points() -> Vec<Value> {
    let mut text = String::new();
    let file = std::fs::File::open(expected()).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    lines(&text)
}

/// The output of the page's reader for a segment; `None` without `python3`.
fn read_by_page(path: &Path) -> Option<Vec<Value>> {
    let reader = root().join("tests/format/read_segment.py");
    let Ok(output) = Command::new("python3").arg(reader).arg(path).output() else {
        println!("there is no python3 to read segments by the page");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(lines(&String::from_utf8(output.stdout).unwrap()))
}

fn assert_same(found: &[Value], expected: &[Value]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn the_kept_segment_reads_as_ever() {
    let segment = open(&std::fs::read(kept()).unwrap()).unwrap();
    segment.verify(&crate::Cancel::default(), |damage| panic!("{damage}"));
    let (points, damages) = read(&segment);
    assert!(damages.is_empty());
    assert_same(&points.iter().map(shown).collect::<Vec<_>>(), &expected_points());
}

#[test]
fn the_reader_of_the_page_reads_the_kept_segment() {
    if let Some(found) = read_by_page(&kept()) {
        assert_same(&found, &expected_points());
    }
}

#[test]
fn the_reader_of_the_page_reads_what_is_written_now() {
    let points = many();
    for most in [3, 40, 720] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("now.seg");
        std::fs::write(&path, written(&points, most).0).unwrap();
        let Some(found) = read_by_page(&path) else { return };
        assert_same(&found, &points.iter().map(shown).collect::<Vec<_>>());
    }
}

/// Points of recordings with every metric, and some of all other kinds.
fn many() -> Vec<DataPoint> {
    let folder = root().join("tests/data/recorded");
    let all = Settings::default().with_metrics(MetricSet::all());
    let mut points = recorded(&folder.join("dynamic"), all);
    points.truncate(120);
    let mut odd = super::points::sample_of_any(40);
    let name: Arc<str> = "zz".into();
    for (index, point) in odd.iter_mut().enumerate() {
        let start = 350_000_000 * 5 + 5 * index as u64;
        let interval = Interval::new(start, start + 5).unwrap();
        let figures = lines_moved(point.figures(), start);
        let (samples, watched) = (point.samples(), point.watched());
        let (name, selected) = (Arc::clone(&name), point.selected());
        *point = DataPoint::from_parts(name, interval, samples, watched, figures, selected);
    }
    points.extend(odd);
    points.extend(super::points::grown(
        &recorded(&folder.join("v060-1s"), Settings::default()),
        3,
        300,
    ));
    points.sort_by(|left, right| {
        let key = |point: &DataPoint| (point.shared_name().clone(), point.interval().start());
        key(left).cmp(&key(right))
    });
    points
}

/// The same with lines that begin before this second.
fn lines_moved(figures: &Figures, start: u64) -> Figures {
    let mut moved = figures.clone();
    for metric in figures.present().iter() {
        if let Some(Level::Between(from, to)) = figures.level(metric) {
            let nanos = from.0.min(start * 1_000_000_000);
            moved.set_level(metric, Level::Between((nanos, from.1), (nanos + 7, to.1)));
        }
    }
    moved
}

#[test]
#[ignore = "writes the kept segment: once a version of the format"]
fn write_the_kept_segment() {
    let points = many();
    std::fs::write(kept(), written(&points, 300).0).unwrap();
    let file = std::fs::File::create(expected()).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
    for point in &points {
        writeln!(packed, "{}", shown(point)).unwrap();
    }
    packed.finish().unwrap();
}

/// The example of the page.
fn example() -> Vec<u8> {
    let mut figures = Figures::default();
    figures.set_growth(Metric::CpuUsage, 1000);
    let readings = ReadingSummary::new(3, 8192 + 8192 + 4096, 4096, 8192).unwrap();
    figures.set_level(Metric::MemoryUsage, Level::Read(readings));
    let name: Arc<str> = "/a".into();
    let interval = Interval::new(1_795_262_400, 1_795_262_405).unwrap();
    let (watched, selected) = (Watched::Nanos(5_000_000_000), MetricSet::default());
    let point =
        DataPoint::from_parts(Arc::clone(&name), interval, Some(3), watched, figures, selected);
    let memory = Memory::default();
    let mut writer = SegmentWriter::new(&memory, 5, 8);
    writer.container(&name, b"{}", None).unwrap();
    writer.point(&point).unwrap();
    writer.finish().unwrap();
    memory.bytes()
}

#[test]
fn the_example_of_the_page_is_what_is_written() {
    let page = std::fs::read_to_string(root().join("../docs/format.md")).unwrap();
    let (_, behind) = page.split_once("```example\n").unwrap();
    let (example_of_page, _) = behind.split_once("```").unwrap();
    let bytes = example_of_page.lines().filter_map(|line| line.split('|').next());
    let bytes = bytes.flat_map(str::split_whitespace).map(|byte| u8::from_str_radix(byte, 16));
    assert_eq!(bytes.collect::<Result<Vec<_>, _>>().unwrap(), example());
}
