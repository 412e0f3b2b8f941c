//! What errors say, and what they consist of.

use super::*;

#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn trouble_with_a_file_of_a_store_says_what_to_do() {
    for (kind, ours, what_to_do) in [
        (io::ErrorKind::StorageFull, ErrorKind::DiskFull, "; make room on its disk"),
        (io::ErrorKind::QuotaExceeded, ErrorKind::DiskFull, "; make room on its disk"),
        (io::ErrorKind::PermissionDenied, ErrorKind::Permission, "; let the user"),
        (io::ErrorKind::ReadOnlyFilesystem, ErrorKind::Io, "; open the store read-only"),
        (io::ErrorKind::NotFound, ErrorKind::Io, "; see that the path is right"),
        (io::ErrorKind::AlreadyExists, ErrorKind::Io, "; name a folder that is not there"),
    ] {
        let error = Error::store("write", "s/log-1".into(), kind.into());
        assert_eq!(error.kind(), ours);
        assert_eq!(Error::new(Problem::Io(kind.into())).kind(), ours);
        let start = format!("cannot write s/log-1: {}{what_to_do}", io::Error::from(kind));
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(error.io_error().map(io::Error::kind), Some(kind));
        assert_eq!(error.path(), Some(Path::new("s/log-1")));
    }
    let error = Error::store("read", "s/log-1".into(), io::ErrorKind::UnexpectedEof.into());
    assert_eq!(error.to_string(), "cannot read s/log-1: unexpected end of file");
}

#[test]
fn damage_of_a_store_says_in_which_file_and_where() {
    let error = Error::damaged(Path::new("s/log-1"), Some(44), "no frame");
    assert_eq!(error.to_string(), "s/log-1: byte 44: the file is damaged: no frame");
    assert_eq!((error.kind(), error.place().offset), (ErrorKind::Damaged, Some(44)));
    assert_eq!(error.place().source.as_deref(), Some("s/log-1"));
    let error = Error::unsupported(Path::new("s/MANIFEST"), "use a newer release");
    assert_eq!(error.to_string(), "s/MANIFEST: use a newer release");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn a_text_in_a_message_is_shortened_and_has_no_control_characters() {
    assert_eq!(Shortened("a\nb\u{1b}[31m").to_string(), "a\\nb\\u{1b}[31m");
    assert_eq!(Shortened(&"x".repeat(500)).to_string().chars().count(), 121);
    assert_eq!(Shortened(&"é".repeat(120)).to_string().chars().count(), 120);
}

/// The messages of an error and of all that is behind it.
fn chain(error: &Error) -> Vec<String> {
    let first: &dyn std::error::Error = error;
    std::iter::successors(Some(first), |error| error.source()).map(ToString::to_string).collect()
}

/// An error of a caller's reader, with one behind it.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke")]
struct Broken(#[source] std::num::ParseIntError);

#[test]
fn a_chain_of_errors_says_nothing_twice() {
    let broken = || io::Error::other(Broken("x".parse::<u64>().unwrap_err()));
    let packed = || {
        let damage = PackedDamage { format: "zstd", cause: broken() };
        io::Error::new(io::ErrorKind::InvalidData, damage)
    };
    let in_container = Place { container: Some("/a".into()), offset: Some(7), ..Place::default() };
    let cause = crate::time::TimestampError::Form;
    let count = |error: &Error| {
        let chain = chain(error);
        for (index, outer) in chain.iter().enumerate() {
            for inner in &chain[index + 1..] {
                assert!(!outer.contains(inner.as_str()), "{chain:?}");
            }
        }
        chain.len()
    };
    for (error, length) in [
        (Error::new(Problem::Io(io::Error::from_raw_os_error(2))), 1),
        (Error::new(Problem::Io(broken())), 2),
        (Error::new(Problem::Io(packed())), 1),
        (Error::store("read", "s/log-1".into(), broken()), 2),
        (Error::store("write", "s/log-1".into(), io::Error::from_raw_os_error(28)), 1),
        (Error::at(in_container.clone(), Problem::Io(broken())), 2),
        (Error::at(in_container.clone(), Problem::Json("the text ends".to_owned())), 1),
        (Error::at(in_container, Problem::Timestamp { found: "7".to_owned(), cause }), 1),
    ] {
        assert_eq!(count(&error), length, "{error}");
        let io_error = error.io_error().map(ToString::to_string);
        assert!(io_error.is_none_or(|cause| error.to_string().contains(&cause)), "{error}");
    }
}

#[test]
fn the_parts_of_an_error_are_there_without_its_message() {
    let error = Error::new(Problem::Setting {
        name: "interval",
        value: "0 s".to_owned(),
        allowed: "1 s or more".to_owned(),
    });
    let parts = (error.field(), error.found(), error.expected());
    assert_eq!(parts, (Some("interval"), Some("0 s"), Some("1 s or more")));
    assert_eq!((error.word(), error.path(), error.io_error().is_some()), (None, None, false));

    let (candidates, shown) = (vec!["a".to_owned()], vec!["a (web)".to_owned()]);
    let word = "b".to_owned();
    let error = Error::new(Problem::UnknownContainer { word, candidates, shown });
    assert_eq!((error.word(), error.candidates()), (Some("b"), &["a".to_owned()][..]));

    let owner = Some("process 7".to_owned());
    let error = Error::new(Problem::Locked { store: "s".into(), owner });
    assert_eq!((error.path(), error.lock_owner()), (Some(Path::new("s")), Some("process 7")));
    let error = Error::damaged(Path::new("s/log-1"), None, "no frame");
    assert_eq!(error.path(), Some(Path::new("s/log-1")));
}
