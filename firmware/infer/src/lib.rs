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
//! A baked generator goes another way: [`quantised::Quantised`] lowers its ONNX file to the plan of our own
//! integer engine, which allocates nothing. With the feature `tensorrt` ONNX Runtime can take its place
//! (`runtime`).
//!
//! Behind the `Network` stands an [`Engine`]: our own, `sfumato-engine` in floating point, for networks whose
//! operators it has, otherwise tract. [`Network::engine`] says which. Every call into an engine is
//! fenced: a panic comes back as [`InferError::Panicked`].
//!
//! Our engine allocates nothing while it runs, and neither does this crate; tract allocates, and what it allocates is not hidden.

#![deny(unsafe_code)]

mod engine;
mod float;
mod network;
pub mod onnx;
mod operators;
pub mod quantised;
mod running;
#[cfg(feature = "tensorrt")]
pub mod runtime;

pub use engine::{Engine, engine_version};
pub use network::{Contract, InferError, Network};
pub use running::engine_is_running;
