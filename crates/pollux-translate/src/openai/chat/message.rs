//! The messages of a chat request.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::text::Text;

/// One message.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Who speaks.
    pub role: Role,
    /// What is said; absent where the role allows it.
    pub content: Option<MessageContent<'a>>,
    /// What the assistant said in place of an answer.
    pub refusal: Option<Text<'a>>,
    /// The assistant's calls of tools.
    pub tool_calls: Option<&'a RawValue>,
    /// The assistant's call of a function, the old way.
    pub function_call: Option<&'a RawValue>,
    /// An earlier spoken answer.
    pub audio: Option<&'a RawValue>,
    /// The names of fields that have no meaning here.
    pub(super) ignored: Vec<String>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions, under their older name.
    System,
    /// Instructions, under their newer name.
    Developer,
    /// A person.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
    /// A function's result, the old way.
    Function,
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum MessageContent<'a> {
    /// One text.
    Text(Text<'a>),
    /// Several parts.
    Parts(Vec<ContentPart<'a>>),
}

/// One part of a message, before its type is judged.
#[derive(Clone, Debug, Default)]
pub struct ContentPart<'a> {
    /// The type, for example `text` or `image_url`.
    pub kind: Text<'a>,
    /// The text of a `text` part.
    pub text: Option<Text<'a>>,
    /// The text of a `refusal` part.
    pub refusal: Option<Text<'a>>,
    /// The image of an `image_url` part.
    pub image_url: Option<ImageUrl<'a>>,
    /// The names of fields that have no meaning here.
    pub(super) ignored: Vec<String>,
}

/// Where an image is; some clients send the bare URL in place of the object.
#[derive(Clone, Debug)]
pub struct ImageUrl<'a> {
    /// The URL.
    pub url: Text<'a>,
    /// The names of fields that have no meaning here.
    pub(super) ignored: Vec<String>,
}

impl Message<'_> {
    /// Returns the paths of the fields that have no meaning here, without the message's number.
    pub(super) fn ignored(&self) -> impl Iterator<Item = String> {
        let own = self.ignored.iter().map(|name| format!("messages[].{name}"));
        let parts = match &self.content {
            Some(MessageContent::Parts(parts)) => parts.as_slice(),
            Some(MessageContent::Text(_)) | None => &[],
        };
        let of_part = |name| format!("messages[].content[].{name}");
        let of_image = |name| format!("messages[].content[].image_url.{name}");
        let images = parts.iter().filter_map(|part| part.image_url.as_ref());
        own.chain(parts.iter().flat_map(|part| &part.ignored).map(of_part))
            .chain(images.flat_map(|image| &image.ignored).map(of_image))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut role = None;
        let mut message = Message {
            role: Role::User,
            content: None,
            refusal: None,
            tool_calls: None,
            function_call: None,
            audio: None,
            ignored: Vec::new(),
        };
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                "role" => role = map.next_value()?,
                "content" => message.content = map.next_value()?,
                "refusal" => message.refusal = map.next_value()?,
                "tool_calls" => message.tool_calls = map.next_value()?,
                "function_call" => message.function_call = map.next_value()?,
                "audio" => message.audio = map.next_value()?,
                _ => message.ignored.extend(pass_over(&mut map, key.into_owned())?),
            }
        }
        message.role = role.ok_or_else(|| A::Error::missing_field("role"))?;
        Ok(message)
    }
}

/// Passes a value over and returns its name, unless it is null and so absent.
pub(super) fn pass_over<'de, A: MapAccess<'de>>(
    map: &mut A,
    name: String,
) -> Result<Option<String>, A::Error> {
    let value: Option<IgnoredAny> = map.next_value()?;
    Ok(value.map(|_| name))
}

impl<'de: 'a, 'a> Deserialize<'de> for MessageContent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;

        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = MessageContent<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string or a list of content parts")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(MessageContent::Text(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(MessageContent::Text(Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = seq.next_element()? {
                    parts.push(part);
                }
                Ok(MessageContent::Parts(parts))
            }
        }

        deserializer.deserialize_any(ContentVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ContentPart<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;

        impl<'de> Visitor<'de> for PartVisitor {
            type Value = ContentPart<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a content part")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut part = ContentPart::default();
                let mut kind = None;
                while let Some(Text(key)) = map.next_key()? {
                    match key.as_ref() {
                        "type" => kind = map.next_value()?,
                        "text" => part.text = map.next_value()?,
                        "refusal" => part.refusal = map.next_value()?,
                        "image_url" => part.image_url = map.next_value()?,
                        _ => part.ignored.extend(pass_over(&mut map, key.into_owned())?),
                    }
                }
                part.kind = kind.ok_or_else(|| A::Error::missing_field("type"))?;
                Ok(part)
            }
        }

        deserializer.deserialize_map(PartVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ImageUrl<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UrlVisitor;

        impl<'de> Visitor<'de> for UrlVisitor {
            type Value = ImageUrl<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object with a url")
            }

            fn visit_borrowed_str<E: Error>(self, url: &'de str) -> Result<Self::Value, E> {
                Ok(ImageUrl { url: Text(Cow::Borrowed(url)), ignored: Vec::new() })
            }

            fn visit_str<E: Error>(self, url: &str) -> Result<Self::Value, E> {
                Ok(ImageUrl { url: Text(Cow::Owned(url.to_owned())), ignored: Vec::new() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut url, mut ignored) = (None, Vec::new());
                while let Some(Text(key)) = map.next_key()? {
                    match key.as_ref() {
                        "url" => url = map.next_value()?,
                        _ => ignored.extend(pass_over(&mut map, key.into_owned())?),
                    }
                }
                let url = url.ok_or_else(|| A::Error::missing_field("url"))?;
                Ok(ImageUrl { url, ignored })
            }
        }

        deserializer.deserialize_any(UrlVisitor)
    }
}
