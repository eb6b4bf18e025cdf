//! Which URLs may be fetched for a client, and at which addresses.
//!
//! Pure: whoever connects asks about each address that a name resolves to and
//! dials only those that were admitted, so that the checked address is the
//! dialled one.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::Uri;
use url::{Host, Url};

use super::{
    Refusal,
    net::{self, Net},
};

/// Names that never lead to the public internet.
const LOCAL: &[&str] = &["localhost", "local", "internal", "home.arpa"];

/// What may be fetched although it is private or on an unusual port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    allow: Vec<Allowed>,
}

/// One exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A host at a port, wherever its name leads.
    Host(String, u16),
    /// Every host in a block of addresses, at any port.
    Net(Net),
}

/// A text that names no exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hosts with a port such as images.lan:8080, and blocks such as 10.0.0.0/8")]
pub struct NotAllowed;

/// A URL that could be fetched, as far as its text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
    uri: Uri,
    host: String,
    address: Option<IpAddr>,
    port: u16,
}

impl Guard {
    /// Admits the public internet and `allow`.
    pub fn new(allow: Vec<Allowed>) -> Self {
        Self { allow }
    }

    /// Whether `target` may be fetched, as far as that can be told before its name is resolved.
    pub fn check(&self, target: &Target) -> Result<(), Refusal> {
        if self.names(target) {
            return Ok(());
        }
        match target.address {
            Some(address) if self.holds(address) => return Ok(()),
            Some(address) if !net::is_public(address) => return Err(Refusal::Private),
            // Where its name leads is seen when it is resolved.
            None if self.has_nets() => return Ok(()),
            None if target.is_local() => return Err(Refusal::Private),
            Some(_) | None => {}
        }
        if target.has_usual_port() { Ok(()) } else { Err(Refusal::Port) }
    }

    /// Whether `target` may be fetched at `address`.
    pub fn admits(&self, target: &Target, address: IpAddr) -> bool {
        let is_open = net::is_public(address) && target.has_usual_port() && !target.is_local();
        is_open || self.holds(address) || self.names(target)
    }

    /// Whether an address, or the one that hides in it, is in a block of the exceptions.
    fn holds(&self, address: IpAddr) -> bool {
        let inner = net::plain(address);
        self.allow.iter().any(|allowed| match allowed {
            Allowed::Net(net) => net.contains(address) || net.contains(inner),
            Allowed::Host(..) => false,
        })
    }

    fn names(&self, target: &Target) -> bool {
        self.allow.iter().any(|allowed| match allowed {
            Allowed::Host(host, port) => *host == target.host && *port == target.port,
            Allowed::Net(_) => false,
        })
    }

    fn has_nets(&self) -> bool {
        self.allow.iter().any(|allowed| matches!(allowed, Allowed::Net(_)))
    }
}

impl FromStr for Allowed {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        if let Ok(net) = text.parse() {
            return Ok(Self::Net(net));
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::Host(address.ip().to_string(), address.port()));
        }
        let (host, port) = text.split_once(':').ok_or(NotAllowed)?;
        let port = port.parse().map_err(|_| NotAllowed)?;
        match Host::parse(host).map_err(|_| NotAllowed)? {
            Host::Domain(name) => Ok(Self::Host(name.trim_end_matches('.').to_owned(), port)),
            Host::Ipv4(address) => Ok(Self::Host(address.to_string(), port)),
            Host::Ipv6(address) => Ok(Self::Host(address.to_string(), port)),
        }
    }
}

