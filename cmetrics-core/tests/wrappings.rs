//! Replies inside of other things, and what is found again after damage: the kinds of which the
//! trials are one case each.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    reason = "tests"
)]

mod common;

use cmetrics_core::parse::{DocumentKind, Note, Parser, Receiver, Wanted};
use cmetrics_core::{
    Container, Error, ErrorKind, Input, Metric, MetricSet, Pipeline, Sample, Settings, Timestamp,
};
use common::{data, read_files};

const ID: &str = "0783690c8f18a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

/// A pipeline, the samples of each container by name, and the errors.
struct Read {
    samples: Vec<(String, usize)>,
    errors: Vec<Error>,
    pipeline: Pipeline,
}

fn read(dump: impl AsRef<[u8]>) -> Read {
    let mut pipeline = Pipeline::default();
    let errors = pipeline.read(Input::bytes("dump", dump.as_ref())).errors;
    let mut streamed = Pipeline::default();
    let of_stream = streamed.read(Input::local_reader("dump", Trickle(dump.as_ref()))).errors;
    let shown = |errors: &[Error]| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&errors), shown(&of_stream), "whatever the size of the reads");
    assert_eq!(pipeline.points(), streamed.points());
    Read { samples: samples(&pipeline), errors, pipeline }
}

/// A reader that returns a few bytes at a time.
struct Trickle<'b>(&'b [u8]);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(7);
        self.0.read(&mut buffer[..length])
    }
}

fn samples(pipeline: &Pipeline) -> Vec<(String, usize)> {
    pipeline.series().map(|series| (series.identity().name().to_string(), series.len())).collect()
}

fn trial(file: &str) -> Read {
    read(std::fs::read(data().join("trials").join(file)).unwrap())
}

fn count(read: &Read) -> usize {
    read.samples.iter().map(|(_, samples)| samples).sum()
}

/// The CPU time of the points of the containers that this word stands for.
fn cpu(read: &Read, word: &str) -> Vec<u64> {
    let found = read.pipeline.find(word).unwrap();
    assert_eq!(found.len(), 1, "{word}");
    let points = found[0].history(Settings::default()).points;
    points.iter().filter_map(|point| point.growth(Metric::CpuUsage)).collect()
}

