//! The token that kubelets are asked with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::header::HeaderValue;
use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// It is replaced now and then.
const USED_FOR: Duration = Duration::from_secs(30);

/// A token in a file, which is read anew twice a minute at most.
pub(super) struct Token {
    path: PathBuf,
    read: Mutex<Option<(Instant, HeaderValue)>>,
}

impl Token {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), read: Mutex::default() }
    }

    /// The value of the header that has it.
    pub(super) async fn read(&self) -> Result<HeaderValue, String> {
        let now = Instant::now();
        if let Some((read, token)) = &*self.read.lock()
            && now.duration_since(*read) < USED_FOR
        {
            return Ok(token.clone());
        }
        let path = self.path.clone();
        let read = spawn_blocking(move || std::fs::read_to_string(path)).await;
        let text = read.map_err(std::io::Error::from).flatten().map_err(|cause| {
            format!("the token in {} cannot be read: {cause}", self.path.display())
        })?;
        let mut token = HeaderValue::try_from(format!("Bearer {}", text.trim()))
            .map_err(|_| format!("{} contains no token", self.path.display()))?;
        token.set_sensitive(true);
        *self.read.lock() = Some((now, token.clone()));
        Ok(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token").field("path", &self.path).finish_non_exhaustive()
    }
}
