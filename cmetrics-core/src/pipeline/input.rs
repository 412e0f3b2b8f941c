//! An input to read.

use std::fmt;
use std::io::Read;

use crate::parse::ScrapeTime;

/// An input to read to its end: any number of dumps, plain, gzip or zstd.
///
/// ```
/// use cmetrics_core::{Input, Pipeline};
///
/// let mut pipeline = Pipeline::default();
/// let reply = r#"{"/": {"spec": {}, "stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
/// pipeline.read(Input::bytes("reply", reply)).into_result()?;
/// let again = pipeline.read(Input::reader("the same", reply.as_bytes()));
/// assert_eq!((again.accepted, again.duplicates), (0, 1));
///
/// let elsewhere = pipeline.read(Input::bytes("reply of b", reply).machine("b"));
/// assert_eq!(elsewhere.accepted, 1);
/// # Ok::<(), cmetrics_core::Error>(())
/// ```
pub struct Input<'i> {
    pub(super) name: &'i str,
    pub(super) machine: Option<&'i str>,
    pub(super) scraped_at: Option<ScrapeTime>,
    pub(super) container: Option<&'i str>,
    pub(super) content: Content<'i>,
}

/// Where the bytes of an input come from.
pub(super) enum Content<'i> {
    Bytes(&'i [u8]),
    /// May be read on another thread.
    Reader(Box<dyn Read + Send + 'i>),
    /// Must be read on the calling thread.
    LocalReader(Box<dyn Read + 'i>),
}

impl<'i> Input<'i> {
    /// Bytes in memory, which are read without a copy if they are plain. `name` names them in
    /// errors.
    pub fn bytes(name: &'i str, bytes: &'i (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::new(name, Content::Bytes(bytes.as_ref()))
    }

    /// What a reader returns until its end. If the pipeline has several
    /// [threads](crate::Pipeline::set_threads), another thread reads and unpacks it. It need not be
    /// buffered. `name` names it in errors.
    pub fn reader(name: &'i str, reader: impl Read + Send + 'i) -> Self {
        Self::new(name, Content::Reader(Box::new(reader)))
    }

    /// Like [`reader`](Self::reader), for a reader that is to stay on the calling thread.
    pub fn local_reader(name: &'i str, reader: impl Read + 'i) -> Self {
        Self::new(name, Content::LocalReader(Box::new(reader)))
    }

    fn new(name: &'i str, content: Content<'i>) -> Self {
        Self { name, machine: None, scraped_at: None, container: None, content }
    }

    /// The name of the machine that the dumps come from, if machines have names (see
    /// [`Container::name`](crate::Container::name)).
    #[must_use]
    pub fn machine(self, name: impl Into<Option<&'i str>>) -> Self {
        Self { machine: name.into(), ..self }
    }

    /// When the input was scraped: the time of the samples whose rows have none. It is of use for
    /// an exposition only.
    #[must_use]
    pub fn scraped_at(self, time: ScrapeTime) -> Self {
        Self { scraped_at: Some(time), ..self }
    }

    /// What the container is called whose stats the input has, if it does not say so itself. It is
    /// of use for stats of the Docker Engine before API 1.21 only.
    #[must_use]
    pub fn container(self, name: impl Into<Option<&'i str>>) -> Self {
        Self { container: name.into(), ..self }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, machine, .. } = self;
        f.debug_struct("Input")
            .field("name", name)
            .field("machine", machine)
            .finish_non_exhaustive()
    }
}
