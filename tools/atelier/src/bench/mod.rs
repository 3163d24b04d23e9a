//! `atelier bench`: this machine, against what a user would pick instead.
//!
//! Figures of one run only make sense beside each other: everything that is compared runs in the
//! same process run, in turns, and the last column is a ratio.

mod faces;
mod generator;
mod pipeline;
mod python;
mod warp;

use std::path::PathBuf;

/// What `atelier bench` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to measure.
    #[command(subcommand)]
    pub what: What,
}

/// What can be measured.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Moving the paint: the compositor against plain loops and OpenCV.
    Warp {
        /// A pack to show; without one a made-up picture is moved.
        pack: Option<PathBuf>,
        /// Height of the screen in pixels.
        #[arg(long, default_value_t = 1080, value_parser = clap::value_parser!(u32).range(64..=8640))]
        height: u32,
        /// The Python that has OpenCV (`pip install opencv-python-headless numpy`).
        #[arg(long, default_value = "python3")]
        python: PathBuf,
    },
    /// The int8 network: our engine against onnxruntime, OpenVINO, LiteRT, ncnn and tract.
    Generator(generator::Arguments),
    /// The face models: our engine against tract, onnxruntime and LiteRT, in 32-bit floats.
    Faces(faces::Arguments),
    /// A frame from clip to screen: the device binary against MediaPipe and OpenCV in Python.
    Pipeline {
        /// The pack to show.
        pack: PathBuf,
        /// The clip that drives it.
        #[arg(long, value_name = "CLIP")]
        driver: PathBuf,
        /// Height of the screen in pixels.
        #[arg(long, default_value_t = 1080, value_parser = clap::value_parser!(u32).range(120..=4320))]
        height: u32,
        /// The device binary, when it does not lie beside this program.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// The Python that has the peer (`pip install mediapipe opencv-python-headless scipy`).
        #[arg(long, default_value = "python3")]
        python: PathBuf,
    },
}

/// Runs `atelier bench`.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.what {
        What::Generator(arguments) => generator::run(&arguments),
        What::Warp {
            pack,
            height,
            python,
        } => warp::run(pack.as_deref(), height, &python),
        What::Faces(arguments) => faces::run(&arguments),
        What::Pipeline {
            pack,
            driver,
            height,
            program,
            python,
        } => pipeline::run(&pack, &driver, height, program.as_deref(), &python),
    }
}
