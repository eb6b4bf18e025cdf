//! Which addresses are on the public internet, also when they hide inside others.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A block of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    length: u32,
}

/// A text that is no block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a block of addresses such as 10.0.0.0/8")]
pub struct NotANet;

impl Net {
    /// Whether an address is in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                let shift = 32 - self.length;
                (net.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                let shift = 128 - self.length;
                (net.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Net {
    type Err = NotANet;

    fn from_str(text: &str) -> Result<Self, NotANet> {
        let (address, length) = text.split_once('/').ok_or(NotANet)?;
        let address: IpAddr = address.parse().map_err(|_| NotANet)?;
        let length: u32 = length.parse().map_err(|_| NotANet)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        (length <= most).then_some(Self { address, length }).ok_or(NotANet)
    }
}

const fn v4(a: u8, b: u8, c: u8, length: u32) -> Net {
    Net { address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), length }
}

const fn v6(a: u16, b: u16, c: u16, length: u32) -> Net {
    Net { address: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), length }
}

/// Every block of the public part of the address space that is not public all the same.
const SPECIAL: &[Net] = &[
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    // The agent of the host beneath a machine at Azure, by an address that looks public.
    Net { address: IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)), length: 32 },
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 3),
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x3fff, 0, 0, 20),
];

/// Of IPv6 only this is given out to the public.
const GLOBAL: Net = v6(0x2000, 0, 0, 3);
/// An IPv4 address in its second to fourth word.
const SIX_TO_FOUR: Net = v6(0x2002, 0, 0, 16);

/// Whether an address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    let address = plain(address);
    let is_given_out = address.is_ipv4() || GLOBAL.contains(address);
    is_given_out && !SPECIAL.iter().any(|net| net.contains(address))
}

/// The IPv4 address that an IPv6 one leads to, where it does.
pub fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(outer) = address else { return address };
    let inner = match outer.segments() {
        // Compatible, mapped and translated addresses, and NAT64; `::` and `::1` are none of them.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some((high, low)),
        [_, high, low, ..] if SIX_TO_FOUR.contains(address) => Some((high, low)),
        _ => None,
    };
    inner.map_or(address, |(high, low)| {
        IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_public_is_known_in_every_form() {
        for text in [
            "0.0.0.0",
            "0.255.1.1",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_public(address(text)), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public_in_every_form() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "168.63.129.17",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(is_public(address(text)), "{text}");
        }
    }

    #[test]
    fn a_block_is_read_and_holds_what_is_in_it() {
        let net = |text: &str| text.parse::<Net>();
        assert!(net("10.1.0.0/16").unwrap().contains(address("10.1.2.3")));
        assert!(!net("10.1.0.0/16").unwrap().contains(address("10.2.0.0")));
        assert!(net("0.0.0.0/0").unwrap().contains(address("9.9.9.9")));
        assert!(!net("0.0.0.0/0").unwrap().contains(address("::1")));
        assert!(net("fd00::/8").unwrap().contains(address("fdff::1")));
        assert!(net("::1/128").unwrap().contains(address("::1")));
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "host/8"] {
            assert_eq!(net(text), Err(NotANet), "{text}");
        }
    }
}
