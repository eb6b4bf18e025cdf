//! Words that stand for the members of a closed set, in settings, rows and JSON.

/// A word that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not one of {}", .allowed.join(", "))]
pub struct UnknownWord {
    /// The word as it was given.
    pub given: String,
    /// The words that would have meant something.
    pub allowed: Vec<&'static str>,
}

/// Makes an enum whose members have a stable word each, and its reading and writing.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$note])* $variant,)* }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable word for it, as rows and JSON carry it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::word::UnknownWord> {
                let found = Self::ALL.iter().copied().find(|known| known.as_str() == word);
                found.ok_or_else(|| $crate::word::UnknownWord {
                    given: word.to_owned(),
                    allowed: Self::ALL.iter().map(|known| known.as_str()).collect(),
                })
            }
        }
    };
}
pub(crate) use words;
