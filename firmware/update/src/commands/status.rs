//! How the board stands, for people at it.

use crate::Error;
use crate::here::Here;
use crate::state::Told;
use std::fmt::Write as _;

/// A table of both slots, and how the last thing ended.
///
/// # Errors
/// The boot partition's.
pub fn status(here: &mut Here) -> Result<String, Error> {
    let told = Told::of(here, None)?;
    let mut table = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(table, "board {}, slot {} runs", told.board, told.running);
    let _ = writeln!(
        table,
        "{:<5} {:<16} {:<10} {:<6} {:<5} hash",
        "slot", "version", "state", "tries", "next"
    );
    for slot in &told.slots {
        let hash = slot.sha256.as_deref().unwrap_or("-");
        let _ = writeln!(
            table,
            "{:<5} {:<16} {:<10} {:<6} {:<5} {}",
            slot.slot,
            slot.version.as_deref().unwrap_or("-"),
            slot.state,
            slot.tries_left
                .map_or_else(|| "-".to_owned(), |tries| tries.to_string()),
            if slot.next { "yes" } else { "-" },
            hash.get(..16).unwrap_or(hash),
        );
    }
    if let Some(pending) = here.updates().pending() {
        let _ = writeln!(
            table,
            "pending: version {} for slot {}, {}, attempt {}, restart {}",
            pending.version, pending.slot, pending.stage, pending.attempts, pending.restart
        );
    }
    if let Some(last) = &told.last {
        let _ = writeln!(
            table,
            "last: {} {}: {} ({}), from {}",
            last.what, last.version, last.outcome, last.reason, last.from
        );
    }
    Ok(table)
}
