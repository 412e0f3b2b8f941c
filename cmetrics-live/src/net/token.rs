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
    path: Option<PathBuf>,
    read: Mutex<Option<(Instant, HeaderValue)>>,
}

impl Token {
    pub(super) fn new(path: Option<&Path>) -> Self {
        Self { path: path.map(Path::to_owned), read: Mutex::default() }
    }

    /// The value of the header that has it.
    pub(super) async fn read(&self) -> Result<HeaderValue, String> {
        let now = Instant::now();
        if let Some((read, token)) = &*self.read.lock()
            && now.duration_since(*read) < USED_FOR
        {
            return Ok(token.clone());
        }
        let Some(path) = self.path.clone() else {
            return Err("no file is named with a token for kubelets".to_owned());
        };
        let shown = path.display().to_string();
        let read = spawn_blocking(move || std::fs::read_to_string(path)).await;
        let text = read
            .map_err(std::io::Error::from)
            .flatten()
            .map_err(|cause| format!("the token in {shown} cannot be read: {cause}"))?;
        let mut token = HeaderValue::try_from(format!("Bearer {}", text.trim()))
            .map_err(|_| format!("{shown} contains no token"))?;
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
