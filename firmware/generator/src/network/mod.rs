//! The network: motion in, drawing out, by a small int8 network that has learned one painting.

pub mod inputs;
pub mod learned;

pub use learned::Part;
