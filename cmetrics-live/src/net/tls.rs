//! Which certificates are trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::options::LiveOptions;

/// For how long what was read of certificates is used for new connections.
const USED_FOR: Duration = Duration::from_secs(60);

/// How secure connections are made. Certificates are read when the first one is made, and then anew
/// at most once a minute.
#[derive(Debug)]
pub(super) struct TlsConfig {
    ca_file: Option<PathBuf>,
    is_unverified: bool,
    read: Mutex<Option<(Instant, Arc<ClientConfig>)>>,
}

impl TlsConfig {
    pub(super) fn new(options: &LiveOptions) -> Self {
        Self {
            ca_file: options.ca_file().map(Path::to_owned),
            is_unverified: options.is_unverified(),
            read: Mutex::default(),
        }
    }

    pub(super) async fn get(&self) -> Result<Arc<ClientConfig>, String> {
        let now = Instant::now();
        if let Some((read, config)) = &*self.read.lock()
            && now.duration_since(*read) < USED_FOR
        {
            return Ok(Arc::clone(config));
        }
        let (ca_file, is_unverified) = (self.ca_file.clone(), self.is_unverified);
        let made = spawn_blocking(move || config(ca_file.as_deref(), is_unverified)).await;
        let config = Arc::new(made.map_err(|cause| cause.to_string())??);
        *self.read.lock() = Some((now, Arc::clone(&config)));
        Ok(config)
    }
}

fn config(ca_file: Option<&Path>, is_unverified: bool) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?;
    if is_unverified {
        let verifier = Arc::new(Unverified(provider));
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        return Ok(builder.with_no_client_auth());
    }
    let roots = match ca_file {
        Some(path) => roots_in(path).map_err(|cause| {
            format!("the certificates in {} cannot be read: {cause}", path.display())
        }),
        None => roots_of_system(),
    };
    Ok(builder.with_root_certificates(roots?).with_no_client_auth())
}

fn roots_in(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for read in CertificateDer::pem_file_iter(path).map_err(|cause| cause.to_string())? {
        let certificate = read.map_err(|cause| cause.to_string())?;
        roots.add(certificate).map_err(|cause| cause.to_string())?;
    }
    if roots.is_empty() { Err("there are none".to_owned()) } else { Ok(roots) }
}

fn roots_of_system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let message = "the system has no certificates that are trusted: name a file of them (CA)";
        return Err(message.to_owned());
    }
    Ok(roots)
}

/// Takes any certificate, where that was asked for. Signatures are checked all the same.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
