//! Where a machine's metrics are asked for.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// Where a machine's metrics are asked for, and which API answers there.
///
/// | written | asked |
/// |---|---|
/// | `host`, `host:port` | cAdvisor over HTTP; port 8080 unless given |
/// | `http://host:port/prefix`, `https://…` | the same below a path, over TLS |
/// | `kubelet+https://host:port` | a kubelet's `/metrics/cadvisor` and `/stats/summary`, with a token; port 10250 |
/// | `kubelet+http://host:port` | the same without a token, at a port for reading alone; 10255 |
/// | `docker+unix:///var/run/docker.sock` | the Docker Engine behind a socket |
/// | `prometheus+http://host:port/path` | an exposition; `/metrics` unless a path is given |
///
/// ```
/// use cmetrics_live::Address;
///
/// let address: Address = "node7".parse()?;
/// assert_eq!(address.to_string(), "http://node7:8080");
/// assert_eq!(address.host_and_port(), "node7:8080");
/// let error = "ftp://node7".parse::<Address>().unwrap_err();
/// assert!(error.to_string().starts_with("address \"ftp://node7\""));
/// # Ok::<(), cmetrics_live::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    api: Api,
    is_tls: bool,
    /// Without brackets; of a socket, empty.
    host: String,
    /// Of a socket, 0.
    port: u16,
    /// What goes before or is the path of requests, without a slash at its end; of a socket, its
    /// path.
    path: String,
}

/// Which API answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// cAdvisor's own.
    Cadvisor,
    /// A kubelet's.
    Kubelet,
    /// The Docker Engine's, behind a Unix socket.
    Docker,
    /// An exposition in Prometheus' text format.
    Exposition,
}

/// cAdvisor's port.
const CADVISOR_PORT: u16 = 8080;
/// A kubelet's port.
const KUBELET_PORT: u16 = 10250;
/// A kubelet's port for reading without a token, where it has one.
const KUBELET_READ_ONLY_PORT: u16 = 10255;
/// The longest address that is read, in bytes.
const LONGEST: usize = 2048;

const EXPECTED: &str = "expected host, host:port, http(s)://host:port/prefix, \
     kubelet+https://host:port, docker+unix:///path/of/socket or prometheus+http(s)://host:port/path";

impl Address {
    /// Which API answers there.
    pub fn api(&self) -> Api {
        self.api
    }

    /// Whether requests go over TLS.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host's name or IP address, an IPv6 address without brackets. `None` for a socket.
    pub fn host(&self) -> Option<&str> {
        (self.api != Api::Docker).then_some(&*self.host)
    }

    /// The port. `None` for a socket.
    pub fn port(&self) -> Option<u16> {
        (self.api != Api::Docker).then_some(self.port)
    }

    /// What goes before the path of each request, or is the path (of an exposition), without a
    /// slash at its end; of a socket, its own path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host:port`, with brackets around an IPv6 address; of a socket, its path. It is the name of
    /// a machine that has no other.
    pub fn host_and_port(&self) -> String {
        match self.api {
            Api::Docker => self.path.clone(),
            _ => format!("{}:{}", bracketed(&self.host), self.port),
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(refused("", &format!("it has more than {LONGEST} bytes")));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refused(text, "it contains white space or a control character"));
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (api, is_tls) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Api::Cadvisor, false),
            "https" => (Api::Cadvisor, true),
            "kubelet+https" => (Api::Kubelet, true),
            "kubelet+http" => (Api::Kubelet, false),
            "prometheus+http" => (Api::Exposition, false),
            "prometheus+https" => (Api::Exposition, true),
            "docker+unix" => return socket(text, rest),
            _ => return Err(refused(text, &format!("its scheme {scheme:?} is not known"))),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (host, port) = host_and_port(text, authority)?;
        let port = port.unwrap_or(match api {
            Api::Kubelet if is_tls => KUBELET_PORT,
            Api::Kubelet => KUBELET_READ_ONLY_PORT,
            _ if is_tls => 443,
            Api::Exposition => 80,
            _ => CADVISOR_PORT,
        });
        let path = path_of(text, path)?;
        let path = if api == Api::Exposition && path.is_empty() { "/metrics" } else { path };
        Ok(Self { api, is_tls, host, port, path: path.to_owned() })
    }
}

