//! Where a request comes from: the peer of its connection, or who stands behind a proxy that is trusted.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a request's connection, in the extensions of the request as axum's extractors have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Addresses that begin alike, or a single one; reads `10.0.0.0/8`, `2001:db8::/32` or `127.0.0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither an address such as 127.0.0.1 nor a network such as 10.0.0.0/8 or 2001:db8::/32"
)]
pub struct NotANetwork(String);

impl Network {
    /// Whether an address is in it; an IPv4 address that is written as IPv6 is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let text = text.trim();
        let single = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
        let network = text.parse::<IpNet>().or_else(|_| single());
        network.map(Self).map_err(|_| NotANetwork(text.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The client of a request whose connection came from `peer`; none where that cannot be told.
///
/// Only a trusted proxy is believed about whom it serves, and of those it names only the nearest
/// that is none itself: whatever is left of that one, anybody may have written.
pub(crate) fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer?.to_canonical();
    if !is_trusted(client) {
        return Some(client);
    }
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for line in lines.into_iter().rev() {
        for entry in line.to_str().ok()?.rsplit(',').map(str::trim).filter(|it| !it.is_empty()) {
            client = address(entry)?;
            if !is_trusted(client) {
                return Some(client);
            }
        }
    }
    Some(client)
}

/// Reads an address with or without brackets and port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().ok();
    let with_port = || entry.parse().ok().map(|address: SocketAddr| address.ip());
    address.or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, lines: &[&str], want: Option<&str>) {
        let trusted = ["10.0.0.0/8", "::1", "192.0.2.7"].map(|text| text.parse().unwrap());
        let headers = lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect();
        let want = want.map(|address| address.parse().unwrap());
        assert_eq!(of(Some(peer.parse().unwrap()), &headers, &trusted), want, "{peer} {lines:?}");
    }

    #[test]
    fn only_a_trusted_proxy_says_whom_it_serves() {
        check("203.0.113.9", &[], Some("203.0.113.9"));
        check("203.0.113.9", &["198.51.100.1"], Some("203.0.113.9"));
        check("10.1.1.1", &["198.51.100.1"], Some("198.51.100.1"));
        check("::1", &["2001:db8::5"], Some("2001:db8::5"));
        check("::ffff:10.1.1.1", &["::ffff:198.51.100.1"], Some("198.51.100.1"));
        check("10.1.1.1", &[], Some("10.1.1.1"));
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_believed() {
        check("10.1.1.1", &["1.1.1.1, 198.51.100.1"], Some("198.51.100.1"));
        check("10.1.1.1", &["1.1.1.1", "198.51.100.1, 10.2.2.2,192.0.2.7"], Some("198.51.100.1"));
        check("10.1.1.1", &["1.1.1.1", "10.3.3.3", "10.2.2.2"], Some("1.1.1.1"));
        check("10.1.1.1", &["10.3.3.3,,10.2.2.2"], Some("10.3.3.3"));
    }

    #[test]
    fn addresses_may_have_ports_and_brackets_and_others_are_nobodys() {
        check("10.1.1.1", &["198.51.100.1:4711"], Some("198.51.100.1"));
        check("10.1.1.1", &["[2001:db8::5]:4711"], Some("2001:db8::5"));
        check("10.1.1.1", &["[2001:db8::5]"], Some("2001:db8::5"));
        check("10.1.1.1", &["198.51.100.1, unknown"], None);
        assert_eq!(of(None, &HeaderMap::new(), &[]), None);
    }

    #[test]
    fn a_network_may_be_one_address() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        assert!(network("127.0.0.1").contains("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!network("127.0.0.1").contains("127.0.0.2".parse().unwrap()));
        assert!(network("::ffff:127.0.0.1").contains("127.0.0.1".parse().unwrap()));
        assert!(network("2001:db8::/32").contains("2001:db8:1::1".parse().unwrap()));
        assert_eq!(network("10.0.0.0/8").to_string(), "10.0.0.0/8");
        for text in ["", "10.0.0.0/33", "localhost", "10.0.0"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
