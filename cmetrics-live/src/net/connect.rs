//! Connecting to a machine, at addresses that may be asked.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::Net;
use super::faults::{no_connection, no_tls};
use crate::address::Address;
use crate::failure::{Failure, FailureKind};

/// A connection of any kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) async fn connect(
    net: &Net,
    address: &Address,
    url: &str,
    deadline: Instant,
) -> Result<Box<dyn Stream>, Failure> {
    let until = deadline.min(Instant::now() + net.limits.connect);
    timeout_at(until, connect_to(net, address, url)).await.unwrap_or_else(|_| {
        let message = format!("{url}: no connection in time");
        Err(Failure::new(FailureKind::TimedOutConnecting, message))
    })
}

async fn connect_to(net: &Net, address: &Address, url: &str) -> Result<Box<dyn Stream>, Failure> {
    let (Some(host), Some(port)) = (address.host(), address.port()) else {
        return connect_to_socket(net, address.path(), url).await;
    };
    let stream = connect_to_host(net, host, port, url).await?;
    // Requests are small, and answers waited for.
    let _ = stream.set_nodelay(true);
    if !address.is_tls() {
        return Ok(Box::new(stream));
    }
    let config = net
        .tls
        .get()
        .await
        .map_err(|why| Failure::new(FailureKind::Local, format!("{url}: {why}")))?;
    let name = ServerName::try_from(host.to_owned()).map_err(|cause| no_tls(url, &cause))?;
    let secured = TlsConnector::from(config).connect(name, stream).await;
    Ok(Box::new(secured.map_err(|cause| no_tls(url, &cause))?))
}

async fn connect_to_host(
    net: &Net,
    host: &str,
    port: u16,
    url: &str,
) -> Result<TcpStream, Failure> {
    let found = look_up(net, host, port).await.map_err(|cause| {
        let message = format!("{url}: the host's name cannot be resolved: {cause}");
        Failure::new(FailureKind::UnknownHost, message)
    })?;
    let networks = net.options.networks();
    let allowed: Vec<_> = found.iter().filter(|found| networks.allow(found.ip())).collect();
    if allowed.is_empty() {
        let found: Vec<_> = found.iter().map(|found| found.ip().to_string()).collect();
        let message = format!(
            "{url}: the host has the address {}, which may not be asked; allowed are {networks}, \
             and never link-local, multicast or metadata addresses",
            found.join(", ")
        );
        return Err(Failure::new(FailureKind::NotAllowed, message));
    }
    let mut failure = None;
    for address in allowed {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(cause) => failure = Some(no_connection(url, &cause)),
        }
    }
    Err(failure.unwrap_or_else(|| no_connection(url, &io::ErrorKind::NotFound.into())))
}

/// The addresses of a host. The system's look-up cannot be given up, so that it may hold a thread for
/// long after nobody waits for it: only so many are under way at once.
async fn look_up(net: &Net, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let place = Arc::clone(&net.look_ups).acquire_owned().await;
    let host = host.to_owned();
    let found = spawn_blocking(move || {
        let found = (&*host, port).to_socket_addrs().map(Iterator::collect);
        drop(place);
        found
    });
    found.await?
}

#[cfg(unix)]
async fn connect_to_socket(net: &Net, path: &str, url: &str) -> Result<Box<dyn Stream>, Failure> {
    if !net.options.has_sockets() {
        let message = format!("{url}: sockets of this machine may not be asked");
        return Err(Failure::new(FailureKind::NotAllowed, message));
    }
    match tokio::net::UnixStream::connect(path).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(cause) => Err(no_connection(url, &cause)),
    }
}

#[cfg(not(unix))]
async fn connect_to_socket(_: &Net, _: &str, url: &str) -> Result<Box<dyn Stream>, Failure> {
    let message = format!("{url}: this system has no such sockets");
    Err(Failure::new(FailureKind::Local, message))
}
