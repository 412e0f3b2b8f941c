//! A fault in a copy of a known sample, which one thread does not look at, and of which the thread
//! that reads the copy alone cannot know that.

use cmetrics_core::{Metric, Settings};

use super::{Files, Known, known, sample, the_same};

/// A dump of `/c` with these samples.
fn dump(samples: &[String]) -> String {
    let samples = samples.join(",");
    format!(r#"{{"/c":{{"name":"/c","spec":{{"has_cpu":true}},"stats":[{samples}]}}}}"#)
}

fn noted(second: usize, note: &str) -> String {
    let sample = sample(second, &format!("{}", second * 100));
    format!(r#"{},"note":"{note}","more":[1,2,3]}}"#, sample.strip_suffix('}').unwrap())
}

fn two_files(first: &[String], second: &[String]) -> Files {
    let mut files = Files::new();
    files.add(dump(first));
    files.add(dump(second));
    files
}

/// What was read, by points, errors and samples.
fn told(known: &Known) -> (usize, &[String], u64) {
    (known.points.len(), &known.errors, known.containers[0].1.duplicates)
}

#[test]
fn a_copy_whose_string_does_not_end_costs_none_of_the_samples_behind_it() {
    let samples = [1, 2].map(|second| noted(second, "a"));
    let later = [noted(1, "\\"), noted(2, "a"), noted(3, "a")];
    let files = two_files(&samples, &later);
    let one = known(&files.1, Settings::default(), 1, false);
    let two = known(&files.1, Settings::default(), 2, false);
    assert_eq!(told(&two), told(&one));
    assert_eq!(one.points[0].growth(Metric::CpuUsage), Some(200));
    assert!(one.errors.is_empty(), "{:?}", one.errors);
    assert_eq!(two.points, one.points);
}

#[test]
fn a_copy_with_a_number_that_is_none_costs_none_of_the_samples_behind_it() {
    let [first, second, third] = [1, 2, 3].map(|second| noted(second, "a"));
    let later = [first.replace("100", "1x0"), second.clone(), third];
    let files = two_files(&[first, second], &later);
    for verify in [false, true] {
        let one = known(&files.1, Settings::default(), 1, verify);
        let two = known(&files.1, Settings::default(), 2, verify);
        assert_eq!(two, one, "verify: {verify}");
        assert_eq!((one.points.len(), one.errors.len()), (1, 0), "verify: {verify}");
    }
}

/// A sample of which copies tell differently how many processes there are.
fn processes(total: &str, count: u64) -> String {
    let sample = sample(1, total);
    format!(r#"{},"processes":{{"process_count":{count}}}}}"#, sample.strip_suffix('}').unwrap())
}

fn with_processes() -> Settings {
    Settings::default().with_metrics([Metric::ProcessesCount].into_iter().collect())
}

#[test]
fn a_faulty_copy_tells_nothing_of_what_copies_tell_differently() {
    let (good, faulty) = (processes("5", 3), processes("-1", 7));
    for samples in [[&good, &faulty], [&faulty, &good]] {
        let files = two_files(&[samples[0].clone()], &[samples[1].clone()]);
        let known = the_same(&files.1, with_processes());
        assert_eq!(known.points[0].gauge(Metric::ProcessesCount).map(|one| one.max), Some(3.0));
        assert_eq!((known.errors.len(), known.containers[0].1.faulty), (1, 1));
        assert_eq!(known.containers[0].1.duplicates, 0);
    }
}

/// Where nothing is asked for that copies may tell differently, they are not looked at.
#[test]
fn a_faulty_copy_is_no_error_where_copies_tell_nothing_new() {
    let files = two_files(&[processes("5", 3)], &[processes("-1", 7)]);
    let known = the_same(&files.1, Settings::default());
    assert_eq!((known.errors.len(), known.containers[0].1.duplicates), (0, 1));
}

/// Whether damage in a value that is not read is noticed depends on what samples looked like
/// before: in the first of its look it is.
#[test]
fn damage_that_is_overlooked_in_the_tenth_file_is_so_by_the_thread_that_reads_it_first() {
    let mut files = Files::new();
    for file in 0..10 {
        let note = format!(
            r#"{},"note":[1{}0]}}"#,
            &sample(file, "7").strip_suffix('}').unwrap(),
            if file == 5 { 'x' } else { ',' }
        );
        files.add(dump(&[note]));
    }
    for threads in [2, 3, 5] {
        let one = known(&files.1, Settings::default(), 1, false);
        assert_eq!(known(&files.1, Settings::default(), threads, false), one, "{threads} threads");
        assert!(one.errors.is_empty());
    }
}

/// A thread knows a sample by the text that it read itself, and one thread by another: where that
/// looks at a copy that the other would jump over, it sees the damage in it.
#[test]
fn damage_in_a_copy_is_seen_by_whoever_looks_at_it_because_an_earlier_one_ends_otherwise() {
    let mut files = Files::new();
    let [first, second] = [1, 2].map(|second| noted(second, "a"));
    let other = first.replace("3]", "4]");
    files.add(dump(&[other, second.clone()]));
    files.add(dump(&[first.clone(), second.clone()]));
    let torn = first.replace("100", "1\"0");
    files.add(dump(&[first, second.clone()]));
    files.add(dump(&[torn, second]));
    for threads in [2, 3, 4] {
        let one = known(&files.1, Settings::default(), 1, false);
        assert_eq!(known(&files.1, Settings::default(), threads, false), one, "{threads} threads");
        assert_eq!(one.errors.len(), 1);
    }
}

/// Each thread leaves what is damaged to who joins, and beyond some damaged dumps all that follows.
#[test]
fn a_folder_in_which_every_third_dump_is_faulty_is_read_alike() {
    let mut files = Files::new();
    for file in 0..240 {
        let total = if file % 3 == 2 { "-1".to_owned() } else { format!("{file}") };
        files.add(dump(&[sample(file, "7"), sample(file + 1, &total)]));
    }
    let known = the_same(&[files.path().to_owned()], Settings::default());
    assert_eq!(known.errors.len(), 80);
}
