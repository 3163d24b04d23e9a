//! A config file to start from: every setting, commented out, at its default.

use crate::registry::{Applies, SETTINGS, Shown};
use crate::settings::Settings;
use crate::value::Value;
use core::fmt::{self, Write};

/// Writes a TOML file that says nothing: each setting is there with its default behind a `#`.
pub fn template(defaults: &Settings, out: &mut impl Write) -> fmt::Result {
    writeln!(
        out,
        "# What this installation starts from. Take the # away from a line to change it."
    )?;
    writeln!(
        out,
        "# Settings saved over the serial line go before this file."
    )?;
    let mut group = "";
    for setting in SETTINGS
        .iter()
        .filter(|setting| setting.shown == Shown::ToAnyone)
    {
        let (its_group, name) = setting.path();
        if its_group != group {
            group = its_group;
            writeln!(out, "\n[{group}]")?;
        }
        writeln!(out)?;
        write!(out, "# {}", setting.help)?;
        if setting.applies == Applies::AtStart {
            write!(out, " Takes effect at the next start.")?;
        }
        writeln!(out)?;
        writeln!(out, "# {}", setting.kind)?;
        write!(out, "#{name} = ")?;
        value(defaults.get(setting.id), out)?;
    }
    Ok(())
}

/// A value in TOML's notation.
fn value(value: &Value, out: &mut impl Write) -> fmt::Result {
    match value {
        Value::Whole(_) | Value::Decimal(_) => writeln!(out, "{value}"),
        Value::Switch(on) => writeln!(out, "{on}"),
        // A choice between numbers is written as one.
        Value::Choice(name) if is_number(name) => writeln!(out, "{name}"),
        Value::Text(text) => {
            write!(out, "\"")?;
            for character in text.as_str().chars() {
                if matches!(character, '"' | '\\') {
                    write!(out, "\\")?;
                }
                write!(out, "{character}")?;
            }
            writeln!(out, "\"")
        }
        _ => writeln!(out, "\"{value}\""),
    }
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}
