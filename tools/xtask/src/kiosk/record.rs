//! `docs/proved.md`: what the last recorded run of the virtual kiosk saw, a section for each board.

use super::checks::CHECKS;
use super::prepare::Prepared;
use super::{Finding, Options};
use anyhow::{Context, Result};
use std::fmt::Write as _;

const PAGE: &str = "docs/proved.md";

const HEAD: &str = "# What the virtual kiosk proved

The real image of a board in an emulated machine: its firmware, boot loader, kernel, camera driver (vivid), display
driver (virtio-gpu) and serial port are real, its processor is emulated. Function is judged, not speed: times here are
an emulator's, many times a real board's. Written by

```sh
cargo xtask kiosk-test --record
```

with `--board NAME` for another board than `qemu-x86_64`. It runs every check, or those that are named and leaves the
others' rows.
";

/// Writes the page; what did not run keeps the row of its last recorded run.
pub fn write(findings: &[Finding], prepared: &Prepared, options: &Options) -> Result<()> {
    let before = std::fs::read_to_string(PAGE).unwrap_or_default();
    let beginning = format!(
        "The image takes {:.0} MB compressed. Power cuts fall at random moments of seed {}.",
        prepared.compressed_megabytes, options.seed
    );
    let page = page(&before, &options.board, &beginning, findings);
    std::fs::write(PAGE, page).with_context(|| format!("cannot write {PAGE}"))
}

/// The page with one board's section made anew; the others' stay, in the order of their names.
fn page(before: &str, board: &str, beginning: &str, findings: &[Finding]) -> String {
    let mut sections: Vec<(&str, String)> = before
        .split("\n## ")
        .skip(1)
        .filter_map(|section| {
            let (title, _) = section.split_once('\n')?;
            Some((title.trim_matches('`'), format!("\n## {section}")))
        })
        .collect();
    let old = sections.iter().position(|(title, _)| *title == board);
    let old = old.map_or(String::new(), |at| sections.remove(at).1);
    sections.push((board, section(&old, board, beginning, findings)));
    sections.sort();
    let texts = sections.iter().map(|(_, text)| text.trim_end());
    let mut page = HEAD.to_owned();
    for text in texts {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "{text}");
    }
    page
}

fn section(before: &str, board: &str, beginning: &str, findings: &[Finding]) -> String {
    let mut text = format!(
        "\n## `{board}`\n\n{beginning}\n\n| what must hold | held | what was seen |\n|---|---|---|\n"
    );
    for check in CHECKS {
        let row = match findings.iter().find(|finding| finding.claim == check.claim) {
            Some(finding) => row(finding),
            None => {
                let beginning = format!("| {} |", check.claim);
                let kept = before.lines().find(|line| line.starts_with(&beginning));
                kept.map_or_else(|| format!("{beginning} not run | |"), str::to_owned)
            }
        };
        let _ = writeln!(text, "{row}");
    }
    text
}

fn row(finding: &Finding) -> String {
    let (held, seen) = match &finding.outcome {
        Ok(seen) => ("yes", seen),
        Err(error) => ("**no**", error),
    };
    let seen = seen.replace('|', "/").replace('\n', " ");
    format!(
        "| {} | {held} | {seen} ({} s) |",
        finding.claim, finding.seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_replaces_its_own_rows_alone() {
        let finding = |check: usize, seen: &str| Finding {
            claim: CHECKS[check].claim,
            outcome: Ok(seen.into()),
            seconds: 7,
        };
        let one = page("", "x", "X is small.", &[finding(0, "first")]);
        let two = page(&one, "a", "A is small.", &[finding(1, "a | b\nc")]);
        let three = page(&two, "x", "X is large.", &[finding(1, "second")]);
        assert!(three.starts_with(HEAD));
        let rows = |text: &str| three.matches(text).count();
        assert_eq!(rows("## `a`"), 1);
        assert_eq!(rows("## `x`"), 1);
        assert!(three.find("## `a`") < three.find("## `x`"));
        assert_eq!((rows("X is small."), rows("X is large.")), (0, 1));
        for kept in [
            "A is small.",
            "first (7 s)",
            "second (7 s)",
            "a / b c (7 s)",
        ] {
            assert_eq!(rows(kept), 1, "{kept}");
        }
        assert_eq!(rows("not run | |"), 2 * CHECKS.len() - 3);
    }
}
