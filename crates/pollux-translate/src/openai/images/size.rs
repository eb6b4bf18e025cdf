//! OpenAI's pixels, and the shapes and sizes that Gemini knows.
//!
//! `WIDTHxHEIGHT` becomes the nearest of ten aspect ratios and, from 1793 pixels of the longer side
//! on, 2K, from 3073 on, 4K; less is 1K, which is what every model makes unasked. An aspect ratio
//! (`16:9`) is passed on as it is, `auto` is the model's choice.

use crate::error::TranslateError;
use crate::gemini::request::ImageConfig;

/// The shapes that every image model makes, with their width and height.
const SHAPES: [(&str, f64); 10] = [
    ("1:1", 1.0),
    ("2:3", 2.0 / 3.0),
    ("3:2", 3.0 / 2.0),
    ("3:4", 3.0 / 4.0),
    ("4:3", 4.0 / 3.0),
    ("4:5", 4.0 / 5.0),
    ("5:4", 5.0 / 4.0),
    ("9:16", 9.0 / 16.0),
    ("16:9", 16.0 / 9.0),
    ("21:9", 21.0 / 9.0),
];
/// Shapes of some newer models, for those who name them.
const EXTREME: [&str; 4] = ["1:8", "8:1", "1:4", "4:1"];
/// The longest sides, in pixels, for which 1K and 2K do.
const MAX_1K: u32 = 1792;
const MAX_2K: u32 = 3072;

/// What a `size` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) config: ImageConfig<'static>,
    /// Whether it says how many pixels there are to be.
    pub(super) is_exact: bool,
}

impl Size {
    /// Reads a `size`.
    pub(super) fn parse(size: &str) -> Result<Self, TranslateError> {
        if size == "auto" {
            return Ok(Self::default());
        }
        let shapes = SHAPES.iter().map(|(name, _)| *name).chain(EXTREME);
        if let Some(shape) = shapes.into_iter().find(|name| *name == size) {
            let config = ImageConfig { aspect_ratio: Some(shape), image_size: None };
            return Ok(Self { config, is_exact: false });
        }
        match size.split_once('x').map(|(width, height)| (width.parse(), height.parse())) {
            Some((Ok(width @ 1..), Ok(height @ 1..))) => Ok(Self::of_pixels(width, height)),
            Some(_) | None => Err(TranslateError::at(
                "size",
                "expected `auto`, pixels such as `1536x1024`, or one of the aspect ratios \
                 1:1, 2:3, 3:2, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9, 1:8, 8:1, 1:4, 4:1",
            )),
        }
    }

    fn of_pixels(width: u32, height: u32) -> Self {
        let wanted = (f64::from(width) / f64::from(height)).ln();
        let distance = |shape: &&(&str, f64)| (shape.1.ln() - wanted).abs();
        let nearest = SHAPES.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let longer = width.max(height);
        let larger = if longer > MAX_2K { "4K" } else { "2K" };
        let image_size = (longer > MAX_1K).then_some(larger);
        let aspect_ratio = nearest.map(|(name, _)| *name);
        Self { config: ImageConfig { aspect_ratio, image_size }, is_exact: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(size: &str, shape: Option<&str>, image_size: Option<&str>) {
        let config = Size::parse(size).unwrap().config;
        assert_eq!((config.aspect_ratio, config.image_size), (shape, image_size), "{size}");
    }

    #[test]
    fn pixels_become_the_nearest_shape_and_size() {
        check("1024x1024", Some("1:1"), None);
        check("256x256", Some("1:1"), None);
        check("1536x1024", Some("3:2"), None);
        check("1024x1536", Some("2:3"), None);
        check("1792x1024", Some("16:9"), None);
        check("1024x1792", Some("9:16"), None);
        check("2048x2048", Some("1:1"), Some("2K"));
        check("3840x2160", Some("16:9"), Some("4K"));
        check("1000x10", Some("21:9"), None);
    }

    #[test]
    fn shapes_pass_and_auto_is_no_wish() {
        check("16:9", Some("16:9"), None);
        check("8:1", Some("8:1"), None);
        check("auto", None, None);
    }

    #[test]
    fn anything_else_is_refused() {
        for size in ["", "big", "1024", "0x1", "1024x", "-1x1", "7:5", "1024X1024"] {
            assert!(Size::parse(size).is_err(), "{size}");
        }
    }
}