fn socket(text: &str, path: &str) -> Result<Address, Error> {
    if !path.starts_with('/') || path.len() < 2 {
        return Err(refused(text, "the path of a socket must follow, as /var/run/docker.sock"));
    }
    let path = path.to_owned();
    Ok(Address { api: Api::Docker, is_tls: false, host: String::new(), port: 0, path })
}

/// The host without brackets, and the port if there is one.
fn host_and_port(text: &str, authority: &str) -> Result<(String, Option<u16>), Error> {
    if authority.contains('@') {
        return Err(refused(text, "it contains a user, which is not sent"));
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) =
                rest.split_once(']').ok_or_else(|| refused(text, "a bracket is not closed"))?;
            host.parse::<Ipv6Addr>()
                .map_err(|_| refused(text, "no IPv6 address is in brackets"))?;
            let port = match after.strip_prefix(':') {
                None if after.is_empty() => None,
                None => return Err(refused(text, "a port must follow the bracket")),
                Some(port) => Some(port),
            };
            (host, port)
        }
        None if authority.matches(':').count() > 1 => {
            return Err(refused(text, "an IPv6 address must be in brackets"));
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || host.len() > 253 || !host.chars().all(is_name) {
        return Err(refused(text, "it has no host of letters, digits, dots and hyphens"));
    }
    let number = |port: &str| port.parse::<u16>().ok().filter(|port| *port > 0);
    let port = match port {
        Some(port) => {
            Some(number(port).ok_or_else(|| refused(text, "its port is not from 1 to 65535"))?)
        }
        None => None,
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn path_of<'t>(text: &str, path: &'t str) -> Result<&'t str, Error> {
    let is_plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '"' | '<' | '>' | '\\');
    if path.chars().all(is_plain) {
        Ok(path.trim_end_matches('/'))
    } else {
        Err(refused(text, "its path has a query or a character that must be written as %XX"))
    }
}

#[cold]
fn refused(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::Address, format!("address {text:?}: {why}; {EXPECTED}"))
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = if self.is_tls { "s" } else { "" };
        let scheme = match self.api {
            Api::Docker => return write!(out, "docker+unix://{}", self.path),
            Api::Cadvisor => "",
            Api::Kubelet => "kubelet+",
            Api::Exposition => "prometheus+",
        };
        write!(out, "{scheme}http{tls}://{}:{}{}", bracketed(&self.host), self.port, self.path)
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (written, shown) in [
            ("node7", "http://node7:8080"),
            (" Node7:4194 ", "http://node7:4194"),
            ("[::1]", "http://[::1]:8080"),
            ("https://node7/cad/", "https://node7:443/cad"),
            ("http://10.0.0.7:8080/a/b", "http://10.0.0.7:8080/a/b"),
            ("kubelet+https://node7", "kubelet+https://node7:10250"),
            ("docker+unix:///var/run/docker.sock", "docker+unix:///var/run/docker.sock"),
            ("prometheus+http://node7:9100", "prometheus+http://node7:9100/metrics"),
        ] {
            let address: Address = written.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(shown.parse::<Address>().unwrap(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_was_expected() {
        for text in [
            "",
            ":8080",
            "a b",
            "ftp://a",
            "a:0",
            "a:65536",
            "a:b",
            "::1",
            "[::1",
            "[a]",
            "[::1]8",
            "http://u@a",
            "http://a/?q",
            "docker+unix://",
            "docker+unix://a",
            "http://",
            "a\nb",
            "http://a/\u{e9}",
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Address);
            assert!(error.to_string().contains("expected host, host:port"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_that_is_read_back_or_an_error(
            text in "(http|https|kubelet\\+https|docker\\+unix|prometheus\\+http|ftp)?(://)?[a-zA-Z0-9:/.@%\\[\\]?# \\-_\u{e9}]{0,30}",
        ) {
            match text.parse::<Address>() {
                Ok(address) => {
                    prop_assert_eq!(&address.to_string().parse::<Address>().unwrap(), &address);
                }
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Address),
            }
        }
    }
}
