//! Integer inference.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod arena;
mod builder;
mod error;
mod operators;
mod plan;
mod requantise;
mod scratch;
mod shape;
mod simd;
mod workers;

pub use builder::{Builder, FixedPoint, Tensor};
pub use error::{BuildError, RunError};
pub use operators::convolution::Weights;
pub use plan::{Output, Plan};
pub use requantise::{Activation, Quantisation};
pub use shape::{Geometry, Shape};
pub use simd::Instructions;
pub use workers::{OneThread, Workers};
