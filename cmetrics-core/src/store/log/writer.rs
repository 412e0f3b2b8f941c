//! Appends to a log.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::format::{FRAME_HEADER, FrameCodec, LOG_HEADER, LogHeader, MAX_PAYLOAD, empty_sum, sum};
use super::{LogEnd, log_name};
use crate::store::disk::{AppendFile, Disk};

/// The capacity that is kept for the next batch.
const KEPT_CAPACITY: usize = 4 * MAX_PAYLOAD;

/// A log that is being written.
///
/// After a failed write or sync, the content of the disk is unknown, so from then on the writer
/// refuses everything. What was appended before is still readable; continue in a new log.
#[derive(Debug)]
pub(crate) struct LogWriter {
    file: Arc<FailStopFile>,
    header: LogHeader,
    codec: FrameCodec,
    length: u64,
    checksum: u32,
    /// Space for a frame header, and the payload behind it.
    batch: Vec<u8>,
}

/// A file that refuses everything after a failure on any thread.
#[derive(Debug)]
pub(crate) struct FailStopFile {
    file: Arc<dyn AppendFile>,
    failed: AtomicBool,
}

impl FailStopFile {
    fn run(&self, act: impl FnOnce(&dyn AppendFile) -> io::Result<()>) -> io::Result<()> {
        // Relaxed: it orders no other data. A write may begin before a sync on another thread has
        // failed.
        if self.failed.load(Ordering::Relaxed) {
            return Err(io::Error::other("an earlier write or sync of this log failed"));
        }
        let done = act(&*self.file);
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        done
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl AppendFile for FailStopFile {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.run(|file| file.write(bytes))
    }

    fn sync(&self) -> io::Result<()> {
        self.run(|file| file.sync())
    }
}

impl LogWriter {
    /// Creates a log. Neither it nor its name is synced.
    pub(crate) fn create(
        disk: &dyn Disk,
        number: u64,
        salt: u64,
        boot: Option<u64>,
    ) -> io::Result<Self> {
        let header = LogHeader { number, salt, boot };
        let file = disk.create(&log_name(number))?;
        file.write(&header.encode())?;
        Ok(Self::new(file, header, LOG_HEADER as u64, empty_sum(&header)))
    }

    /// Continues a log behind its last whole batch.
    pub(crate) fn resume(disk: &dyn Disk, end: &LogEnd) -> io::Result<Self> {
        let file = disk.open_append(&log_name(end.header.number), end.length)?;
        Ok(Self::new(file, end.header, end.length, end.checksum))
    }

    fn new(file: Arc<dyn AppendFile>, header: LogHeader, length: u64, checksum: u32) -> Self {
        let file = Arc::new(FailStopFile { file, failed: AtomicBool::new(false) });
        let codec = FrameCodec::new(header.salt);
        Self { file, header, codec, length, checksum, batch: vec![0; FRAME_HEADER] }
    }

    /// Begins a batch. The caller appends the payload to the buffer, and must not change what is in
    /// it.
    pub(crate) fn begin(&mut self) -> &mut Vec<u8> {
        self.batch.resize(FRAME_HEADER, 0);
        &mut self.batch
    }

    /// Appends the batch in the buffer. It is not synced.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        let mut batch = std::mem::take(&mut self.batch);
        let written = self.write(&mut batch);
        batch.shrink_to(KEPT_CAPACITY);
        self.batch = batch;
        self.begin();
        written
    }

    /// Appends a batch with this payload. It is not synced.
    #[cfg(test)]
    pub(crate) fn append(&mut self, payload: &[u8]) -> io::Result<()> {
        self.begin().extend_from_slice(payload);
        self.commit()
    }

    /// Writes a batch frame by frame. The header of a frame overwrites the end of the previous
    /// payload, which is written by then. So each frame is one write, and nothing is copied.
    fn write(&mut self, batch: &mut [u8]) -> io::Result<()> {
        let (mut length, mut checksum) = (self.length, self.checksum);
        let mut start = 0;
        loop {
            let rest = batch.get_mut(start..).unwrap_or_default();
            let last = rest.len() <= FRAME_HEADER + MAX_PAYLOAD;
            let (frame, _) = rest.split_at_mut(rest.len().min(FRAME_HEADER + MAX_PAYLOAD));
            let Some((head, payload)) = frame.split_first_chunk_mut() else {
                return Err(io::Error::other("the buffer of the batch lost its beginning"));
            };
            let check;
            (*head, check) = self.codec.header(length, start == 0, last, payload);
            self.file.write(frame)?;
            length += frame.len() as u64;
            checksum = sum(checksum, check);
            if last {
                break;
            }
            start += MAX_PAYLOAD;
        }
        (self.length, self.checksum) = (length, checksum);
        Ok(())
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    /// The file, for syncing on another thread. If that fails, the log refuses everything, too.
    pub(crate) fn file(&self) -> Arc<FailStopFile> {
        Arc::clone(&self.file)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.file.has_failed()
    }

    /// The length of the file up to the last whole batch.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The checksum of everything up to there, as in [`LogEnd`].
    pub(crate) fn checksum(&self) -> u32 {
        self.checksum
    }

    pub(crate) fn header(&self) -> &LogHeader {
        &self.header
    }
}
