//! Baked generators as ONNX files.
//!
//! A [`Description`] is written in one of three [`Dialect`]s; the first is what a pack holds and
//! what `sfumato_infer::quantised` reads again. All three are standard ONNX.

mod dialect;
mod example;
mod writer;

pub use dialect::Dialect;
pub use example::{Shape, example, portrait, with_turn};
pub use sfumato_infer::quantised::{Description, Form, Input, Kind, Layer, Weights};
pub use writer::{write, write_as};
