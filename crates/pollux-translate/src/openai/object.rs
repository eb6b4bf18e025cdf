//! How OpenAI's objects are read: field by field, with the names of those that mean nothing here.
//!
//! [`object!`] makes a struct of optional fields readable. Null is the same as absent. A field that
//! the struct does not have is passed over and remembered; [`Unread`] gathers such names from a whole
//! request, as paths like `messages[].content[].image_url.detail`.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::text::Text;

/// Reads a struct, all of whose fields but `ignored` are options.
macro_rules! object {
    ($name:ident, $expected:literal, { $($field:ident: $key:literal $(| $alias:literal)*),* $(,)? }) => {
        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;

                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str($expected)
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        while let Some(crate::text::Text(key)) = map.next_key()? {
                            match key.as_ref() {
                                $($key $(| $alias)* => object.$field = map.next_value()?,)*
                                _ => object.ignored.extend($crate::openai::object::pass_over(
                                    &mut map,
                                    crate::text::Text(key),
                                )?),
                            }
                        }
                        Ok(object)
                    }
                }

                deserializer.deserialize_map(ObjectVisitor)
            }
        }

        impl $crate::openai::object::Unread for $name<'_> {
            fn unread(&self, path: &str, out: &mut std::collections::BTreeSet<String>) {
                let inside = |name: &str| $crate::openai::object::inside(path, name);
                out.extend(self.ignored.iter().map(|name| inside(name)));
                $($crate::openai::object::Unread::unread(&self.$field, &inside($key), out);)*
            }

            fn fields(path: &str, out: &mut std::collections::BTreeSet<String>) {
                let names: &[&str] = &[$($key),*];
                out.extend(names.iter().map(|name| $crate::openai::object::inside(path, name)));
                $($crate::openai::object::fields_in(
                    |it: &$name<'static>| &it.$field,
                    &$crate::openai::object::inside(path, $key),
                    out,
                );)*
            }
        }
    };
}

pub(crate) use object;

/// Knows the names of the fields that mean nothing here, and of those that mean something.
pub(crate) trait Unread {
    /// Adds those of this value that mean nothing, each with `path` before it.
    fn unread(&self, path: &str, out: &mut BTreeSet<String>);

    /// Adds all that may mean something in a value of this type.
    fn fields(path: &str, out: &mut BTreeSet<String>);
}

/// Adds the fields inside the one that `get` returns.
pub(crate) fn fields_in<O, T: Unread>(_get: fn(&O) -> &T, path: &str, out: &mut BTreeSet<String>) {
    T::fields(path, out);
}

/// Returns the path of a field of the object at `path`.
pub(crate) fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Passes a value over and returns its name, unless it is null and so absent.
pub(crate) fn pass_over<'de, A: MapAccess<'de>>(
    map: &mut A,
    name: Text<'de>,
) -> Result<Option<Text<'de>>, A::Error> {
    let value: Option<IgnoredAny> = map.next_value()?;
    Ok(value.map(|_| name))
}

impl<T: Unread> Unread for Option<T> {
    fn unread(&self, path: &str, out: &mut BTreeSet<String>) {
        if let Some(value) = self {
            value.unread(path, out);
        }
    }

    fn fields(path: &str, out: &mut BTreeSet<String>) {
        T::fields(path, out);
    }
}

impl<T: Unread> Unread for Vec<T> {
    fn unread(&self, path: &str, out: &mut BTreeSet<String>) {
        if !self.is_empty() {
            let path = format!("{path}[]");
            for value in self {
                value.unread(&path, out);
            }
        }
    }

    fn fields(path: &str, out: &mut BTreeSet<String>) {
        T::fields(&format!("{path}[]"), out);
    }
}

/// What is read whole has no fields to forget.
macro_rules! leaf {
    ($($type:ty),*) => {
        $(impl $crate::openai::object::Unread for $type {
            fn unread(&self, _: &str, _: &mut std::collections::BTreeSet<String>) {}

            fn fields(_: &str, _: &mut std::collections::BTreeSet<String>) {}
        })*
    };
}

pub(crate) use leaf;

leaf!(bool, Text<'_>, &RawValue);

/// A string, or something that says more.
#[derive(Clone, Debug)]
pub(crate) enum TextOr<'a, T> {
    /// The string.
    Text(Text<'a>),
    /// The rest.
    Other(T),
}

/// What a [`TextOr`] says that it expects.
pub(crate) trait Expected {
    /// For example `a string or a list of strings`.
    const EXPECTED: &'static str;
}

impl<T: Unread> Unread for TextOr<'_, T> {
    fn unread(&self, path: &str, out: &mut BTreeSet<String>) {
        if let Self::Other(value) = self {
            value.unread(path, out);
        }
    }

    fn fields(path: &str, out: &mut BTreeSet<String>) {
        T::fields(path, out);
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de> + Expected> Deserialize<'de> for TextOr<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + Expected> Visitor<'de> for TextOrVisitor<T> {
            type Value = TextOr<'de, T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(T::EXPECTED)
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(TextOr::Text(text.into()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOr::Text(text.to_owned().into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                T::deserialize(SeqAccessDeserializer::new(seq)).map(TextOr::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Other)
            }
        }

        deserializer.deserialize_any(TextOrVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Outer<'a> {
        name: Option<Text<'a>>,
        inner: Option<Vec<TextOr<'a, Inner<'a>>>>,
        ignored: Vec<Text<'a>>,
    }

    #[derive(Debug, Default)]
    struct Inner<'a> {
        raw: Option<&'a RawValue>,
        ignored: Vec<Text<'a>>,
    }

    object!(Outer, "an object", { name: "name" | "title", inner: "inner" });
    object!(Inner, "an inner object", { raw: "raw" });

    impl Expected for Inner<'_> {
        const EXPECTED: &'static str = "a string or an object";
    }

    #[test]
    fn unknown_fields_are_named_wherever_they_stand() {
        let text =
            r#"{"title":"x","a":1,"null":null,"inner":["t",{"raw":{"b":1},"c":[]},{"c":0}]}"#;
        let outer: Outer<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(outer.name.as_deref(), Some("x"));
        let inner = outer.inner.as_deref().unwrap();
        assert!(
            matches!(&inner[1], TextOr::Other(Inner { raw: Some(raw), .. }) if raw.get() == r#"{"b":1}"#)
        );
        let mut names = BTreeSet::new();
        outer.unread("", &mut names);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "inner[].c"]);
    }

    #[test]
    fn the_fields_that_mean_something_are_known() {
        let mut names = BTreeSet::new();
        Outer::fields("", &mut names);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["inner", "inner[].raw", "name"]);
    }

    #[test]
    fn what_is_expected_is_said() {
        let error = serde_json::from_str::<Outer<'_>>(r#"{"inner":[1]}"#).unwrap_err();
        assert!(error.to_string().contains("expected a string or an object"), "{error}");
    }
}
