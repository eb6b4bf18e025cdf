//! Who is who: ids of keys, pools and users, and names of models.

use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, "-{}"), self.0)
            }
        }
    };
}

id! {
    /// Names a Gemini key; reads `key-12`.
    KeyId, "key"
}
id! {
    /// Names a pool; reads `pool-1`.
    PoolId, "pool"
}
id! {
    /// Names a user, who holds one access key; reads `user-3`.
    UserId, "user"
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the name as it is.
            pub fn new(name: &str) -> Self {
                Self(Arc::from(name))
            }

            /// Returns the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A model as Gemini names it, without `models/` and after aliases; cheap to clone.
    ModelName
}
name! {
    /// The Google project that a key belongs to, as far as anyone said so; cheap to clone.
    ProjectName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_what_they_name() {
        assert_eq!(KeyId(12).to_string(), "key-12");
        assert_eq!(PoolId(1).to_string(), "pool-1");
        assert_eq!(UserId(3).to_string(), "user-3");
        assert_eq!(ModelName::new("gemini-2.5-flash").to_string(), "gemini-2.5-flash");
    }
}
