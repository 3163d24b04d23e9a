//! Runs neural networks; the only crate that names tract.
//!
//! A [`Network`] takes one picture-like block of numbers and yields a few more:
//!
//! ```text
//! bytes of an ONNX file + Contract --load--> Network --run(input, outputs)--> outputs filled
//! ```
//!
//! The [`Contract`] says what the caller expects of the file (shape of the input, length of each
//! output); a file that does not fit is refused when it is loaded, not in the middle of a show.
//!
//! Behind the `Network` stands an [`Engine`]. Today that is tract in floating point; an integer
//! engine is another implementation of the same small trait. Every call into an engine is fenced:
//! a panic in third-party code comes back as [`InferError::Panicked`].
//!
//! tract allocates while it runs. What it allocates is not hidden, and this crate adds nothing
//! per run of its own.

#![deny(unsafe_code)]

mod engine;
mod network;
pub mod onnx;
mod operators;
mod running;

pub use engine::{Engine, engine_version};
pub use network::{Contract, InferError, Network};
pub use running::engine_is_running;
