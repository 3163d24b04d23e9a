//! The manual's page of all settings, `docs/settings.md`.

use crate::registry::{Applies, SETTINGS, Setting};
use crate::rules::RULES;
use core::fmt::{self, Display, Write};

const HEAD: &str = "\
# Settings

Everything that can be set about a portrait: over the serial line, or in the config file as an
installation's defaults. The program's own table makes this page.

A name has a group before its dot. In the config file the group is a table: `display.brightness` is
`brightness` under `[display]`.

A value is accepted alone, and is in force after its commit: with the next picture, or, where the page
says so, when the program starts again. A commit takes all values that wait for it or none. What
is in force is kept over a restart once it is saved.

How to see and change them: [the serial line](serial.md).
";

const FORMS: &str = "
## How values are written

- **Numbers** may have their unit behind them: `70`, `70%` and `70 %` are the same. Decimal numbers have a
  point.
- **Switches** are `on` or `off`.
- **Times** are `08:30`, from 00:00 to 23:59.
- **Hours** name days and spans: `Mo-Fr 10:00-18:00, Sa,Su 10:00-12:00, 14:00-02:00`. Days are `Mo`, `Tu`, `We`,
  `Th`, `Fr`, `Sa`, `Su`. Hours without a day belong to the days before them. A span that ends before it begins runs
  past midnight and belongs to the day on which it begins. `always` and `never` are hours too. There is room for 14
  spans.
- **Holidays** are days with a comma between them: `12-25` is every year, `2027-04-02` is once,
  `12-24/01-06` is a range with both its ends. A day is closed, or has a span behind it: `12-24 10:00-14:00`. Where two
  name a day, the first counts. There is room for 20.
- **Colours** are `#rrggbb`, red, green and blue from `00` to `ff`.
- The **PIN** has a command of its own. It is kept in a form that can be checked but not read, and is never shown.
";

/// Writes the page in Markdown.
pub fn page(out: &mut impl Write) -> fmt::Result {
    write!(out, "{HEAD}")?;
    let mut group = None;
    for setting in &SETTINGS {
        let its_group = setting.path().0;
        if group != Some(its_group) {
            group = Some(its_group);
            let title = if its_group.is_empty() {
                "In general"
            } else {
                its_group
            };
            write!(
                out,
                "\n## {title}\n\n| name | values | default | what it does |\n|---|---|---|---|\n"
            )?;
        }
        row(setting, out)?;
    }
    write!(
        out,
        "\n## What settings owe to each other\n\nA commit that would break one of these is refused as a whole.\n\n"
    )?;
    for rule in &RULES {
        writeln!(out, "- {}.", Capitalised(rule.demand))?;
    }
    write!(out, "{FORMS}")
}

fn row(setting: &Setting, out: &mut impl Write) -> fmt::Result {
    let Setting {
        name, kind, help, ..
    } = setting;
    write!(out, "| `{name}` | {kind} | ")?;
    super::shown(setting, &setting.default, out)?;
    write!(out, " | {help}")?;
    if setting.applies == Applies::AtStart {
        write!(out, " Takes effect at the next start.")?;
    }
    writeln!(out, " |")
}

/// A sentence that begins with a capital letter, unless it begins with a setting's name.
struct Capitalised(&'static str);

impl Display for Capitalised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first_word = self.0.split(' ').next().unwrap_or_default();
        let mut rest = self.0.chars();
        match rest.next() {
            Some(first) if !first_word.contains('.') => {
                write!(f, "{}{}", first.to_ascii_uppercase(), rest.as_str())
            }
            _ => f.write_str(self.0),
        }
    }
}
