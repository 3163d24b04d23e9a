//! Matrix products, the one place where training spends its time.

#![allow(unsafe_code)]

/// A matrix within a slice: element (row, column) lies at `row * rows + column * columns`.
///
/// Rows may overlap: a picture's windows are rows of a matrix that way, without being copied.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub data: &'a [f32],
    pub rows: usize,
    pub columns: usize,
}

impl<'a> View<'a> {
    /// A matrix whose rows begin `stride` numbers after one another.
    pub fn rows(data: &'a [f32], stride: usize) -> View<'a> {
        View {
            data,
            rows: stride,
            columns: 1,
        }
    }

    /// The matrix turned over.
    pub fn transposed(self) -> View<'a> {
        View {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
        }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows == 0
            || columns == 0
            || (rows - 1) * self.rows + (columns - 1) * self.columns < self.data.len()
    }
}

/// Adds (`m` by `k`) times (`k` by `n`) to `out`, rows of `n` numbers one after the other; with
/// `fresh` overwrites it.
///
/// # Panics
///
/// When a matrix does not lie within its slice.
pub fn multiply(
    [m, k, n]: [usize; 3],
    left: View<'_>,
    right: View<'_>,
    out: &mut [f32],
    fresh: bool,
) {
    assert!(left.holds(m, k), "left matrix");
    assert!(right.holds(k, n), "right matrix");
    assert!(m * n <= out.len(), "product");
    // SAFETY: the assertions above keep every element that `gemm` reads or writes, which are
    // those of the three matrices by their strides, inside the slices. `out` is borrowed
    // exclusively, so it overlaps neither of the others; its rows do not overlap. Strides of
    // slices fit `isize`.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            !fresh,
            left.data.as_ptr(),
            left.columns as isize,
            left.rows as isize,
            right.data.as_ptr(),
            right.columns as isize,
            right.rows as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_rows_that_overlap() {
        let line = [1.0, 2.0, 3.0, 4.0, 5.0];
        let taps = [1.0, 0.0, -1.0, 10.0, 0.0, 0.0];
        let mut out = [100.0; 6];
        multiply(
            [3, 3, 2],
            View::rows(&line, 1),
            View::rows(&taps, 2),
            &mut out,
            true,
        );
        // Taps by row: (1, 0), (-1, 10), (0, 0).
        assert_eq!(out, [-1.0, 20.0, -1.0, 30.0, -1.0, 40.0]);
        multiply(
            [1, 3, 1],
            View::rows(&line, 1),
            View::rows(&line, 1).transposed(),
            &mut out[..1],
            false,
        );
        // The line's first window times itself, added.
        assert_eq!(out[0], -1.0 + 14.0);
    }

    #[test]
    #[should_panic(expected = "left matrix")]
    fn a_matrix_beyond_its_slice_is_refused() {
        let mut out = [0.0; 4];
        let one = [1.0; 4];
        multiply(
            [2, 3, 2],
            View::rows(&one, 2),
            View::rows(&one, 1),
            &mut out,
            true,
        );
    }
}
