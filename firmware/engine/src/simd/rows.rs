//! The input rows that a kernel looks at: padded, in cells, in a ring.
//!
//! A cell is 32 bits of neighbouring channels: two of them as words, or four as bytes. Either is
//! what one multiplying instruction takes from one pixel, repeated over all lanes.
//!
//! The functions are inlined wherever they are called, so that they are compiled for the caller's instructions.

use crate::shape::Layout;

/// The most rows a kernel has.
pub const MOST_ROWS: usize = 8;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Two channels.
    Words,
    /// Four channels.
    Bytes,
}

/// How rows are padded and stored.
#[derive(Clone, Copy, Debug)]
pub struct Padding {
    pub input: Layout,
    pub cell: Cell,
    /// What a zero of the input is stored as.
    pub zero_point: u8,
    /// Whether bytes are stored less 128, for instructions that multiply signed ones.
    pub signed: bool,
    /// Columns before the input's first.
    pub left: usize,
    /// Columns in all, as many as the kernel reads.
    pub columns: usize,
    /// Rows in the ring.
    pub rows: usize,
}

/// The ring itself.
pub struct Ring<'a> {
    padding: Padding,
    cells: &'a mut [i32],
    /// The next input row to be stored; negative above the input.
    next: isize,
}

impl Padding {
    /// Cells of a pixel.
    pub fn pixel(&self) -> usize {
        match self.cell {
            Cell::Words => self.input.stride / 2,
            Cell::Bytes => self.input.stride / 4,
        }
    }

    /// Cells of a padded row.
    pub fn row(&self) -> usize {
        self.columns * self.pixel()
    }

    /// Cells of the ring.
    pub fn cells(&self) -> usize {
        self.rows * self.row()
    }

    /// What stands for a zero of the input in a cell.
    pub fn stored_zero(&self) -> i32 {
        i32::from(self.zero_point) - if self.signed { 128 } else { 0 }
    }

    /// The zero point in every channel of a cell.
    fn zero(&self) -> i32 {
        let zero = i32::from(self.zero_point);
        match self.cell {
            Cell::Words => zero * 0x0001_0001,
            Cell::Bytes => i32::from_le_bytes([self.zero_point; 4]) ^ self.flip(),
        }
    }

    /// What makes four bytes signed, where they shall be.
    fn flip(&self) -> i32 {
        if self.signed {
            i32::from_le_bytes([0x80; 4])
        } else {
            0
        }
    }

    /// Stores input row `y` with its borders; a row of zeros outside the input.
    #[inline(always)]
    fn fill(&self, input: &[u8], y: isize, cells: &mut [i32]) {
        let zero = self.zero();
        let Layout { shape, .. } = self.input;
        let Some(y) = usize::try_from(y).ok().filter(|&y| y < shape.height) else {
            cells.fill(zero);
            return;
        };
        let inside = shape.width.min(self.columns - self.left);
        let bytes = &input[y * self.input.row()..][..inside * self.input.stride];
        let (left, rest) = cells.split_at_mut(self.left * self.pixel());
        let (middle, right) = rest.split_at_mut(inside * self.pixel());
        left.fill(zero);
        right.fill(zero);
        match self.cell {
            Cell::Words => words(bytes, middle),
            Cell::Bytes => {
                let (quads, _) = bytes.as_chunks::<4>();
                let flip = self.flip();
                for (cell, &quad) in middle.iter_mut().zip(quads) {
                    *cell = i32::from_le_bytes(quad) ^ flip;
                }
            }
        }
    }
}

/// Pairs of bytes as pairs of words.
#[inline(always)]
fn words(bytes: &[u8], cells: &mut [i32]) {
    let (pairs, _) = bytes.as_chunks::<2>();
    for (cell, &[low, high]) in cells.iter_mut().zip(pairs) {
        *cell = i32::from(low) | i32::from(high) << 16;
    }
}

impl<'a> Ring<'a> {
    /// An empty ring whose first row will be input row `first`.
    pub fn new(padding: Padding, scratch: &'a mut [i32], first: isize) -> Ring<'a> {
        Ring {
            padding,
            cells: &mut scratch[..padding.cells()],
            next: first,
        }
    }

    /// The rows from input row `first` on; `first` never goes back.
    ///
    /// Only the first `padding.rows` of the answer hold rows.
    #[inline(always)]
    pub fn rows(&mut self, input: &[u8], first: isize) -> [&[i32]; MOST_ROWS] {
        let Padding { rows, .. } = self.padding;
        let row = self.padding.row();
        self.next = self.next.max(first);
        while self.next < first + rows as isize {
            let slot = self.next.rem_euclid(rows as isize) as usize;
            let cells = &mut self.cells[slot * row..][..row];
            self.padding.fill(input, self.next, cells);
            self.next += 1;
        }
        let mut answer: [&[i32]; MOST_ROWS] = [&[]; MOST_ROWS];
        for (offset, answer) in answer.iter_mut().enumerate().take(rows) {
            let slot = (first + offset as isize).rem_euclid(rows as isize) as usize;
            *answer = &self.cells[slot * row..][..row];
        }
        answer
    }
}
