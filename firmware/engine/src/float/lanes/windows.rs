//! What lies under a 3x3 kernel, window after window, without asking each time whether it is there.

use core::marker::PhantomData;

/// The nine vectors under a kernel for outputs one after the other; row by row.
pub(crate) struct Windows<'a, A> {
    /// The first vector of each row of the next window.
    rows: [*const A; 3],
    /// Vectors to the next pixel of a window.
    pixel: usize,
    /// Vectors to the next window.
    step: usize,
    left: usize,
    numbers: PhantomData<&'a [A]>,
}

impl<'a, A> Windows<'a, A> {
    /// `count` windows, `step` vectors apart, the first from `first` on.
    ///
    /// A window's rows are `row` vectors apart, its pixels `pixel`. Panics if the last one is not
    /// all there, which the layout of tensors rules out.
    #[inline(always)]
    pub fn new(
        vectors: &'a [A],
        first: usize,
        (row, pixel): (usize, usize),
        step: usize,
        count: usize,
    ) -> Self {
        let window = row.checked_mul(2).zip(pixel.checked_mul(2));
        let last = window
            .and_then(|(rows, pixels)| first.checked_add(rows)?.checked_add(pixels))
            .and_then(|end| step.checked_mul(count.saturating_sub(1))?.checked_add(end));
        assert!(
            last.is_some_and(|last| last < vectors.len()),
            "windows reach past the tensor"
        );
        let vectors = vectors.as_ptr();
        Windows {
            rows: [0, 1, 2].map(|index| vectors.wrapping_add(first + index * row)),
            pixel,
            step,
            left: count,
            numbers: PhantomData,
        }
    }
}

impl<'a, A> Iterator for Windows<'a, A> {
    type Item = [[&'a A; 3]; 3];

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let [upper, middle, lower] = self.rows;
        let pixel = self.pixel;
        // SAFETY: `new` has seen that the last vector of the last of `count` windows lies within the
        // slice, so all others do, and the slice is borrowed for `'a`.
        let window = unsafe {
            [
                [&*upper, &*upper.add(pixel), &*upper.add(2 * pixel)],
                [&*middle, &*middle.add(pixel), &*middle.add(2 * pixel)],
                [&*lower, &*lower.add(pixel), &*lower.add(2 * pixel)],
            ]
        };
        // After the last window these may point past the end and are not looked at again.
        self.rows = [upper, middle, lower].map(|row| row.wrapping_add(self.step));
        Some(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_where_they_should() {
        let numbers: Vec<u32> = (0..60).collect();
        // Rows of ten numbers, pixels of two; every second pixel.
        let mut windows = Windows::new(&numbers, 11, (10, 2), 4, 2);
        let first = windows.next().unwrap().map(|row| row.map(|number| *number));
        assert_eq!(first, [[11, 13, 15], [21, 23, 25], [31, 33, 35]]);
        assert_eq!(windows.next().map(|window| *window[2][2]), Some(39));
        assert!(windows.next().is_none());
    }

    #[test]
    #[should_panic(expected = "past the tensor")]
    fn windows_past_the_end_are_refused() {
        let numbers = [0; 60];
        let _ = Windows::new(&numbers, 32, (10, 2), 4, 2);
    }
}
