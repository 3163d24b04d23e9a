//! Memory that a step uses while it runs, one for each worker.

use alloc::vec::Vec;

/// How much of each kind a step uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Padded input rows, in cells.
    pub rows: usize,
    /// Transformed input, in cells.
    pub transformed: usize,
    /// Sums of sixteen channels.
    pub sums: usize,
}

impl Needs {
    /// Enough for either.
    pub fn or(self, other: Needs) -> Needs {
        Needs {
            rows: self.rows.max(other.rows),
            transformed: self.transformed.max(other.transformed),
            sums: self.sums.max(other.sums),
        }
    }
}

/// The sums of sixteen channels, in the order a kernel keeps them; one cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Sums(pub [i32; 16]);

/// The memory itself. Cells are 32 bits: two words or four bytes of neighbouring channels.
#[derive(Clone, Debug)]
// Plain kernels use none.
#[cfg_attr(
    not(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std")),
    expect(dead_code)
)]
pub(crate) struct Scratch {
    pub rows: Vec<i32>,
    pub transformed: Vec<i32>,
    pub sums: Vec<Sums>,
}

impl Scratch {
    pub fn new(needs: Needs) -> Scratch {
        Scratch {
            rows: alloc::vec![0; needs.rows],
            transformed: alloc::vec![0; needs.transformed],
            sums: alloc::vec![Sums::default(); needs.sums],
        }
    }
}
