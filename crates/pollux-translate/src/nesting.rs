//! Where a JSON object or array ends, found without parsing it.

use memchr::memchr2;

/// How deep inside brackets and strings a scan has come; may be fed in any pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Scans on and returns the index just past the bracket that closes the outermost one.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                at += self.skip_string(bytes.get(at..).unwrap_or_default());
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Returns how many bytes of a string's inside were passed, its closing quote included.
    fn skip_string(&mut self, bytes: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            return 1;
        }
        let Some(at) = memchr2(b'"', b'\\', bytes) else { return bytes.len() };
        if bytes.get(at) == Some(&b'"') {
            self.in_string = false;
        } else {
            self.escaped = true;
        }
        at + 1
    }
}
