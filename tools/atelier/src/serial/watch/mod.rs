//! `atelier serial watch`: a live dashboard for a technician on a ladder.
//!
//! | file | what it is |
//! |---|---|
//! | `ask`, `answers` | what is asked, and what is answered, read |
//! | `schedule`, `courier` | when it is asked, and the thread that does so |
//! | `model`, `trace`, `counters`, `field` | what is known and done; pure |
//! | `keys` | which key does what; pure |
//! | `notices`, `view` | what there is to say, and the drawing; pure |
//! | `screen` | the terminal and the loop |
//! | `json` | the same for programs, without a terminal |

mod answers;
mod ask;
mod counters;
mod courier;
mod field;
mod json;
mod keys;
mod model;
mod notices;
mod schedule;
mod screen;
mod trace;
mod view;

#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod scenes;

use super::{connect, line};
use anyhow::{Result, bail};
use courier::{Finder, Found};
use std::io::IsTerminal;
use std::path::PathBuf;

/// What `atelier serial watch` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// With --json: end after so many looks.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
}

/// Where the board is, and how it is talked to.
#[derive(Clone, Debug)]
pub struct Way {
    /// The port; the only adapter that is plugged in where it is left out.
    pub port: Option<PathBuf>,
    /// Bits a second.
    pub baud: u32,
    /// The PIN, if one is known.
    pub pin: Option<String>,
}

/// Runs `atelier serial watch`.
pub fn run(arguments: &Arguments, way: Way, json: bool) -> Result<()> {
    let named = way.port.clone();
    let pin = way.pin.clone();
    let find = finder(way);
    if json {
        return json::run(find, arguments.count, &mut std::io::stdout());
    }
    if arguments.count.is_some() {
        bail!("--count counts the looks of --json; add it");
    }
    if !std::io::stdout().is_terminal() {
        bail!(
            "watch draws on a terminal, and the output is none; add --json for one object a look"
        );
    }
    let port = named.map_or("the board".to_owned(), |port| port.display().to_string());
    screen::run(model::Model::new(port, pin), find)
}

/// Looks for a board that answers.
///
/// Where no port was named, an adapter that comes back under another name is found.
fn finder(way: Way) -> Finder {
    Box::new(move || {
        let (line, port) = connect(way.port.as_deref(), way.baud)?;
        let port = port.display().to_string();
        Ok(Found { line, port })
    })
}
