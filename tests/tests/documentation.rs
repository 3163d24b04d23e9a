//! What the README and the pages tell people to type can be typed, and what they link to exists.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use clap::Parser as _;
use sfumato::options::{Command, CommandLine, Installation};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The README and every page, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    for folder in ["docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                paths.push(path);
            }
        }
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// Lines inside ```sh blocks, comments cut off, each with its page.
fn commands() -> Vec<(PathBuf, String)> {
    let mut commands = Vec::new();
    for (path, text) in pages() {
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with("```") {
                inside = !inside && line == "```sh";
                continue;
            }
            let command = line.split(" # ").next().unwrap_or_default().trim();
            if inside && !command.is_empty() {
                commands.push((path.clone(), command.to_owned()));
            }
        }
    }
    commands
}

fn words(command: &str) -> Vec<String> {
    command
        .split_whitespace()
        .map(|word| word.trim_matches('\'').to_owned())
        .collect()
}

#[test]
fn every_command_can_be_typed() {
    let commands = commands();
    assert!(
        commands.len() >= 10,
        "the pages hardly have commands: {commands:?}"
    );
    for (page, command) in commands {
        let words = words(&command);
        let told = format!("{}: {command}", page.display());
        let program = words[0].rsplit('/').next().unwrap();
        match program {
            "cargo" if words[1] == "xtask" => {
                assert!(
                    xtask::HELP.contains(&format!("cargo xtask {}", words[2])),
                    "{told}"
                );
                for word in &words[3..] {
                    if word.starts_with("--") {
                        assert!(xtask::HELP.contains(word.as_str()), "{told}");
                    }
                }
            }
            "cargo" => {
                for (flag, package) in words.iter().zip(&words[1..]) {
                    if flag == "--package" || flag == "-p" {
                        let members = xtask::workspace::Workspace::members().unwrap();
                        assert!(members.own().any(|p| p.name == *package), "{told}");
                    }
                }
            }
            "atelier" => {
                if let Err(error) = atelier::Arguments::try_parse_from(&words) {
                    panic!("{told}\n{error}");
                }
            }
            "sfumato" => {
                let line = CommandLine::try_parse_from(&words)
                    .unwrap_or_else(|error| panic!("{told}\n{error}"));
                let devices = match line.command {
                    Command::Config => continue,
                    Command::Run(options) => options.devices,
                    Command::Check(devices) | Command::Privacy(devices) => devices,
                };
                let installation = Installation::read(&devices);
                installation.unwrap_or_else(|error| panic!("{told}\n{error}"));
            }
            // GNU parallel: what it runs, with a number in the place of `{}`.
            "parallel" => {
                let inner = words.iter().skip_while(|word| *word != "atelier");
                let inner = inner.take_while(|word| *word != ":::");
                let inner: Vec<String> = inner.map(|word| word.replace("{}", "0")).collect();
                if let Err(error) = atelier::Arguments::try_parse_from(&inner) {
                    panic!("{told}\n{error}");
                }
            }
            "sudo" | "systemctl" | "journalctl" | "minisign" => {}
            other => panic!("{told}\nnobody checks `{other}`"),
        }
    }
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    for (page, text) in pages() {
        let folder = page.parent().unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(folder.join(target).exists(), "{}: {target}", page.display());
        }
    }
}

#[test]
fn every_folder_of_the_map_exists_and_every_package_is_on_it() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let map: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    for folder in &map {
        assert!(root().join(folder).is_dir(), "{folder} is on the map only");
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        assert!(map.contains(&member), "{member} is not on the README's map");
    }
}
