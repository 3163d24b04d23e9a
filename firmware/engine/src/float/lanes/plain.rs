//! What every processor has; the compiler makes vectors of it where it can.

use super::{Lanes, Work};

/// Eight numbers, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain;

type Eight = [f32; 8];

/// `a * b + c`, rounded once.
fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    #[cfg(feature = "std")]
    return a.mul_add(b, c);
    #[cfg(not(feature = "std"))]
    return libm::fmaf(a, b, c);
}

#[inline(always)]
fn each(mut a: Eight, b: Eight, operation: impl Fn(f32, f32) -> f32) -> Eight {
    for (a, b) in a.iter_mut().zip(b) {
        *a = operation(*a, b);
    }
    a
}

impl Lanes for Plain {
    type Vector = Eight;
    type Array = Eight;
    const COUNT: usize = 8;
    const TILES: [usize; 2] = [6, 4];

    #[inline(always)]
    fn chunks(self, numbers: &[f32]) -> &[Eight] {
        numbers.as_chunks().0
    }

    #[inline(always)]
    fn chunks_mut(self, numbers: &mut [f32]) -> &mut [Eight] {
        numbers.as_chunks_mut().0
    }

    #[inline(always)]
    fn load(self, from: &Eight) -> Eight {
        *from
    }

    #[inline(always)]
    fn store(self, to: &mut Eight, vector: Eight) {
        *to = vector;
    }

    #[inline(always)]
    fn splat(self, number: f32) -> Eight {
        [number; 8]
    }

    #[inline(always)]
    fn mul_add(self, a: Eight, b: Eight, mut c: Eight) -> Eight {
        for ((c, a), b) in c.iter_mut().zip(a).zip(b) {
            *c = mul_add(a, b, *c);
        }
        c
    }

    #[inline(always)]
    fn mul(self, a: Eight, b: Eight) -> Eight {
        each(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn add(self, a: Eight, b: Eight) -> Eight {
        each(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn max(self, a: Eight, b: Eight) -> Eight {
        each(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, a: Eight, b: Eight) -> Eight {
        each(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn slope(self, a: Eight, slopes: Eight) -> Eight {
        each(
            a,
            slopes,
            |a, slope| {
                if a.is_sign_negative() { a * slope } else { a }
            },
        )
    }

    #[inline(always)]
    fn vectorise<W: Work>(self, work: W) {
        work.run();
    }
}
