//! `cargo xtask test`: all that must hold before a change lands. CI runs the same.

use crate::programs::Programs;
use crate::steps::{cargo, cargo_with, step};
use crate::{arm64, clients, demo, fuzz, instructions, kiosk, models, runtime};
use anyhow::{Context, Result, bail};
use xtask::architecture;
use xtask::licences as policy;
use xtask::prerequisites::{self, runs};
use xtask::workspace::{Workspace, cargo as cargo_program};

/// The processor without an operating system that `no_std` crates are built for.
const BARE_METAL: &str = "thumbv7em-none-eabihf";

type Step = (&'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    ("format", format),
    ("licences", licences),
    ("lint", lint),
    ("models", || models::fetch(&Programs::build()?, None)),
    ("test", test),
    ("clients", clients::test),
    ("runtime", runtime::test),
    ("bare-metal", bare_metal),
    ("arm64", arm64::run),
    ("instructions", instructions::check),
    ("fuzz", fuzz::run),
    ("document", document),
    ("demo", demo::without_display),
    ("kiosk", kiosk::test),
];

/// Runs the named steps, or all of them.
pub fn run(names: &[String]) -> Result<()> {
    for name in names {
        if !STEPS.iter().any(|(step, _)| step == name) {
            let known: Vec<&str> = STEPS.iter().map(|(step, _)| *step).collect();
            bail!("there is no step `{name}`; there are: {}", known.join(", "));
        }
    }
    prerequisites::ensure(&[
        prerequisites::BUILD,
        prerequisites::MODELS,
        prerequisites::FILMS,
        prerequisites::WATCHING,
        prerequisites::REFERENCES,
    ])?;
    for (name, work) in STEPS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            work().with_context(|| format!("step `{name}`"))?;
        }
    }
    println!("── all steps passed");
    Ok(())
}

fn component(name: &str, probe: &str) -> Result<()> {
    if runs(&cargo_program(), &[probe, "--version"]) {
        return Ok(());
    }
    if runs("rustup", &["component", "add", name]) {
        return Ok(());
    }
    bail!("{name} is missing; run: rustup component add {name}")
}

fn format() -> Result<()> {
    component("rustfmt", "fmt")?;
    step("format", || cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    component("clippy", "clippy")?;
    step("lint", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])
    })
}

fn test() -> Result<()> {
    step("test", || {
        cargo(&["test", "--workspace", "--locked", "--no-fail-fast"])
    })
}

fn document() -> Result<()> {
    step("document", || {
        cargo_with(
            &["doc", "--workspace", "--no-deps", "--locked"],
            &[("RUSTDOCFLAGS", "-D warnings")],
        )
    })
}

/// Builds every package the architecture page calls bare metal for a board without a system.
fn bare_metal() -> Result<()> {
    let page = std::fs::read_to_string("docs/architecture.md")
        .context("cannot read docs/architecture.md")?;
    let rows = architecture::read_table(&page)?;
    step("bare metal", || {
        if !prerequisites::rust_target(BARE_METAL)? {
            bail!("cannot build for {BARE_METAL}; run: rustup target add {BARE_METAL}");
        }
        for row in rows.iter().filter(|row| row.bare_metal) {
            cargo(&[
                "build",
                "--locked",
                "--package",
                &row.package,
                "--lib",
                "--no-default-features",
                "--target",
                BARE_METAL,
            ])?;
        }
        Ok(())
    })
}

/// Holds every foreign package's licence to the list; asks cargo-deny too where it is installed.
pub fn licences() -> Result<()> {
    step("licences", || {
        let text = std::fs::read_to_string("deny.toml").context("cannot read deny.toml")?;
        let policy = policy::read_policy(&text)?;
        let workspace = Workspace::with_dependencies()?;
        let objections = policy.objections(&workspace);
        if !objections.is_empty() {
            bail!("not acceptable:\n  {}", objections.join("\n  "));
        }
        println!("   {} packages, all acceptable", workspace.packages.len());
        if runs(&cargo_program(), &["deny", "--version"]) {
            cargo(&["deny", "check", "licenses", "bans", "sources"])?;
        } else {
            println!(
                "   cargo-deny is not installed; to check more: cargo install --locked cargo-deny"
            );
        }
        Ok(())
    })
}