fn reply(path: &str, seconds: &[u32]) -> String {
    let sample = |second: &u32| {
        format!(
            r#"{{"timestamp":"2026-11-21T12:00:{second:02}Z","cpu":{{"usage":{{"total":{second}}}}}}}"#
        )
    };
    let stats: Vec<_> = seconds.iter().map(sample).collect();
    let stats = stats.join(",");
    format!(r#"{{"{path}":{{"name":"{path}","spec":{{"has_cpu":true}},"stats":[{stats}]}}}}"#)
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[track_caller]
fn assert_whole(text: &str, expected: &[(&str, usize)]) {
    let read = read(text);
    let found: Vec<_> = read.samples.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!(found, expected, "{text}\n{:?}", read.errors);
    assert!(read.errors.is_empty(), "{text}\n{:?}", read.errors);
}

#[test]
fn what_the_drivers_for_kafka_and_elasticsearch_write_is_read() {
    for (file, web, db) in
        [("kafka.ndjson", ID, "db"), ("es_source.ndjson", "node1:web", "node1:db")]
    {
        let read = trial(file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(cpu(&read, web), [2_000_000_000, 2_500_000_000, 500_000_000], "{file}");
        assert_eq!(cpu(&read, "web"), cpu(&read, web), "{file}");
        assert_eq!(cpu(&read, db), [10_000_000_000, 12_500_000_000, 2_500_000_000], "{file}");
        let service = "node1:/system.slice/ssh.service";
        assert_eq!(cpu(&read, service), [2_000_000, 2_500_000, 500_000], "{file}");
        assert_eq!(count(&read), 18, "{file}");
    }
}

#[test]
fn elasticsearchs_answers_and_redis_lists_hold_the_same_objects() {
    let lines = std::fs::read_to_string(data().join("trials/es_source.ndjson")).unwrap();
    let sources: Vec<&str> = lines.lines().collect();
    let hits: Vec<_> = sources
        .iter()
        .map(|line| format!(r#"{{"_index":"i","_id":"1","_source":{line}}}"#))
        .collect();
    let quoted: Vec<_> = sources.iter().map(|line| quoted(line)).collect();
    let numbered: Vec<_> =
        quoted.iter().enumerate().map(|(index, line)| format!("{}) {line}", index + 1)).collect();
    let expected = trial("es_source.ndjson").pipeline.points();
    for text in [
        format!(r#"{{"took":7,"hits":{{"total":{{"value":18}},"hits":[{}]}}}}"#, hits.join(",")),
        hits.join("\n"),
        format!("[{}]", sources.join(",")),
        format!("[{}]", quoted.join(",")),
        numbered.join("\n"),
        quoted.join("\n"),
    ] {
        let read = read(&text);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.pipeline.points(), expected, "{}", &text[..60]);
    }
}

#[test]
fn lines_of_the_driver_stdout_are_samples() {
    let read = trial("stdout.log");
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.samples, [("web".to_owned(), 1)]);
    let point = &read.pipeline.points()[0];
    let memory = point.gauge(Metric::MemoryUsage).unwrap();
    assert!((memory.ave - 21_446_656.0).abs() < 1e-3);
    let line = |second: u64, cpu: u64| {
        format!(
            "cName=/a host=x cpu_usage_total={cpu} timestamp={}\n",
            1_795_262_400_000_000_000 + second * 1_000_000_000
        )
    };
    let log =
        format!("starting\n{}{}cName=/a timestamp=x\n{}", line(0, 1), line(5, 6), line(10, 8));
    let read = self::read(log);
    assert_eq!(cpu(&read, "/a"), [5, 2]);
    let kinds: Vec<_> = read.errors.iter().map(Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Value, ErrorKind::NotADump], "{:?}", read.errors);
}

#[test]
fn replies_inside_log_lines_and_objects_are_read() {
    for file in ["dockerlog.json", "wrapped.ndjson"] {
        let read = trial(file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let billions = [2_000_000_000, 2_500_000_000, 2_500_000_000, 2_500_000_000, 500_000_000];
        assert_eq!(cpu(&read, ID), billions, "{file}");
    }
    let read = trial("by_node.json");
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.samples.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [6, 7]);
    let machine = |index| read.pipeline.series().nth(index).unwrap().identity().machine();
    assert_eq!((machine(0), machine(1)), (Some("node1"), Some("node2")));
}

#[test]
fn a_reply_is_found_under_any_key_and_its_machine_where_that_is_named() {
    let a = reply("/a", &[1, 2]);
    let root = r#"{"name":"/","spec":{"has_cpu":true},"stats":[{"timestamp":"2026-11-21T12:00:01Z","cpu":{}}]}"#;
    let machine = r#"[{"timestamp":"2026-11-21T12:00:01Z","cpu":{},"filesystem":[]}]"#;
    let text = quoted(&a);
    for (document, expected) in [
        (format!(r#"{{"x":{a}}}"#), vec![("x:/a", 2)]),
        (format!(r#"{{"data":{a}}}"#), vec![("/a", 2)]),
        (format!(r#"{{"body":[{a}],"n":7,"ok":true}}"#), vec![("/a", 2)]),
        (format!(r#"{{"message":{text},"hostname":"n"}}"#), vec![("n:/a", 2)]),
        (format!(r#"{{"n1":{a},"n2":{a}}}"#), vec![("n1:/a", 2), ("n2:/a", 2)]),
        (format!(r#"{{"n1":{root},"n2":{root}}}"#), vec![("n1:/", 1), ("n2:/", 1)]),
        (format!(r#"{{"n1":{machine},"n2":{machine}}}"#), vec![("n1:/", 1), ("n2:/", 1)]),
        (format!(r#"{{"http://n1:8080/x":{root}}}"#), vec![("n1:8080:/", 1)]),
        (format!(r#"{{"2026-11-21T12:00:01Z":{a},"2026-11-21T12:00:02Z":{a}}}"#), vec![("/a", 2)]),
        (format!(r#"[{{"t":1,"reply":{a}}},{{"t":2,"reply":{text}}}]"#), vec![("/a", 2)]),
        (text.clone(), vec![("/a", 2)]),
        (pretty(&format!(r#"{{"time":1,"reply":{a}}}"#)), vec![("/a", 2)]),
        (
            r#"{"docker":{"name":"/a","spec":{"has_cpu":true},"stats":[]}}"#.to_owned(),
            vec![("/a", 0)],
        ),
    ] {
        assert_whole(&document, &expected);
    }
}

#[test]
fn a_wrapped_reply_that_is_cut_off_counts_up_to_the_cut() {
    let whole = format!(r#"{{"host":"n","reply":{}}}"#, reply("/a", &[1, 2, 3]));
    let second = whole.find(r#",{"timestamp":"2026-11-21T12:00:03"#).unwrap();
    for cut in [second, second + 10, whole.len() - 1] {
        let read = read(&whole[..cut]);
        assert_eq!(read.samples[0].0, "n:/a");
        assert_eq!(count(&read), if cut == whole.len() - 1 { 3 } else { 2 });
        assert_eq!(read.errors.len(), 1, "{:?}", read.errors);
        assert_eq!(read.errors[0].place().offset, Some(cut as u64));
    }
}

#[test]
fn what_is_wrong_in_a_quoted_reply_is_at_the_text() {
    let bad = reply("/a", &[1, 2]).replace("\"total\":2", "\"total\":-2");
    let document = format!(r#"{{"t": 1, "reply": {}}}"#, quoted(&bad));
    let read = read(&document);
    assert_eq!(read.samples, [("/a".to_owned(), 1)]);
    assert_eq!(read.errors[0].field(), Some("cpu.usage.total"));
    assert_eq!(read.errors[0].place().offset, document.find("\"{").map(|at| at as u64));
}

#[test]
fn text_before_a_document_on_its_line_is_no_obstacle() {
    for before in [
        "2026-11-21T12:00:13Z ",
        "2026-11-21T12:00:13.5+01:00\t",
        "[2026-11-21 12:00:13] ",
        "1795262413.2 ",
        "Nov 21 12:00:13 n1 cadvisor[7]: ",
        "cadvisor-1  | ",
        "data: ",
    ] {
        let lines = [1, 2, 3].map(|second| format!("{before}{}", reply("/a", &[second])));
        assert_whole(&lines.join("\n"), &[("/a", 3)]);
        let torn = [&*lines[0], &lines[1][..lines[1].len() - 20], &lines[2]];
        let read = read(torn.join("\n"));
        assert_eq!(count(&read), 2, "{before}: {:?}", read.errors);
        assert_eq!(read.errors.len(), 1, "{before}: {:?}", read.errors);
    }
}

#[test]
fn long_lines_in_logs_are_joined_and_errors_have_their_places_in_the_log() {
    let lines = [reply("/a", &[1, 2]), pretty(&reply("/b", &[1])), reply("/c", &[1, 2, 3])];
    let text = lines.join("\n") + "\n";
    let (mut docker, mut cri) = (String::new(), String::new());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(rest.len().min(50));
            docker +=
                &format!("{{\"log\":{},\"stream\":\"stdout\",\"time\":\"x\"}}\n", quoted(piece));
            let (tag, end) = if more.is_empty() { ("F", "") } else { ("P", "\n") };
            cri += &format!("2026-11-21T12:00:13.123456789Z stdout {tag} {piece}{end}");
            docker += "{\"log\":\"oops\\n\",\"stream\":\"stderr\",\"time\":\"x\"}\n";
            cri += "2026-11-21T12:00:13.123456789Z stderr F oops\n";
            rest = more;
        }
    }
    for log in [docker, cri] {
        let read = read(&log);
        assert_eq!(
            read.samples,
            [("/a".to_owned(), 2), ("/b".to_owned(), 1), ("/c".to_owned(), 3)],
            "{:?}",
            read.errors
        );
        assert_eq!(read.errors.len(), 1, "{:?}", read.errors);
        let error = &read.errors[0];
        let line = error.place().line.unwrap();
        let of_log = log.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        assert!(of_log.contains("oops"), "line {line}: {of_log}");
    }
}

#[test]
fn documents_that_commas_or_marks_stand_between_are_read() {
    let read = trial("h2_comma.txt");
    assert_eq!((count(&read), read.errors.len()), (15, 0), "{:?}", read.errors);
    let read = trial("bom_cat.json");
    assert_eq!((count(&read), read.errors.len()), (15, 0), "{:?}", read.errors);
    let (a, b) = (reply("/a", &[1]), reply("/b", &[1]));
    for text in [
        format!("{a},{b}"),
        format!("{a} ,\r\n{b},\r\n"),
        format!("\u{feff}\u{feff}{a}\u{feff}{b}"),
        format!("\u{feff}\r\n{a}\r\n\u{feff}{b}\u{feff}"),
        format!("{a}\n\u{feff},\u{feff}\n{b}"),
    ] {
        assert_whole(&text, &[("/a", 1), ("/b", 1)]);
    }
    for text in [format!("{a},,{b}"), format!(",{a}"), format!("{a}]{b}"), format!("{a},x")] {
        assert!(!self::read(&text).errors.is_empty(), "{text}");
    }
}

#[test]
fn documents_of_a_torn_list_are_found() {
    let read = trial("h2_tornlist.txt");
    assert_eq!((count(&read), read.errors.len()), (13, 1), "{:?}", read.errors);
    assert_eq!(read.errors[0].place().line, Some(3));
    let lines: Vec<_> = ["/a", "/b", "/c", "/d"].iter().map(|path| reply(path, &[1, 2])).collect();
    let sample_end = lines[1].find(",{\"timestamp\":\"2026-11-21T12:00:02").unwrap();
    for cut in [3, sample_end - 3, sample_end, sample_end + 1, lines[1].len() - 1] {
        let torn = format!(
            "[{},\n{}\n{},\n{}]\n{}\n",
            lines[0],
            &lines[1][..cut],
            lines[2],
            lines[3],
            lines[0]
        );
        let read = self::read(&torn);
        let of_torn = usize::from(cut >= sample_end) + usize::from(cut > sample_end + 1);
        assert_eq!(count(&read), 6 + of_torn, "cut at {cut}: {:?}", read.errors);
        assert_eq!(read.errors.len(), 1, "cut at {cut}: {:?}", read.errors);
    }
}

#[test]
fn indented_documents_behind_text_or_a_cut_one_are_found_wherever_the_cut_is() {
    let read = trial("h2_a.txt");
    assert_eq!((count(&read), read.errors.len()), (15, 1), "{:?}", read.errors);
    assert_eq!(read.errors[0].place().line, Some(199));
    let read = trial("h_d.txt");
    assert_eq!(count(&read), 3);
    let damage = read.errors.iter().find(|error| error.kind() == ErrorKind::Json).unwrap();
    assert_eq!(damage.place().offset, Some(2388));
    assert_eq!(read.errors.len(), 2, "{:?}", read.errors);

    let (a, b, c) =
        (pretty(&reply("/a", &[1, 2])), pretty(&reply("/b", &[1, 2])), pretty(&reply("/c", &[1])));
    for cut in 2..b.len() {
        let read = self::read(format!("{a}\n{}\n{c}\n{a}\n", &b[..cut]));
        let found = |name: &str| read.samples.iter().any(|(found, _)| found == name);
        assert!(found("/a") && found("/c"), "cut at {cut}: {:?} {:?}", read.samples, read.errors);
        assert_eq!(read.errors.len(), 1, "cut at {cut}: {:?}", read.errors);
    }
}

#[test]
fn what_is_passed_over_is_told_in_bytes() {
    let (a, b) = (reply("/a", &[1, 2]), reply("/b", &[1]));
    let broken =
        a.replace("{\"timestamp\":\"2026-11-21T12:00:02", "{@\"timestamp\":\"2026-11-21T12:00:02");
    let at = broken.find('@').unwrap();
    let read = read(format!("{broken}\n{b}\n"));
    assert_eq!(read.errors[0].passed_over(), (broken.len() - at) as u64);
    assert!(read.errors[0].to_string().ends_with(" bytes are passed over"), "{:?}", read.errors);
    let read = self::read(format!("one\n{a}\ntwo three\n\n{b}\nfour"));
    let passed: Vec<_> = read.errors.iter().map(Error::passed_over).collect();
    assert_eq!(passed, [3 + 9 + 4], "{:?}", read.errors);
    let read = self::read(&a[..a.len() - 9]);
    assert_eq!(read.errors[0].passed_over(), 0);
    assert!(!read.errors[0].to_string().contains("passed over"));
}

#[test]
fn utf_16_is_read_whatever_its_byte_order() {
    let read = trial("utf16le.json");
    assert_eq!((count(&read), read.errors.len()), (6, 0), "{:?}", read.errors);
    let text = format!("{}\n\u{feff}{}", reply("/a", &[1, 2]), reply("/é", &[1]));
    for units in [format!("\u{feff}{text}"), text] {
        let units: Vec<u16> = units.encode_utf16().collect();
        for bytes in [
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ] {
            let read = self::read(bytes);
            assert_eq!(read.samples, [("/a".to_owned(), 2), ("/é".to_owned(), 1)]);
            assert!(read.errors.is_empty(), "{:?}", read.errors);
        }
    }
}

#[test]
fn what_is_not_read_is_named_with_what_to_do() {
    for (file, words) in [
        ("pyrepr.txt", ["Python dict", "json.dumps"]),
        ("dumps.tar.gz", ["tar archive", "unpack"]),
        ("stats_lists.json", ["list of samples without their container", "whole reply"]),
    ] {
        let read = trial(file);
        assert_eq!((count(&read), read.errors.len()), (0, 1), "{file}: {:?}", read.errors);
        assert_eq!(read.errors[0].kind(), ErrorKind::NotADump);
        for word in words {
            assert!(read.errors[0].to_string().contains(word), "{:?}", read.errors);
        }
    }
    let a = reply("/a", &[1]);
    for (text, words) in [
        (format!("HTTP/1.1 200 OK\r\n\r\n{a}"), "HTTP/1.1"),
        (format!("{:x}\r\n{a}\r\n0\r\n\r\n", a.len()), "in chunks"),
        (r#"{"timestamp":"2026-11-21T12:00:01Z","cpu":{}}"#.to_owned(), "a sample without"),
    ] {
        let read = read(&text);
        assert!(read.errors[0].to_string().contains(words), "{:?}", read.errors);
    }
}

#[test]
fn a_list_of_samples_is_the_machines_only_if_it_can_be() {
    let of =
        |rest: &str| read(format!(r#"[{{"timestamp":"2026-11-21T12:00:01Z","cpu":{{}}{rest}}}]"#));
    for machine in ["", r#","memory":{}"#, r#","filesystem":[]"#, r#","network":{"interfaces":[]}"#]
    {
        assert_eq!(of(machine).samples, [("/".to_owned(), 1)], "{machine}");
    }
    for container in [
        r#","task_stats":{}"#,
        r#","diskio":{}"#,
        r#","has_cpu":true"#,
        r#","filesystem":{}"#,
        r#","network":{"name":"eth0","interfaces":[]}"#,
    ] {
        let read = of(container);
        assert_eq!(read.samples, [], "{container}");
        assert_eq!(read.errors[0].kind(), ErrorKind::NotADump, "{container}");
    }
}

#[derive(Default)]
struct Notes {
    told: Vec<(String, Note)>,
    container: String,
    samples: Vec<Sample>,
}

impl Receiver for Notes {
    fn container(&mut self, container: &Container, _: DocumentKind) {
        self.container.clone_from(&container.path);
    }

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        self.samples.push(sample.clone());
    }

    fn note(&mut self, note: Note) {
        self.told.push((self.container.clone(), note));
    }

    fn error(&mut self, error: Error) {
        panic!("{error}");
    }
}

#[test]
fn whole_numbers_are_read_exactly_and_noted_however_they_are_written() {
    for (written, value) in [
        ("1e+09", 1_000_000_000),
        ("1.0", 1),
        ("\"123\"", 123),
        ("1.8446744073709551615E19", u64::MAX),
    ] {
        let usual = reply("/usual", &[1, 2]);
        let text = reply("/a", &[1, 2, 3]).replace("\"total\":2", &format!("\"total\":{written}"));
        for mut parser in
            [Parser::new(MetricSet::documented()), Parser::strict(MetricSet::documented())]
        {
            let mut notes = Notes::default();
            parser.read_bytes(format!("{usual}{text}{text}{usual}").as_bytes(), &mut notes);
            let cpu: Vec<_> =
                notes.samples.iter().filter_map(|sample| sample.get(Metric::CpuUsage)).collect();
            assert_eq!(cpu, [1, 2, 1, value, 3, 1, value, 3, 1, 2], "{written}");
            let expected = ("/a".to_owned(), Note::UnusualNumbers);
            assert_eq!(notes.told, [expected.clone(), expected], "{written}");
        }
    }
}

#[test]
fn files_in_a_folder_that_could_be_dumps_are_never_skipped_silently() {
    let cut = |text: &str, end: usize| text[..end].to_owned();
    let a = reply("/docker/a", &[1]);
    for (name, text) in [
        ("python.txt", "{'/a': {'stats': []}}".to_owned()),
        ("list.txt", r#"[{"timestamp":"x","task_stats":{}}]"#.to_owned()),
        ("archive", "PK\u{3}\u{4}".to_owned()),
        ("cut.txt", cut(&a, 60)),
        ("damaged.log", format!("{}@", cut(&a, 40))),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::write(folder.path().join("good.json"), reply("/b", &[1])).unwrap();
        std::fs::write(folder.path().join("README"), "no dump\n").unwrap();
        let outcome = Pipeline::default().read_paths(&[folder.path()]);
        assert_eq!(outcome.errors.len(), 1, "{name}: {:?}", outcome.errors);
        assert!(outcome.errors[0].to_string().contains(name), "{:?}", outcome.errors);
        assert_eq!(outcome.skipped.len(), 1, "{name}");
    }
}

#[test]
fn trials_are_read_alike_from_files() {
    let path = data().join("trials/h2_comma.txt");
    assert_eq!(samples(&read_files(&[path], Settings::default())).len(), 5);
}

#[test]
fn lines_that_were_broken_at_a_width_are_named() {
    let whole = reply("/docker/a", &[1, 2, 3, 4]);
    let lines: Vec<_> = whole.as_bytes().chunks(70).collect();
    let read = read(lines.join(&b'\n'));
    assert_eq!(read.errors.len(), 1, "{:?}", read.errors);
    let error = read.errors[0].to_string();
    assert!(error.contains("broken after 70 bytes") && error.contains("passed over"), "{error}");
    assert_eq!(read.errors[0].kind(), ErrorKind::Json);
}
