//! Vectors of 32-bit floats, one type for each kind of instructions.
//!
//! Kernels are written once, over [`Lanes`]. A lane is a channel, and every lane does what one number alone
//! would: the same operations, each rounded once, in the same order. So the bits do not depend on
//! how many lanes there are. The instructions themselves are in the modules below, which hold the
//! only `unsafe` of [`super`].

mod plain;
#[allow(unsafe_code)]
pub(crate) mod windows;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[allow(unsafe_code)]
pub(crate) mod x86;

pub(crate) use plain::Plain;

/// Work that is to be compiled for some instructions; `run` must be `#[inline(always)]`.
pub(crate) trait Work {
    fn run(self);
}

/// Vectors of [`Lanes::COUNT`] floats. Having a value is the proof that the processor has them.
pub(crate) trait Lanes: Copy + Send + Sync + 'static {
    /// A vector in a register.
    type Vector: Copy;
    /// A vector in memory: `[f32; COUNT]`.
    type Array: Copy + AsRef<[f32]>;
    const COUNT: usize;
    /// Pixels of a tile whose sums fill the registers: by two vectors of channels, by three.
    const TILES: [usize; 2];

    fn chunks(self, numbers: &[f32]) -> &[Self::Array];
    fn chunks_mut(self, numbers: &mut [f32]) -> &mut [Self::Array];
    fn load(self, from: &Self::Array) -> Self::Vector;
    fn store(self, to: &mut Self::Array, vector: Self::Vector);
    fn splat(self, number: f32) -> Self::Vector;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `if a > b { a } else { b }`.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `if a < b { a } else { b }`.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Numbers with a minus sign times `slopes`, the others as they are.
    fn slope(self, a: Self::Vector, slopes: Self::Vector) -> Self::Vector;

    /// Runs work in a function of its own, compiled for these instructions.
    fn vectorise<W: Work>(self, work: W);
}
