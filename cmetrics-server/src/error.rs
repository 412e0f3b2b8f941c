//! Why a server does not start, or ends.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start, or ends. What a request is answered is a
/// [`Problem`](crate::Problem).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Others than this machine could reach the server, and nobody is asked for a token.
    #[error(
        "{address} can be reached by other machines, and there are no tokens: expected a loopback \
         address such as 127.0.0.1, a file of tokens, or that this is allowed as insecure"
    )]
    Unprotected {
        /// The address.
        address: SocketAddr,
    },
    /// The file of tokens cannot be read.
    #[error("the file of tokens {path:?}: {cause}")]
    TokensFile {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A line of the file of tokens has another form.
    #[error(
        "line {line} of the tokens: {what}: expected SCOPE[,SCOPE] sha256:HEX or \
         SCOPE[,SCOPE] TOKEN, with the scopes read, write and control"
    )]
    Token {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong. It does not contain the token.
        what: &'static str,
    },
    /// A certificate or its key cannot be used.
    #[error("the certificate or key {path:?}: {why}: expected PEM")]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A setting outside what is allowed.
    #[error("{name} is {value}: expected {expected}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The system does not let the server work.
    #[error("cannot {doing}: {cause}")]
    System {
        /// What failed.
        doing: &'static str,
        /// Why.
        cause: io::Error,
    },
}