impl Target {
    /// Reads a URL the way browsers do: a number in any notation is the address that it means.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::of(Url::parse(text.trim()).map_err(|_| Refusal::Unreadable)?)
    }

    /// The target of a redirect.
    pub fn redirected(&self, location: &str) -> Result<Self, Refusal> {
        Self::of(self.url.join(location).map_err(|_| Refusal::Unreadable)?)
    }

    fn of(mut url: Url) -> Result<Self, Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        url.set_fragment(None);
        let (host, address) = match url.host().ok_or(Refusal::Unreadable)? {
            Host::Domain(name) => (name.trim_end_matches('.').to_owned(), None),
            Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(address))),
            Host::Ipv6(address) => (address.to_string(), Some(IpAddr::V6(address))),
        };
        let port = url.port_or_known_default().ok_or(Refusal::Unreadable)?;
        let uri = url.as_str().parse().map_err(|_| Refusal::Unreadable)?;
        Ok(Self { url, uri, host, address, port })
    }

    /// What is asked for.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The address that stands in the place of a name, if one does.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    fn has_usual_port(&self) -> bool {
        matches!(self.port, 80 | 443)
    }

    fn is_local(&self) -> bool {
        let within = |zone: &str| {
            self.host.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.address.is_none() && LOCAL.iter().any(|zone| within(zone))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allow: &str, url: &str, want: &Result<(), Refusal>) {
        let allow = allow.split_whitespace().map(|text| text.parse().unwrap()).collect();
        let got = Target::parse(url).and_then(|target| Guard::new(allow).check(&target));
        assert_eq!(got, *want, "{url}");
    }

    #[test]
    fn no_private_address_is_fetched_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7F.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "127.0.0.1.",
            "10.0.0.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "192.168.1.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:a9fe:a9fe]",
            "[64:ff9b::169.254.169.254]",
            "[2002:7f00:1::]",
            "[fd00::1]",
            "[fe80::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "metadata.google.internal.",
            "\u{2460}27.0.0.1",
            "%31%32%37.0.0.1",
            "127\u{3002}0\u{3002}0\u{3002}1",
        ] {
            for scheme in ["http", "https"] {
                check("", &format!("{scheme}://{host}/x.png"), &Err(Refusal::Private));
                check("", &format!("{scheme}:\\\\{host}\\x.png"), &Err(Refusal::Private));
            }
        }
    }

    #[test]
    fn what_is_public_may_be_fetched() {
        for url in [
            "https://images.example/a.png?b=c#d",
            "http://images.example:80/",
            "https://images.example:443/",
            "HTTPS://IMAGES.EXAMPLE./",
            "http://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://b\u{fc}cher.example/",
            "https://localhost.example/",
            "https://notlocal/",
            " https://images.example/with%20space and space ",
        ] {
            check("", url, &Ok(()));
        }
    }

    #[test]
    fn what_is_no_plain_web_address_is_refused() {
        for url in [
            "ftp://images.example/",
            "file:///etc/passwd",
            "gopher://x/",
            "data:,x",
            "javascript:0",
        ] {
            check("", url, &Err(Refusal::Scheme));
        }
        for url in [
            "",
            "images.example/a.png",
            "//images.example/",
            "http://",
            "http://a b/",
            "http://[::1/",
            "http://1.2.3.4.5/",
            "http://256.256.256.256/",
        ] {
            check("", url, &Err(Refusal::Unreadable));
        }
        for url in [
            "http://user@images.example/",
            "http://user:pass@images.example/",
            "http://images.example@127.0.0.1/",
            "http://:p@images.example/",
        ] {
            check("", url, &Err(Refusal::Credentials));
        }
        for url in
            ["http://8.8.8.8:6379/", "http://images.example:22/", "https://images.example:8443/"]
        {
            check("", url, &Err(Refusal::Port));
        }
    }

    #[test]
    fn exceptions_admit_what_they_name_and_nothing_else() {
        let allow = "images.lan:8080 127.0.0.1:9000 [::1]:9000 10.1.0.0/16 localhost:9001";
        for url in [
            "http://images.lan:8080/",
            "http://IMAGES.lan.:8080/",
            "http://127.0.0.1:9000/",
            "http://2130706433:9000/",
            "http://[::1]:9000/",
            "http://10.1.2.3/",
            "http://10.1.2.3:81/",
            "http://[::ffff:10.1.2.3]/",
            "http://localhost:9001/",
        ] {
            check(allow, url, &Ok(()));
        }
        for url in
            ["http://127.0.0.1/", "http://127.0.0.1:9001/", "http://10.2.0.1/", "http://[::1]/"]
        {
            check(allow, url, &Err(Refusal::Private));
        }
        for text in ["", "host", "host:", "host:x", "10.0.0.0/40", ":80", "ho st:80"] {
            assert_eq!(text.parse::<Allowed>(), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn an_address_is_judged_again_when_a_name_leads_to_it() {
        let target = |url: &str| Target::parse(url).unwrap();
        let (public, private) = ("8.8.8.8".parse().unwrap(), "10.1.0.1".parse().unwrap());
        let guard = Guard::default();
        assert!(guard.admits(&target("http://a.example/"), public));
        assert!(!guard.admits(&target("http://a.example/"), private));
        assert!(!guard.admits(&target("http://a.example:22/"), public));
        assert!(!guard.admits(&target("http://localhost/"), public));
        let guard =
            Guard::new(vec!["10.1.0.0/16".parse().unwrap(), "b.example:22".parse().unwrap()]);
        assert!(guard.admits(&target("http://a.example:22/"), private));
        assert!(!guard.admits(&target("http://a.example:22/"), public));
        assert!(guard.admits(&target("http://b.example:22/"), "192.168.0.1".parse().unwrap()));
    }

    #[test]
    fn redirects_are_read_against_where_they_come_from() {
        let from = Target::parse("https://a.example/b/c.png").unwrap();
        let to = |location| from.redirected(location).map(|target| target.uri().to_string());
        assert_eq!(to("d.png").unwrap(), "https://a.example/b/d.png");
        assert_eq!(to("//e.example/").unwrap(), "https://e.example/");
        assert_eq!(to("file:///etc/passwd"), Err(Refusal::Scheme));
        assert_eq!(to("http://u@127.0.0.1/"), Err(Refusal::Credentials));
    }
}
