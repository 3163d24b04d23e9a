//! The host tool: prepares, previews and measures living paintings.
//!
//! One module a command. Each has `Arguments`, which the command line fills, and `run`, which
//! does the work and answers with an error that says what to do.

pub mod bake;
pub mod bench;
mod clip;
pub mod corpus;
pub mod evaluate;
pub mod export;
pub mod faces;
pub mod flash;
pub mod generator;
pub mod learn;
pub mod meta;
pub mod paint;
pub mod picture;
pub mod prepare;
pub mod preview;
pub mod serial;
pub mod study;

use clap::{Parser, Subcommand};

/// Prepares, previews and measures living paintings.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, about, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the tool can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the painted face, build its rig and write a pack.
    Prepare(prepare::Arguments),
    /// Teach a pack its network: train, prune and quantise.
    Bake(bake::Arguments),
    /// Learn from many faces what a bake begins with.
    MetaTrain(meta::Arguments),
    /// Paint the built-in painting.
    Paint(paint::Arguments),
    /// Show a pack's expressions as a contact sheet or a clip.
    Preview(preview::Arguments),
    /// Print what the perception sees, one JSON line a frame.
    Faces(faces::Arguments),
    /// Make a cache of faces from many clips, to learn from.
    Corpus(corpus::Arguments),
    /// Learn a personality from films of one person.
    LearnPersonality(learn::Arguments),
    /// Measure how well a portrait answers a driver clip.
    Evaluate(evaluate::Arguments),
    /// Make a page on which people compare portraits blindly, or evaluate their answers.
    Study(study::Arguments),
    /// Write a baked network for other runtimes.
    Export(export::Arguments),
    /// Write an image to cards and disks, and verify it.
    Flash(flash::Arguments),
    /// Measure this machine against what a user would pick instead.
    Bench(bench::Arguments),
    /// See and change a portrait over its serial line.
    Serial(serial::Arguments),
}

/// Runs one command.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Prepare(arguments) => prepare::run(arguments),
        Command::Bake(arguments) => bake::run(arguments),
        Command::MetaTrain(arguments) => meta::run(arguments),
        Command::Paint(arguments) => paint::run(arguments),
        Command::Preview(arguments) => preview::run(arguments),
        Command::Faces(arguments) => faces::run(arguments),
        Command::Corpus(arguments) => corpus::run(arguments),
        Command::LearnPersonality(arguments) => learn::run(arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Study(arguments) => study::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Flash(arguments) => flash::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Serial(arguments) => serial::run(arguments),
    }
}
