//! What a plan takes in.

use crate::shape::Layout;

/// The numbers of an input; rows, columns, channels.
///
/// Slices, arrays and vectors of either kind turn into it, so a plan whose inputs are all of one
/// kind can be given these as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Of [`crate::Builder::input`].
    Bytes(&'a [u8]),
    /// Of [`crate::Builder::wide_input`].
    Words(&'a [i16]),
}

impl Input<'_> {
    /// Puts the numbers where a plan's steps read them; lengths have been checked.
    pub(crate) fn store(self, layout: Layout, place: &mut [u8]) {
        match self {
            Input::Bytes(bytes) => {
                let pixels = bytes.chunks_exact(layout.shape.channels);
                for (to, from) in place.chunks_exact_mut(layout.stride).zip(pixels) {
                    to[..layout.shape.channels].copy_from_slice(from);
                }
            }
            Input::Words(words) => {
                let (places, _) = place.as_chunks_mut::<2>();
                for (to, from) in places.iter_mut().zip(words) {
                    *to = from.to_le_bytes();
                }
            }
        }
    }
}

macro_rules! from {
    ($number:ty, $kind:ident) => {
        impl<'a> From<&'a [$number]> for Input<'a> {
            fn from(numbers: &'a [$number]) -> Self {
                Input::$kind(numbers)
            }
        }

        impl<'a, const COUNT: usize> From<&'a [$number; COUNT]> for Input<'a> {
            fn from(numbers: &'a [$number; COUNT]) -> Self {
                Input::$kind(numbers)
            }
        }

        impl<'a> From<&'a alloc::vec::Vec<$number>> for Input<'a> {
            fn from(numbers: &'a alloc::vec::Vec<$number>) -> Self {
                Input::$kind(numbers)
            }
        }
    };
}

from!(u8, Bytes);
from!(i16, Words);
