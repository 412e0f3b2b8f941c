//! Which addresses may be connected to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

use crate::error::{Error, ErrorKind};

/// The networks whose addresses may be connected to. By default the private ones and this machine.
///
/// Whatever is allowed, nothing is ever sent to a link-local address (169.254.0.0/16, `fe80::/10`), to
/// the addresses at which clouds tell virtual machines their secrets, to a multicast or broadcast
/// address, or to none (0.0.0.0, `::`). It is the resolved address that counts, and it is the one
/// that is connected to, so a name that resolves to something else a moment later gains nothing.
///
/// ```
/// use cmetrics_live::Networks;
///
/// let networks: Networks = "10.1.0.0/16, ::1".parse()?;
/// assert!(networks.allow("10.1.2.3".parse().unwrap()));
/// assert!(!networks.allow("10.2.2.3".parse().unwrap()));
/// assert!(!Networks::any().allow("169.254.169.254".parse().unwrap()));
/// assert!("10.1.0.0/33".parse::<Networks>().is_err());
/// # Ok::<(), cmetrics_live::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// Those that are private by RFC 1918, 6598 and 4193, and loopback.
const PRIVATE: &str =
    "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7";
/// At which clouds answer virtual machines, outside link-local ranges.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

impl Networks {
    /// The private networks and this machine.
    pub fn private() -> Self {
        PRIVATE.parse().unwrap_or_else(|_| Self(Vec::new()))
    }

    /// All but those that are never asked.
    pub fn any() -> Self {
        "0.0.0.0/0,::/0".parse().unwrap_or_else(|_| Self(Vec::new()))
    }

    /// Whether this address may be connected to.
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !is_never_asked(address) && self.0.iter().any(|network| network.contains(&address))
    }
}

fn is_never_asked(address: IpAddr) -> bool {
    let by_form = match address {
        IpAddr::V4(v4) => {
            v4.is_link_local() || v4.is_multicast() || v4.is_broadcast() || v4.octets()[0] == 0
        }
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified() || is_tunnel(v6)
        }
    };
    by_form || METADATA.contains(&address)
}

/// Whether an address stands for one of IPv4 behind a translator, which the list cannot judge.
fn is_tunnel(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let is_nat64 = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let is_compatible = segments[..6] == [0; 6] && !address.is_loopback();
    is_nat64 || is_compatible || segments[0] == 0x2002
}

impl Default for Networks {
    fn default() -> Self {
        Self::private()
    }
}

impl FromStr for Networks {
    type Err = Error;

    /// Networks or single addresses, separated by commas; `private` and `any` stand for those.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut networks = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word {
                "private" => networks.extend(Self::private().0),
                "any" => networks.extend(Self::any().0),
                _ => networks.push(network(word)?),
            }
        }
        Ok(Self(networks))
    }
}

fn network(word: &str) -> Result<IpNet, Error> {
    let single = || word.parse::<IpAddr>().ok().map(IpNet::from);
    word.parse::<IpNet>().ok().or_else(single).ok_or_else(|| {
        let message = format!(
            "network {word:?}: expected an address with the length of its prefix, as 10.0.0.0/8, \
             or a single address, or \"private\" or \"any\""
        );
        Error::new(ErrorKind::Setting, message)
    })
}

impl fmt::Display for Networks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(out, "{comma}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_addresses_are_never_asked_whatever_is_allowed() {
        for address in [
            "169.254.169.254",
            "169.254.1.1",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "::",
            "255.255.255.255",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "100.100.100.200",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "0.1.2.3",
        ] {
            assert!(!Networks::any().allow(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn private_networks_are_allowed_and_public_ones_must_be_listed() {
        let networks = Networks::default();
        for address in ["127.0.0.1", "::1", "10.1.1.1", "192.168.1.1", "::ffff:10.0.0.1", "fd12::1"]
        {
            assert!(networks.allow(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "2001:db8::1", "172.32.0.1"] {
            assert!(!networks.allow(address.parse().unwrap()), "{address}");
        }
        assert!("8.8.8.8".parse::<Networks>().unwrap().allow("8.8.8.8".parse().unwrap()));
        assert_eq!(networks.to_string().parse::<Networks>().unwrap(), networks);
    }
}
