//! `atelier serial`: sees and changes a portrait over its serial line.
//!
//! Speaks the text lines that people and AV controllers speak, and packets for files. Finds the board by itself where
//! one adapter is plugged in.

mod files;
mod line;
mod ports;
mod push;
pub mod watch;

use anyhow::{Context, Result, bail, ensure};
use line::Line;
use serde_json::{Map, Value};
use sfumato_serial::Device;
use std::path::{Path, PathBuf};

/// What `atelier serial` is told.
#[derive(Debug, clap::Args)]
#[command(subcommand_precedence_over_arg = true)]
pub struct Arguments {
    /// The port, such as /dev/ttyUSB0; the only adapter that is plugged in where it is left out.
    pub port: Option<PathBuf>,
    /// Bits a second.
    #[arg(long, global = true, default_value_t = 115_200)]
    pub baud: u32,
    /// The installation's PIN, to change something where one is set. Better: SFUMATO_PIN in the environment.
    #[arg(long, global = true, value_name = "DIGITS")]
    pub pin: Option<String>,
    /// Print one JSON object instead of lines for people.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// How the portrait does.
    Status,
    /// What has been counted: all, or one group.
    Counters {
        /// The group.
        group: Option<String>,
    },
    /// What runs there.
    About,
    /// Settings and their values: all, or one group.
    List {
        /// The group.
        group: Option<String>,
    },
    /// A setting's value.
    Get {
        /// Its name.
        name: String,
    },
    /// What a setting can be set to.
    Range {
        /// Its name.
        name: String,
    },
    /// Change settings, all of them together or none.
    Set {
        /// Each as NAME=VALUE.
        #[arg(required = true, value_name = "NAME=VALUE")]
        changes: Vec<String>,
        /// Keep them over a restart, too.
        #[arg(long)]
        save: bool,
    },
    /// Keep what is in force over a restart.
    Save,
    /// Send a line as it is, and print the answer.
    Say {
        /// The line's words.
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// What the program there has said last.
    Logs {
        /// How many lines.
        #[arg(long, short = 'n', default_value_t = 50)]
        lines: usize,
    },
    /// The paintings that are there.
    Packs,
    /// Send a pack and its signature, FILE.minisig; goes on where an earlier try ended.
    Push {
        /// The pack.
        #[arg(value_name = "FILE")]
        pack: PathBuf,
        /// What it is called there: small letters, digits, hyphens; else as its file.
        #[arg(long)]
        name: Option<String>,
        /// Show it from now on: sets `painting`, saves, and restarts the program.
        #[arg(long)]
        show: bool,
    },
    /// Remove a painting from the board.
    Remove {
        /// Its name.
        name: String,
    },
    /// Versions on the board and how an update goes on; with FILE, send a new version, going on where an earlier try ended.
    Update {
        /// The signed bundle, .raucb.
        #[arg(value_name = "FILE.raucb")]
        bundle: Option<PathBuf>,
    },
    /// Fetch the diagnostics bundle.
    Diagnostics {
        /// Where to write it.
        #[arg(long, short, default_value = "diagnostics.json")]
        output: PathBuf,
    },
    /// Watch the portrait live and change settings; with --json one object a look.
    Watch(watch::Arguments),
}

/// Runs `atelier serial`.
pub fn run(arguments: Arguments) -> Result<()> {
    let pin = arguments
        .pin
        .clone()
        .or_else(|| std::env::var("SFUMATO_PIN").ok());
    if let Command::Watch(watch) = &arguments.command {
        let way = watch::Way {
            port: arguments.port,
            baud: arguments.baud,
            pin,
        };
        return watch::run(watch, way, arguments.json);
    }
    let (mut line, _) = connect(arguments.port.as_deref(), arguments.baud)?;
    if let Some(pin) = pin {
        line.unlock(&pin)?;
    }
    let said = match &arguments.command {
        // It has been run above: it looks for the port by itself, again and again.
        Command::Watch(_) => return Ok(()),
        Command::Diagnostics { output } => return fetch(&mut line, output, arguments.json),
        Command::Set { changes, save } => set(&mut line, changes, *save)?,
        Command::Logs { lines } => line.ask(&format!("log {lines}"))?,
        Command::Packs => line.ask("packs")?,
        Command::Remove { name } => line.ask(&format!("remove {name}"))?,
        Command::Push { pack, name, show } => {
            let name = push::name(pack, name.as_deref())?;
            let mut said = push::push(&mut line, pack, &name, arguments.baud)?;
            if *show {
                said.extend(set(&mut line, &[format!("painting={name}")], true)?);
                said.extend(line.ask("restart")?);
            }
            said
        }
        Command::Update { bundle: None } => line.ask("update")?,
        Command::Update {
            bundle: Some(bundle),
        } => push::update(&mut line, bundle, arguments.baud)?,
        Command::Status => line.ask("status")?,
        Command::Counters { group } => line.ask(&joined("counters", group))?,
        Command::About => line.ask("about")?,
        Command::List { group } => line.ask(&joined("list", group))?,
        Command::Get { name } => line.ask(&format!("get {name}"))?,
        Command::Range { name } => line.ask(&format!("range {name}"))?,
        Command::Save => line.ask("save")?,
        Command::Say { words } => line.ask(&words.join(" "))?,
    };
    print(&said, arguments.json);
    Ok(())
}

/// The board at a port or at the only adapter, and which port that is.
fn connect(port: Option<&Path>, baud: u32) -> Result<(Line, PathBuf)> {
    let port = match port {
        Some(port) => port.to_owned(),
        None => ports::only()?,
    };
    let mut line = Line::new(Device::open(&port, baud)?);
    line.find().with_context(|| {
        format!(
            "no answer on {}: is it the portrait's port, is the board on, is {baud} its rate?",
            port.display(),
        )
    })?;
    Ok((line, port))
}

fn joined(command: &str, group: &Option<String>) -> String {
    match group {
        Some(group) => format!("{command} {group}"),
        None => command.to_owned(),
    }
}

/// Prepares all changes, puts them into force together, and tells the values then in force.
fn set(line: &mut Line, changes: &[String], save: bool) -> Result<Vec<String>> {
    let mut pairs = Vec::new();
    for change in changes {
        let Some((name, value)) = change.split_once('=') else {
            bail!("{change:?} is no change; write NAME=VALUE");
        };
        ensure!(
            !value.contains(['\r', '\n']),
            "a value is one line: {value:?}"
        );
        pairs.push((name.trim(), value.trim()));
    }
    line.ask("discard")?;
    let committed = pairs
        .iter()
        .try_for_each(|(name, value)| line.ask(&format!("set {name} {value}")).map(|_| ()))
        .and_then(|()| line.ask("commit").map(|_| ()));
    if let Err(error) = committed {
        // Nothing stays half prepared for whoever comes next.
        line.ask("discard")?;
        return Err(error);
    }
    let mut said = Vec::new();
    for (name, _) in &pairs {
        said.extend(line.ask(&format!("get {name}"))?);
    }
    if save {
        line.ask("save")?;
    }
    Ok(said)
}

fn fetch(line: &mut Line, output: &PathBuf, json: bool) -> Result<()> {
    let bundle = files::download(line, "diagnostics.json")?;
    std::fs::write(output, &bundle)
        .with_context(|| format!("{} cannot be written", output.display()))?;
    let about = format!("{}: {} bytes", output.display(), bundle.len());
    print(&[about], json);
    Ok(())
}

/// For people line by line; for programs an object of what stands before and behind a colon or an equals sign.
fn print(lines: &[String], json: bool) {
    if !json {
        for line in lines {
            println!("{line}");
        }
        return;
    }
    let mut object = Map::new();
    for line in lines {
        match line.split_once(" = ").or_else(|| line.split_once(": ")) {
            Some((name, value)) => {
                let value = value.trim_end_matches(" *");
                let value = value
                    .parse::<u64>()
                    .map_or_else(|_| value.into(), Value::from);
                object.insert(name.to_owned(), value);
            }
            None => {
                object.insert("answer".to_owned(), line.as_str().into());
            }
        }
    }
    println!("{}", Value::Object(object));
}
