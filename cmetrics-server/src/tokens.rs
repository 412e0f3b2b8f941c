//! Who may do what: tokens and their scopes.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::error::Error;

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// To ask.
    Read,
    /// To add and remove machines.
    Write,
    /// To control the server and containers.
    Control,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Control];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Control => "control",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The tokens that requests may have, each with its scopes. A file has one a line:
///
/// ```text
/// # who reads the points
/// read sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// read,write correct-horse-battery-staple
/// ```
///
/// Only the SHA-256 of a token is kept, and all of them are compared in constant time.
///
/// ```
/// use cmetrics_server::{Scope, Tokens};
///
/// let tokens: Tokens = "read,write correct-horse-battery-staple".parse()?;
/// assert!(tokens.allow("correct-horse-battery-staple", Scope::Read).unwrap());
/// assert!(!tokens.allow("correct-horse-battery-staple", Scope::Control).unwrap());
/// assert_eq!(tokens.allow("another", Scope::Read), None);
/// # Ok::<(), cmetrics_server::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Tokens(Vec<Token>);

#[derive(Clone)]
struct Token {
    hash: [u8; 32],
    scopes: u8,
}

/// The shortest token.
const SHORTEST: usize = 16;

impl Tokens {
    /// Reads a file of tokens.
    ///
    /// # Errors
    /// [`Error::TokensFile`] if it cannot be read; [`Error::Token`] for a line of another form.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let read = std::fs::read_to_string(path);
        read.map_err(|cause| Error::TokensFile { path: path.to_owned(), cause })?.parse()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a token has this scope; `None` if there is no such token.
    pub fn allow(&self, token: &str, scope: Scope) -> Option<bool> {
        let hash = sha256(token);
        let (mut known, mut scopes) = (Choice::from(0), 0_u8);
        for one in &self.0 {
            let is_it = one.hash.ct_eq(&hash);
            known |= is_it;
            scopes |= one.scopes & 0_u8.wrapping_sub(is_it.unwrap_u8());
        }
        bool::from(known).then_some(scopes & scope.bit() != 0)
    }
}

fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl FromStr for Tokens {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lines = text.lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let token = |(index, line): (usize, &str)| {
            token(line).map_err(|what| Error::Token { line: index + 1, what })
        };
        lines.map(token).collect::<Result<_, _>>().map(Self)
    }
}

fn token(line: &str) -> Result<Token, &'static str> {
    let (words, secret) = line.split_once(char::is_whitespace).ok_or("it has no token")?;
    let mut scopes = 0;
    for word in words.split(',') {
        let scope = Scope::ALL.into_iter().find(|scope| scope.word() == word);
        scopes |= scope.ok_or("it has a scope that there is not")?.bit();
    }
    let secret = secret.trim();
    let hash = match secret.strip_prefix("sha256:") {
        Some(hex) => unhex(hex).ok_or("its SHA-256 is not 64 hexadecimal digits")?,
        None if secret.len() < SHORTEST => return Err("its token has less than 16 characters"),
        None if !secret.bytes().all(|byte| byte.is_ascii_graphic()) => {
            return Err("its token has characters that a header cannot have");
        }
        None => sha256(secret),
    };
    Ok(Token { hash, scopes })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |all, digit| all << 4 | digit)).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}

/// How many there are; nothing of what they are.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_stands_for_its_token() {
        let tokens: Tokens = "# a comment\n\n control \
            sha256:9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
            .parse()
            .unwrap();
        assert_eq!(tokens.allow("test", Scope::Control), Some(true));
        assert_eq!(tokens.allow("test", Scope::Read), Some(false));
        assert_eq!(tokens.allow("Test", Scope::Read), None);
    }

    #[test]
    fn a_line_of_another_form_is_named_without_its_token() {
        for (text, what) in [
            ("read", "no token"),
            ("read,admin 0123456789abcdef", "a scope that there is not"),
            ("\nread secret", "less than 16"),
            ("read sha256:12", "64 hexadecimal digits"),
            ("read 0123456789abcdéf", "characters"),
        ] {
            let error = text.parse::<Tokens>().unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
