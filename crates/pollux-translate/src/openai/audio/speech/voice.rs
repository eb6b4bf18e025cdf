//! The voices: Google's own, and those that stand for OpenAI's.
//!
//! Neither maker says how a voice sounds beyond a word, so the nearest word decides.

use crate::error::TranslateError;
use crate::openai::object::{Expected, TextOr, object};
use crate::text::Text;

/// Google's voices.
const GOOGLES: [&str; 30] = [
    "Achernar",
    "Achird",
    "Algenib",
    "Algieba",
    "Alnilam",
    "Aoede",
    "Autonoe",
    "Callirrhoe",
    "Charon",
    "Despina",
    "Enceladus",
    "Erinome",
    "Fenrir",
    "Gacrux",
    "Iapetus",
    "Kore",
    "Laomedeia",
    "Leda",
    "Orus",
    "Puck",
    "Pulcherrima",
    "Rasalgethi",
    "Sadachbia",
    "Sadaltager",
    "Schedar",
    "Sulafat",
    "Umbriel",
    "Vindemiatrix",
    "Zephyr",
    "Zubenelgenubi",
];

/// OpenAI's voices, each with the one that stands for it.
const STANDING: [(&str, &str); 13] = [
    ("alloy", "Kore"),
    ("ash", "Orus"),
    ("ballad", "Algieba"),
    ("cedar", "Alnilam"),
    ("coral", "Sulafat"),
    ("echo", "Charon"),
    ("fable", "Puck"),
    ("marin", "Aoede"),
    ("nova", "Leda"),
    ("onyx", "Algenib"),
    ("sage", "Vindemiatrix"),
    ("shimmer", "Zephyr"),
    ("verse", "Fenrir"),
];

/// Finds a voice by either name, whatever its letters' case.
pub(super) fn find(name: &str) -> Result<&'static str, TranslateError> {
    let own = GOOGLES.iter().find(|voice| voice.eq_ignore_ascii_case(name));
    let standing = || STANDING.iter().find(|(voice, _)| voice.eq_ignore_ascii_case(name));
    own.copied().or_else(|| standing().map(|(_, stands)| *stands)).ok_or_else(|| {
        let name: String = name.chars().take(100).collect();
        let theirs: Vec<_> = STANDING.iter().map(|(voice, _)| *voice).collect();
        TranslateError::at(
            "voice",
            format!(
                "there is no voice `{name}`; expected one of {}, or one of Gemini's own: {}",
                theirs.join(", "),
                GOOGLES.join(", ")
            ),
        )
    })
}

/// A voice as a client names it: its name, or an object with its id.
pub(super) type Voice<'a> = TextOr<'a, VoiceObject<'a>>;

/// The object.
#[derive(Debug, Default)]
pub(super) struct VoiceObject<'a> {
    pub(super) id: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(VoiceObject, "an object with an id", { id: "id" });

impl Expected for VoiceObject<'_> {
    const EXPECTED: &'static str = "a voice's name or an object with its `id`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voice_is_found_by_its_name_and_every_stand_in_exists() {
        for voice in GOOGLES {
            assert_eq!(find(&voice.to_lowercase()), Ok(voice));
        }
        for (name, stands) in STANDING {
            assert_eq!(find(name), Ok(stands));
            assert!(GOOGLES.contains(&stands), "{stands}");
        }
    }

    #[test]
    fn an_unknown_voice_is_told_which_there_are() {
        let message = find("robot").unwrap_err().message;
        assert!(
            ["robot", "alloy", "cedar", "Kore", "Zephyr"].iter().all(|it| message.contains(it))
        );
    }
}
