//! Segments as captions, in the two forms that players read.

use std::fmt::Write as _;

use super::from_gemini::Segment;

/// Writes `SubRip` captions.
pub(super) fn srt(segments: &[Segment<'_>]) -> String {
    let mut out = String::new();
    for (segment, number) in segments.iter().zip(1_u32..) {
        let (start, end) = (time(segment.start, ','), time(segment.end, ','));
        // Writing to a String does not fail.
        let _ = write!(out, "{number}\n{start} --> {end}\n{}\n\n", line(segment));
    }
    out
}

/// Writes `WebVTT` captions.
pub(super) fn vtt(segments: &[Segment<'_>]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for segment in segments {
        let (start, end) = (time(segment.start, '.'), time(segment.end, '.'));
        let _ = write!(out, "{start} --> {end}\n{}\n\n", line(segment));
    }
    out
}

/// The words of a segment without what would end it early, or look like a time.
fn line(segment: &Segment<'_>) -> String {
    let lines = segment.text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n").replace("-->", "->")
}

fn time(seconds: f64, mark: char) -> String {
    let all = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis();
    let (hours, minutes) = (all / 3_600_000, all / 60_000 % 60);
    let (seconds, millis) = (all / 1_000 % 60, all % 1_000);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{millis:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_have_their_times_and_stay_apart() {
        let segment = |start, end, text: &'static str| Segment { start, end, text: text.into() };
        let segments = [segment(0.0, 1.25, "One\n\ntwo"), segment(3_661.5, 3_662.0, "a --> b")];
        let want = "1\n00:00:00,000 --> 00:00:01,250\nOne\ntwo\n\n\
                    2\n01:01:01,500 --> 01:01:02,000\na -> b\n\n";
        assert_eq!(srt(&segments), want);
        let want = "WEBVTT\n\n00:00:00.000 --> 00:00:01.250\nOne\ntwo\n\n\
                    01:01:01.500 --> 01:01:02.000\na -> b\n\n";
        assert_eq!(vtt(&segments), want);
    }
}
