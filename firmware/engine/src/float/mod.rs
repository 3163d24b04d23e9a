//! The engine's floating-point half: 32-bit floats, the same bits on every processor.
//!
//! For networks whose numbers are not known well enough to make bytes of them, such as those that find faces. The way
//! is the integers' way: a [`Builder`] takes a network operator by operator and checks it, [`Builder::build`] makes a
//! [`Plan`], and [`Plan::run`] computes without allocating, locking or starting threads.
//!
//! ```
//! use sfumato_engine::float::{Activation, Builder, Instructions, Order, Weights};
//! use sfumato_engine::{Geometry, Shape};
//!
//! let mut network = Builder::new();
//! let picture = network.input(Shape::new(8, 8, 3))?;
//! let edges = Weights { values: &[0.5; 16 * 9 * 3], bias: &[-1.0; 16] };
//! let layer = network.convolution(picture, Geometry::centred(3, 1), &edges)?;
//! let layer = network.activation(layer, Activation::Relu)?;
//! network.output(&[layer], Order::Pixels)?;
//!
//! let mut plan = network.build(Instructions::best())?;
//! let mut out = [0.0; 8 * 8 * 16];
//! plan.run(&[&[1.0; 3 * 8 * 8]], &mut [&mut out])?;
//! // In a corner 4 pixels of 3 channels are in the picture, in the middle 9.
//! assert_eq!((out[0], out[16 * (8 * 4 + 4)]), (5.0, 12.5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The same bits
//!
//! Floats do not add up in any order to the same sum, so the order is part of the definition
//! (`operators`). Kernels put neighbouring *channels* into a vector's lanes: each lane is one sum, taken in that
//! order by fused multiplications and additions, however wide the vectors. Numbers that are no numbers (NaN) may
//! differ in their payload.
//!
//! # Way through the code
//!
//! `builder` describes, `fuse` puts operators together to steps, `layout` says how tensors lie in the arena (channels
//! last, with borders of zeros so that no kernel asks where a picture ends), `plan` runs. `kernels` are written once
//! over `lanes`, a vector type for each kind of instructions, which has the only `unsafe`. `kernels/tile`
//! is the loop in which the time is spent.

mod builder;
mod fuse;
mod instructions;
mod kernels;
mod lanes;
mod layout;
mod memory;
mod operators;
mod plan;

pub use builder::{Activation, Builder, Order, Tensor, Weights};
pub use instructions::Instructions;
pub use plan::Plan;
