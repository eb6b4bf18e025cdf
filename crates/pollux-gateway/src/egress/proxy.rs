//! A proxy as it is configured: where it is, how it is spoken to, and who may use it.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use http::{Uri, uri::Authority};
use percent_encoding::percent_decode_str;
use pollux_store::secret::Secret;
use url::Url;

/// The longest name and password that fit into the handshake of SOCKS.
const LONGEST: usize = 255;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `CONNECT` over a plain connection.
    Http,
    /// `CONNECT` over TLS.
    Https,
    /// SOCKS 5; names are resolved here.
    Socks5,
    /// SOCKS 5; names are resolved there.
    Socks5h,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Http, Self::Https, Self::Socks5, Self::Socks5h];

    /// Its name in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

/// Who may use a proxy; shows nothing of the password.
#[derive(Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password; some providers want none.
    pub password: Secret,
}

/// A proxy; neither displayed nor in debug output does it show who may use it.
#[derive(Clone)]
pub struct Proxy {
    protocol: Protocol,
    address: Uri,
    login: Option<Login>,
    identity: u64,
}

/// A text that names no proxy; says what would, and nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "addresses such as http://host:8080, https://user:password@host, socks5://host:1080 or \
     socks5h://host:1080, with what is special in a password percent-encoded"
)]
pub struct NotAProxy;

impl Proxy {
    /// How it is spoken to.
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Where it is, for whoever opens the connection: `https` where that begins with TLS.
    pub const fn address(&self) -> &Uri {
        &self.address
    }

    /// Who may use it.
    pub const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// A number that follows from all of it, the same in every process.
    pub(super) const fn identity(&self) -> u64 {
        self.identity
    }

    fn login_parts(&self) -> Option<(&str, &str)> {
        self.login.as_ref().map(|login| (login.user.as_str(), login.password.expose()))
    }
}

impl FromStr for Proxy {
    type Err = NotAProxy;

    fn from_str(text: &str) -> Result<Self, NotAProxy> {
        let url = Url::parse(text.trim()).map_err(|_| NotAProxy)?;
        let named = |it: &&Protocol| it.as_str() == url.scheme();
        let protocol = *Protocol::ALL.iter().find(named).ok_or(NotAProxy)?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
        if !is_bare || url.fragment().is_some() {
            return Err(NotAProxy);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(NotAProxy)?;
        let port = url.port().unwrap_or(protocol.port());
        let scheme = if protocol == Protocol::Https { "https" } else { "http" };
        let address = format!("{scheme}://{host}:{port}").parse().map_err(|_| NotAProxy)?;
        let login = login(&url)?;
        let identity = [protocol.as_str(), "://", url.username(), ":"]
            .into_iter()
            .chain([url.password().unwrap_or_default(), "@", host, ":"])
            .fold(FIRST, |hash, text| digest(hash, text.as_bytes()));
        let identity = digest(identity, &port.to_be_bytes());
        Ok(Self { protocol, address, login, identity })
    }
}

fn login(url: &Url) -> Result<Option<Login>, NotAProxy> {
    let decode = |text| percent_decode_str(text).decode_utf8().map_err(|_| NotAProxy);
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let user = decode(url.username())?;
    let password = decode(url.password().unwrap_or_default())?;
    // The line between both in the header of `CONNECT`.
    if user.len() > LONGEST || password.len() > LONGEST || user.contains(':') {
        return Err(NotAProxy);
    }
    Ok(Some(Login { user: user.into_owned(), password: Secret::new(password) }))
}

/// Two with the same address and different users are two: such is how providers number theirs.
impl PartialEq for Proxy {
    fn eq(&self, other: &Self) -> bool {
        self.protocol == other.protocol
            && self.address == other.address
            && self.login_parts() == other.login_parts()
    }
}

impl Eq for Proxy {}

impl Hash for Proxy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.identity);
    }
}

/// Where it is, without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.address.authority().map_or("", Authority::as_str);
        write!(f, "{}://{authority}", self.protocol.as_str())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// FNV-1a, which is the same in every process and release.
const FIRST: u64 = 0xCBF2_9CE4_8422_2325;

fn digest(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}
