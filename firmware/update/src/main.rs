//! The program: `sfumato-update COMMAND`.

use lexopt::prelude::*;
use sfumato_slots::Slot;
use sfumato_update::commands::{self, Ask};
use sfumato_update::here::Here;
use sfumato_update::paths::Paths;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
sfumato-update [--root FOLDER] COMMAND

  status                  how both slots stand
  install FILE            checks a bundle and installs it into the other slot
  usb DEVICE|FOLDER       the same with the newest bundle in the top folder of a stick
  boot                    at the start: notices a roll-back or a power cut
  request                 does what lies in /var/lib/sfumato/update/request
  confirm                 confirms what runs, if /run/sfumato/health says it is well
  expire                  every minute: gives up a trial that is not well in time
  night                   restarts into what was installed to be tried at night
  bootloader ASK [SLOT]   answers RAUC: get-primary, set-primary a|b, get-state a|b,
                          set-state a|b good|bad, get-current

Exit status: 0 done or nothing to do, 1 failed, 2 not understood, 3 refused.
";

enum Command {
    Help,
    Status,
    Install(PathBuf),
    Usb(PathBuf),
    Boot,
    Request,
    Confirm,
    Expire,
    Night,
    Bootloader(Ask),
}

fn main() -> ExitCode {
    let (root, command) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            eprintln!("sfumato-update: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    if let Command::Help = command {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let done = Here::look(&Paths::below(&root)).and_then(|mut here| match command {
        Command::Help => Ok(()),
        Command::Status => commands::status(&mut here).map(|table| print!("{table}")),
        Command::Install(bundle) => commands::by_hand(&mut here, &bundle),
        Command::Usb(device) => commands::usb(&mut here, &device),
        Command::Boot => commands::boot(&mut here),
        Command::Request => commands::request(&mut here),
        Command::Confirm => commands::confirm(&mut here).map(drop),
        Command::Expire => commands::expire(&mut here),
        Command::Night => commands::night(&mut here),
        Command::Bootloader(ask) => commands::bootloader(&mut here, ask).map(|answer| {
            if !answer.is_empty() {
                println!("{answer}");
            }
        }),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sfumato-update: {error}");
            ExitCode::from(if error.is_refusal() { 3 } else { 1 })
        }
    }
}

fn parse() -> Result<(PathBuf, Command), lexopt::Error> {
    let mut root = PathBuf::from("/");
    let mut words = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("root") => root = parser.value()?.into(),
            Short('h') | Long("help") => return Ok((root, Command::Help)),
            Value(word) => words.push(word),
            other => return Err(other.unexpected()),
        }
    }
    let texts: Vec<&str> = words
        .iter()
        .map(|word| word.to_str().unwrap_or_default())
        .collect();
    let file = || {
        words
            .get(1)
            .map(Path::new)
            .unwrap_or(Path::new(""))
            .to_owned()
    };
    let command = match texts.as_slice() {
        ["status"] => Command::Status,
        ["install", _] => Command::Install(file()),
        ["usb", _] => Command::Usb(file()),
        ["boot"] => Command::Boot,
        ["request"] => Command::Request,
        ["confirm"] => Command::Confirm,
        ["expire"] => Command::Expire,
        ["night"] => Command::Night,
        ["bootloader", ask @ ..] => {
            let ask = ask_of(ask).ok_or("the bootloader is asked something unknown")?;
            Command::Bootloader(ask)
        }
        [] => return Err("a command is missing".into()),
        _ => return Err(format!("{} is no command", texts.join(" ")).into()),
    };
    Ok((root, command))
}

fn ask_of(words: &[&str]) -> Option<Ask> {
    Some(match words {
        ["get-primary"] => Ask::GetPrimary,
        ["get-current"] => Ask::GetCurrent,
        ["set-primary", slot] => Ask::SetPrimary(Slot::parse(slot)?),
        ["get-state", slot] => Ask::GetState(Slot::parse(slot)?),
        ["set-state", slot, "good"] => Ask::SetState(Slot::parse(slot)?, true),
        ["set-state", slot, "bad"] => Ask::SetState(Slot::parse(slot)?, false),
        _ => return None,
    })
}
