//! Loops over rows: between two rows of nodes, and from one picture to another.
//!
//! Written so that the compiler can turn them into vector instructions; see [`crate::simd`].
//! Sums wrap because a check on each would keep the compiler from it; the limits that values are
//! held within beforehand say that none does.

use sfumato_core::pixels::Xrgb;

/// One in shares: coverage, alpha, occlusion.
pub const FULL: i32 = 1 << 15;
/// Fractional bits of a weight between two nodes.
pub const NODE_BITS: u32 = 8;

/// From `a` to `b` by a weight of [`NODE_BITS`].
///
/// Values must differ by less than 2^22, so that the product fits.
#[inline(always)]
pub fn lerp(a: i32, b: i32, weight: i32) -> i32 {
    a.wrapping_add(b.wrapping_sub(a).wrapping_mul(weight) >> NODE_BITS)
}

/// Values between the node rows above and below.
#[inline(always)]
pub fn between(above: &[i32], below: &[i32], weight: i32, out: &mut [i32]) {
    for ((out, &above), &below) in out.iter_mut().zip(above).zip(below) {
        *out = lerp(above, below, weight);
    }
}

/// Adds to red, green and blue, in 128ths of a grey level.
#[inline(always)]
pub fn add_residual(residual: [&[i32]; 3], line: &mut [Xrgb]) {
    let [red, green, blue] = residual;
    for (((pixel, &red), &green), &blue) in line.iter_mut().zip(red).zip(green).zip(blue) {
        let channel = |byte: u32, add: i32| {
            let value = (byte & 255) as i32;
            value.wrapping_add(add.wrapping_add(64) >> 7).clamp(0, 255) as u32
        };
        let red = channel(*pixel >> 16, red) << 16;
        let green = channel(*pixel >> 8, green) << 8;
        *pixel = 0xff00_0000 | red | green | channel(*pixel, blue);
    }
}

/// Brings `line` towards `over` by `share` of [`FULL`]; 0 keeps it, `FULL` replaces it, exactly.
#[inline(always)]
pub fn mix(over: &[Xrgb], share: &[i32], line: &mut [Xrgb]) {
    for ((pixel, &over), &share) in line.iter_mut().zip(over).zip(share) {
        *pixel = mix_pixel(*pixel, over, share);
    }
}

/// Adds the ground `here` less the ground `there`, where the paint came from, to `line`.
///
/// The change is weighed with `share` of [`FULL`] and with `there`'s top byte of 255.
#[inline(always)]
pub fn stay_behind(here: &[Xrgb], there: &[Xrgb], share: &[i32], line: &mut [Xrgb]) {
    for (((pixel, &here), &there), &share) in line.iter_mut().zip(here).zip(there).zip(share) {
        // 255 counts as 256, so that it gives the share itself.
        let top = (there >> 24) as i32;
        let weight = share.wrapping_mul(top.wrapping_add(top >> 7)) >> 8;
        let channel = |byte: u32, here: u32, there: u32| {
            let way = ((here & 255) as i32).wrapping_sub((there & 255) as i32);
            let part = way.wrapping_mul(weight).wrapping_add(FULL / 2) >> 15;
            ((byte & 255) as i32).wrapping_add(part).clamp(0, 255) as u32
        };
        let red = channel(*pixel >> 16, here >> 16, there >> 16) << 16;
        let green = channel(*pixel >> 8, here >> 8, there >> 8) << 8;
        *pixel = 0xff00_0000 | red | green | channel(*pixel, here, there);
    }
}

/// From `under` to `over` by `share` of [`FULL`].
#[inline(always)]
pub fn mix_pixel(under: Xrgb, over: Xrgb, share: i32) -> Xrgb {
    let channel = |under: u32, over: u32| {
        let from = (under & 255) as i32;
        let way = ((over & 255) as i32).wrapping_sub(from);
        let part = way.wrapping_mul(share).wrapping_add(FULL / 2) >> 15;
        from.wrapping_add(part) as u32 & 255
    };
    let red = channel(under >> 16, over >> 16) << 16;
    let green = channel(under >> 8, over >> 8) << 8;
    0xff00_0000 | red | green | channel(under, over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mixing_ends_are_exact(under: u32, over: u32) {
            let opaque = 0xff00_0000;
            prop_assert_eq!(mix_pixel(under, over, 0), under | opaque);
            prop_assert_eq!(mix_pixel(under, over, FULL), over | opaque);
        }

        #[test]
        fn mixing_stays_between(under: u32, over: u32, share in 0..=FULL) {
            let mixed = mix_pixel(under, over, share);
            for shift in [0, 8, 16] {
                let byte = |pixel: u32| pixel >> shift & 255;
                let (low, high) = (byte(under).min(byte(over)), byte(under).max(byte(over)));
                prop_assert!((low..=high).contains(&byte(mixed)));
            }
        }
    }
}
