//! Sums up what test programs say about themselves.

/// How many tests came out how.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    /// Ignored, skipped or filtered by name.
    pub(super) left_out: u64,
    /// Tests that test programs have said they would run.
    announced: u64,
}

impl Tally {
    /// Reads `running 4 tests` and `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    pub(super) fn read_cargo(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.count(result);
        } else if let ["running", count, "test" | "tests"] =
            line.split(' ').collect::<Vec<_>>().as_slice()
        {
            self.announced += count.parse::<u64>().unwrap_or_default();
        }
    }

    /// Whether every test that was announced has come out somehow; for Cargo's part.
    pub(super) fn is_complete(&self) -> bool {
        self.announced == self.passed + self.failed + self.left_out
    }

    /// Reads pytest's last line, such as `2 failed, 3 passed, 1 skipped in 0.10s`.
    pub(super) fn read_pytest(&mut self, line: &str) {
        let line = line.trim_matches(['=', ' ']);
        if line.starts_with(|first: char| first.is_ascii_digit()) && line.contains(" in ") {
            self.count(line);
        }
    }

    /// Reads the sums at the end of what Node's runner says, such as `\u{2139} pass 3`.
    pub(super) fn read_node(&mut self, line: &str) {
        let words = line.strip_prefix("\u{2139} ").and_then(|sum| sum.split_once(' '));
        let Some((what, Ok(count))) = words.map(|(what, sum)| (what, sum.parse::<u64>())) else {
            return;
        };
        match what {
            "pass" => self.passed += count,
            "fail" | "cancelled" => self.failed += count,
            "skipped" | "todo" => self.left_out += count,
            _ => {}
        }
    }

    fn count(&mut self, text: &str) {
        let mut words = text.split([' ', ',', ';', '.']).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            let Ok(count) = word.parse::<u64>() else { continue };
            match words.peek().copied() {
                Some("passed" | "xpassed") => self.passed += count,
                Some("failed" | "error" | "errors") => self.failed += count,
                Some("ignored" | "skipped" | "deselected" | "xfailed") => self.left_out += count,
                Some(_) | None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&mut Tally, &str), lines: &[&str], want: (u64, u64, u64)) {
        let mut tally = Tally::default();
        for line in lines {
            read(&mut tally, line);
        }
        assert_eq!((tally.passed, tally.failed, tally.left_out), want);
    }

    #[test]
    fn every_result_line_of_cargo_counts() {
        let lines = [
            "running 2 tests",
            "test a ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ];
        check(Tally::read_cargo, &lines, (15, 2, 1));
    }

    #[test]
    fn a_test_program_that_dies_leaves_the_sum_incomplete() {
        let mut tally = Tally::default();
        tally.read_cargo("running 2 tests");
        assert!(!tally.is_complete());
        tally.read_cargo("test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured");
        assert!(tally.is_complete());
    }

    #[test]
    fn what_a_test_prints_does_not_count() {
        check(Tally::read_cargo, &["7 passed; 1 failed"], (0, 0, 0));
        check(Tally::read_pytest, &["test_x.py ....", "E  assert 3 passed"], (0, 0, 0));
        check(Tally::read_node, &["pass 3", "\u{2714} fail 2 (3ms)", "\u{2139} no"], (0, 0, 0));
    }

    #[test]
    fn the_sums_of_node_count() {
        let sums =
            ["tests 8", "suites 2", "pass 3", "fail 2", "cancelled 1", "skipped 1", "todo 1"];
        let lines = sums.map(|sum| format!("\u{2139} {sum}"));
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        check(Tally::read_node, &lines, (3, 3, 2));
    }

    #[test]
    fn an_error_of_pytest_is_a_failure() {
        check(
            Tally::read_pytest,
            &["1 failed, 20 passed, 2 deselected, 1 error in 3.21s"],
            (20, 2, 2),
        );
        check(Tally::read_pytest, &["===== 5 passed in 61.00s (0:01:01) ====="], (5, 0, 0));
    }
}
