//! Integer inference for small convolutional networks: the same bytes on every processor.
//!
//! A [`Builder`] takes a quantised network layer by layer and checks it; [`Builder::build`] makes a
//! [`Plan`], which owns all the memory it will ever use. [`Plan::run`] computes the outputs from the
//! inputs. It allocates nothing, takes no locks, has no threads of its own ([`Workers`]), and knows no
//! floating point: real scales become whole factors when the plan is built.
//!
//! ```
//! use sfumato_engine::{
//!     Activation, Builder, FixedPoint, Geometry, Instructions, Output, Quantisation, Shape, Weights,
//! };
//!
//! let picture = Quantisation { scale: 1.0 / 255.0, zero_point: 0 };
//! let hidden = Quantisation { scale: 0.02, zero_point: 0 };
//! let mut network = Builder::new();
//! let input = network.input(Shape::new(8, 8, 3), picture)?;
//! let edges = Weights { values: &[1; 16 * 9 * 3], scales: &[0.01; 16], bias: &[0; 16] };
//! let layer = network.convolution(input, Geometry::centred(3, 1), &edges, Activation::Relu, hidden)?;
//! let flow = Weights { values: &[-3; 2 * 16], scales: &[0.01; 2], bias: &[40; 2] };
//! let form = FixedPoint { fraction_bits: 16, rest: None };
//! network.convolution_head(layer, Geometry::POINT, &flow, form)?;
//!
//! let mut plan = network.build(Instructions::best())?;
//! let mut field = [0; 8 * 8 * 2];
//! plan.run(&[&[200_u8; 8 * 8 * 3]], &mut [Output::Fixed(&mut field)])?;
//! // In the middle: 27 * 200 / 255 * 0.01 = 0.212, stored as 11 steps of 0.02;
//! // 16 * 11 * 0.02 * -0.03 + 40 * 0.0002 = -0.0976.
//! assert_eq!(field[2 * (8 * 4 + 4)], (-0.0976_f64 * 65536.0).round() as i32);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Terms
//!
//! - A *tensor* has rows, columns and channels, stored in this order, one byte a number. Its
//!   [`Quantisation`] says what a byte means: `scale * (byte - zero_point)`.
//! - A *wide* input holds words: signed 16-bit numbers without a zero point, for a network's own numbers
//!   where a step of a byte would be too coarse. Fully connected layers read it, nothing else.
//! - *Weights* are signed bytes with one scale for each output channel, biases 32 bits.
//! - A *sum* is a layer's exact 32-bit result before it becomes a byte. That no sum can leave 32
//!   bits, whatever the input, is proven when the layer is added; otherwise it is refused.
//! - *Requantising* makes a byte of a sum: one multiplication by a 31-bit factor, one rounding to
//!   the nearest, halves up (`requantise`).
//! - A *head* ends in a layer that keeps its sums: they come out as `i32` with binary places, less a
//!   constant, the *rest*, for instance what the head gives for a face at rest ([`FixedPoint`]).
//! - A *plain* operator is the one in `operators`: the definition. A *kernel* is a fast version for one kind
//!   of processor; it gives the same bytes.
//!
//! # Arithmetic
//!
//! The definition of each operator stands at the head of its file in `operators`, that of requantising in
//! `requantise`. Everything is exact but two roundings: real scales to factors at build time (a
//! layer's to 31 bits, those of additions and rescaling to 15), and each stored number to a byte.
//! Kernels reorder sums, subtract the zero point from the bias rather than from each byte, or multiply
//! transformed numbers (Winograd): whole numbers modulo 2^32 do not mind.
//!
//! # Way through the code
//!
//! `builder` describes, `error` refuses, `arena` gives tensors that never live together the same memory, `plan`
//! runs. `simd` chooses the processor's kernels and has what they share; `simd/avx2` (with AVX-512's dot products where there
//! are any) and `simd/neon` (with FEAT_DotProd's) are built alike, and the only `unsafe`. There, `strip` holds the loop in which
//! the time is spent; `examples/bench.rs` says how far it is from what the processor can do, and `instructions.toml` how many
//! instructions whole networks take.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod arena;
mod builder;
mod error;
pub mod float;
mod input;
mod operators;
mod plan;
mod requantise;
mod scratch;
mod shape;
mod simd;
mod workers;

pub use builder::{Builder, FixedPoint, Tensor, WideTensor};
pub use error::{BuildError, RunError};
pub use input::Input;
pub use operators::convolution::Weights;
pub use plan::{Output, Plan};
pub use requantise::{Activation, Quantisation};
pub use shape::{Geometry, Shape};
pub use simd::Instructions;
pub use workers::{OneThread, Workers};
