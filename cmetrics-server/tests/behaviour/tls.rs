//! Connections over TLS.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_server::{Error, TlsFiles};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use crate::common::Served;

/// Writes a certificate for localhost and its key, and returns the certificate.
fn write(folder: &Path) -> (TlsFiles, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (TlsFiles::new(certificate, key), made.cert.der().clone())
}

async fn ping(
    address: std::net::SocketAddr,
    root: &CertificateDer<'static>,
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let request = "GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

#[tokio::test]
async fn a_connection_over_tls_is_answered_and_one_without_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (files, root) = write(folder.path());
    let served = Served::with(|options| options.with_tls(files));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let asking = async {
        let text = ping(address, &root).await.unwrap();
        assert!(text.ends_with("PONG"), "{text}");
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(60), plain.read_to_end(&mut bytes)).await;
        assert!(!String::from_utf8_lossy(&bytes).contains("PONG"));
        let (_, other) = write(tempfile::tempdir().unwrap().path());
        ping(address, &other).await.unwrap_err();
        // One that does not shake hands does not hold up the end.
        let silent = TcpStream::connect(address).await.unwrap();
        stop.cancel();
        silent
    };
    let (served, _silent) = tokio::join!(served.server.serve(listener, stop.clone()), asking);
    served.unwrap();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (files, _) = write(folder.path());
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let served = Served::with(|options| options.with_tls(files));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ended = served.server.serve(listener, CancellationToken::new()).await;
    let error = ended.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }));
    assert!(error.to_string().contains("key.pem"), "{error}");
}
