//! Floats that begin at a cache line, so that no vector lies across two.

use alloc::vec::Vec;

/// Bytes of a cache line.
const LINE: usize = 64;

/// A fixed number of floats.
#[derive(Debug, Default)]
pub(crate) struct Aligned {
    numbers: Vec<f32>,
    /// Floats before the first cache line.
    skip: usize,
    length: usize,
}

impl Aligned {
    pub fn zeroed(length: usize) -> Aligned {
        let spare = LINE / size_of::<f32>() - 1;
        let numbers = alloc::vec![0.0; length + spare];
        // Only speed depends on what `align_offset` says.
        let skip = numbers.as_ptr().align_offset(LINE).min(spare);
        Aligned {
            numbers,
            skip,
            length,
        }
    }

    pub fn get(&self) -> &[f32] {
        &self.numbers[self.skip..self.skip + self.length]
    }

    pub fn get_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.skip..self.skip + self.length]
    }
}

impl From<&[f32]> for Aligned {
    fn from(numbers: &[f32]) -> Aligned {
        let mut aligned = Aligned::zeroed(numbers.len());
        aligned.get_mut().copy_from_slice(numbers);
        aligned
    }
}

impl Clone for Aligned {
    fn clone(&self) -> Aligned {
        Aligned::from(self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_at_a_line_and_a_copy_does_too() {
        let mut first = Aligned::zeroed(37);
        first.get_mut()[36] = 1.0;
        let second = first.clone();
        for aligned in [&first, &second] {
            assert_eq!(aligned.get().as_ptr().addr() % LINE, 0);
            assert_eq!(aligned.get().len(), 37);
            assert_eq!(aligned.get()[36], 1.0);
        }
    }
}
