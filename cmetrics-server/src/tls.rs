//! TLS: certificates from files, which are read again when they change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::error::Error;

/// The files of a certificate and its key, in PEM. They are read again when they change, at the
/// latest a minute later; if that fails, what was read before stays.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
}

impl TlsFiles {
    /// The certificate, with those between it and its authority behind it, and its key.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into() }
    }

    /// Whether they can be used.
    ///
    /// # Errors
    /// [`Error::Tls`] if they cannot.
    pub fn check(&self) -> Result<(), Error> {
        self.read().map(drop)
    }

    fn read(&self) -> Result<ServerConfig, Error> {
        let failed = |path: &Path, why: String| Error::Tls { path: path.to_owned(), why };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|cause| failed(&self.certificate, cause.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|cause| failed(&self.key, cause.to_string()))?;
        let wrong = |cause: rustls::Error| failed(&self.certificate, cause.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(wrong)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// When they were changed, and how long they are.
    fn state(&self) -> io::Result<[(SystemTime, u64); 2]> {
        let state = |path: &Path| {
            let file = std::fs::metadata(path)?;
            Ok::<_, io::Error>((file.modified()?, file.len()))
        };
        Ok([state(&self.certificate)?, state(&self.key)?])
    }
}

/// What accepts connections over TLS.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    state: Option<[(SystemTime, u64); 2]>,
}

impl Tls {
    /// How often the files are looked at.
    pub(crate) const RENEWAL: Duration = Duration::from_secs(30);

    pub(crate) fn new(files: TlsFiles) -> Result<Self, Error> {
        // Before they are read: a change meanwhile is seen the next time.
        let state = files.state().ok();
        let config = Arc::new(files.read()?);
        Ok(Self { files, current: Mutex::new(Current { config, state }) })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.lock().config))
    }

    /// Reads the files again if they have changed.
    pub(crate) fn renew(&self) {
        let state = self.files.state().ok();
        if state.is_none() || self.current.lock().state == state {
            return;
        }
        match self.files.read() {
            Ok(config) => {
                *self.current.lock() = Current { config: Arc::new(config), state };
                info!("the certificate was read again");
            }
            // Perhaps one of two files has changed so far.
            Err(cause) => warn!(%cause, "the certificate cannot be read again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_changed_are_read_again_and_bad_ones_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
        let [certificate, key] = &paths;
        let write = |name: &str| {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            std::fs::write(certificate, made.cert.pem()).unwrap();
            std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
        };
        write("a.example.org");
        let tls = Tls::new(TlsFiles::new(certificate, key)).unwrap();
        let config = || Arc::as_ptr(&tls.current.lock().config);
        let first = config();
        tls.renew();
        assert_eq!(config(), first);
        // Of another length: the clock of files may be coarse.
        write("longer-name.example.org");
        tls.renew();
        let second = config();
        assert_ne!(second, first);
        std::fs::write(key, "no key").unwrap();
        tls.renew();
        assert_eq!(config(), second);
    }
}
