//! The inner loops with AVX2.
//!
//! Reading between pixels takes two shown pixels at a time, one in each half of a register: four
//! rows of four neighbours, sixteen bytes each, are summed down with byte weights
//! (`vpmaddubsw`), then across with word weights (`vpmaddwd`). The sums are those of the plain
//! version, term by term: the down sums lie within sixteen bits (255 * 72), nothing saturates.

use crate::blend;
use crate::cubic::{
    HALF_PHASE, ONE, PHASE_SHIFT, PHASES, POSITION_BITS, SUM_HALF, SUM_SHIFT, WEIGHTS, sample,
};
use crate::nodes;
use crate::source::Source;
use core::arch::x86_64::*;
use sfumato_core::drawing::Amount;
use sfumato_core::pixels::Xrgb;

/// Pixels a turn of the loop.
const LANES: usize = 8;

#[repr(C, align(16))]
struct Table<T, const N: usize>([[[T; N]; 2]; PHASES]);

/// For each phase the first and the second pair of weights, repeated over sixteen bytes.
static DOWN: Table<i8, 16> = Table(down());
/// As [`DOWN`], as words.
static ACROSS: Table<i16, 8> = Table(across());

const fn down() -> [[[i8; 16]; 2]; PHASES] {
    let mut table = [[[0; 16]; 2]; PHASES];
    let mut i = 0;
    while i < PHASES * 32 {
        let (phase, pair, byte) = (i / 32, i / 16 % 2, i % 16);
        table[phase][pair][byte] = WEIGHTS[phase][2 * pair + byte % 2] as i8;
        i += 1;
    }
    table
}

const fn across() -> [[[i16; 8]; 2]; PHASES] {
    let mut table = [[[0; 8]; 2]; PHASES];
    let mut i = 0;
    while i < PHASES * 16 {
        let (phase, pair, word) = (i / 16, i / 8 % 2, i % 8);
        table[phase][pair][word] = WEIGHTS[phase][2 * pair + word % 2] as i16;
        i += 1;
    }
    table
}

/// Two times sixteen bytes, one in each half.
///
/// # Safety
///
/// Sixteen bytes must be readable from each pointer.
#[target_feature(enable = "avx2")]
unsafe fn halves<T>(low: *const T, high: *const T) -> __m256i {
    // SAFETY: the caller's promise; unaligned loads take any address.
    unsafe {
        _mm256_inserti128_si256::<1>(
            _mm256_castsi128_si256(_mm_loadu_si128(low.cast())),
            _mm_loadu_si128(high.cast()),
        )
    }
}

/// See [`crate::cubic::warp_row`].
#[target_feature(enable = "avx2")]
pub fn warp_row(source: &Source, x: i32, y: i32, flow_x: &[i32], flow_y: &[i32], out: &mut [Xrgb]) {
    let length = out.len().min(flow_x.len()).min(flow_y.len());
    let [[left, right], [top, bottom]] = source.bounds();
    let (left, right) = (_mm256_set1_epi32(left), _mm256_set1_epi32(right));
    let (top, bottom) = (_mm256_set1_epi32(top), _mm256_set1_epi32(bottom));
    let stride = source.stride();
    let stride_lanes = _mm256_set1_epi32(stride as i32);
    let first_tap = _mm256_set1_epi32(source.first_tap());
    let phase_mask = _mm256_set1_epi32(PHASES as i32 - 1);
    let steps = _mm256_mullo_epi32(
        _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
        _mm256_set1_epi32(ONE),
    );
    let row = _mm256_set1_epi32((y << POSITION_BITS) + HALF_PHASE);
    let pairs = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,
    ));
    let half = _mm256_set1_epi32(SUM_HALF);
    let pixels = source.pixels().as_ptr();

    let whole = length - length % LANES;
    for start in (0..whole).step_by(LANES) {
        let mut index = [0_i32; LANES];
        let mut phase_x = [0_i32; LANES];
        let mut phase_y = [0_i32; LANES];
        // SAFETY: `start + LANES <= length`, which none of the slices is shorter than; the
        // arrays have LANES elements.
        unsafe {
            let flow_x = _mm256_loadu_si256(flow_x.as_ptr().add(start).cast());
            let flow_y = _mm256_loadu_si256(flow_y.as_ptr().add(start).cast());
            let column = _mm256_set1_epi32(((x + start as i32) << POSITION_BITS) + HALF_PHASE);
            let at_x = _mm256_add_epi32(_mm256_add_epi32(column, steps), flow_x);
            let at_y = _mm256_add_epi32(row, flow_y);
            let at_x = _mm256_min_epi32(_mm256_max_epi32(at_x, left), right);
            let at_y = _mm256_min_epi32(_mm256_max_epi32(at_y, top), bottom);
            let whole_x = _mm256_srai_epi32::<{ POSITION_BITS as i32 }>(at_x);
            let whole_y = _mm256_srai_epi32::<{ POSITION_BITS as i32 }>(at_y);
            let first = _mm256_add_epi32(
                _mm256_add_epi32(_mm256_mullo_epi32(whole_y, stride_lanes), whole_x),
                first_tap,
            );
            let fraction_x = _mm256_srai_epi32::<{ PHASE_SHIFT as i32 }>(at_x);
            let fraction_y = _mm256_srai_epi32::<{ PHASE_SHIFT as i32 }>(at_y);
            _mm256_storeu_si256(index.as_mut_ptr().cast(), first);
            _mm256_storeu_si256(
                phase_x.as_mut_ptr().cast(),
                _mm256_and_si256(fraction_x, phase_mask),
            );
            _mm256_storeu_si256(
                phase_y.as_mut_ptr().cast(),
                _mm256_and_si256(fraction_y, phase_mask),
            );
        }
        let mut sums = [_mm256_setzero_si256(); LANES / 2];
        for (i, sum) in sums.iter_mut().enumerate() {
            let j = i + LANES / 2;
            // SAFETY: positions were held within `bounds`, so the invariant of `Source` says
            // that four rows of four pixels are readable from each index; phases were masked
            // to the tables' length.
            let [first, second, third, fourth, down, down2, across, across2] = unsafe {
                let low = pixels.add(index[i] as usize);
                let high = pixels.add(index[j] as usize);
                let down_low = DOWN.0.as_ptr().add(phase_y[i] as usize);
                let down_high = DOWN.0.as_ptr().add(phase_y[j] as usize);
                let across_low = ACROSS.0.as_ptr().add(phase_x[i] as usize);
                let across_high = ACROSS.0.as_ptr().add(phase_x[j] as usize);
                [
                    halves(low, high),
                    halves(low.add(stride), high.add(stride)),
                    halves(low.add(2 * stride), high.add(2 * stride)),
                    halves(low.add(3 * stride), high.add(3 * stride)),
                    halves(down_low.cast::<[i8; 16]>(), down_high.cast()),
                    halves(
                        down_low.cast::<[i8; 16]>().add(1),
                        down_high.cast::<[i8; 16]>().add(1),
                    ),
                    halves(across_low.cast::<[i16; 8]>(), across_high.cast()),
                    halves(
                        across_low.cast::<[i16; 8]>().add(1),
                        across_high.cast::<[i16; 8]>().add(1),
                    ),
                ]
            };
            // Down: words of pixels 0 and 1, then of pixels 2 and 3.
            let near = _mm256_add_epi16(
                _mm256_maddubs_epi16(_mm256_unpacklo_epi8(first, second), down),
                _mm256_maddubs_epi16(_mm256_unpacklo_epi8(third, fourth), down2),
            );
            let far = _mm256_add_epi16(
                _mm256_maddubs_epi16(_mm256_unpackhi_epi8(first, second), down),
                _mm256_maddubs_epi16(_mm256_unpackhi_epi8(third, fourth), down2),
            );
            // Across: neighbours side by side, channel by channel.
            let total = _mm256_add_epi32(
                _mm256_madd_epi16(_mm256_shuffle_epi8(near, pairs), across),
                _mm256_madd_epi16(_mm256_shuffle_epi8(far, pairs), across2),
            );
            *sum = _mm256_srai_epi32::<{ SUM_SHIFT as i32 }>(_mm256_add_epi32(total, half));
        }
        // Packing works within halves: pixels 0 1 2 3 gather in the low one, 4 5 6 7 in the high.
        let packed = _mm256_packus_epi16(
            _mm256_packs_epi32(sums[0], sums[1]),
            _mm256_packs_epi32(sums[2], sums[3]),
        );
        // SAFETY: `start + LANES <= length <= out.len()`.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(start).cast(), packed) };
    }
    for i in whole..length {
        let at = ((x + i as i32) << POSITION_BITS).wrapping_add(flow_x[i]);
        out[i] = sample(source, at, (y << POSITION_BITS).wrapping_add(flow_y[i]));
    }
}

/// See [`blend::between`].
#[target_feature(enable = "avx2")]
pub fn between(above: &[i32], below: &[i32], weight: i32, out: &mut [i32]) {
    blend::between(above, below, weight, out);
}

/// See [`blend::add_residual`].
#[target_feature(enable = "avx2")]
pub fn add_residual(residual: [&[i32]; 3], line: &mut [Xrgb]) {
    blend::add_residual(residual, line);
}

/// See [`blend::mix`].
#[target_feature(enable = "avx2")]
pub fn mix(over: &[Xrgb], share: &[i32], line: &mut [Xrgb]) {
    blend::mix(over, share, line);
}

/// See [`blend::stay_behind`].
#[target_feature(enable = "avx2")]
pub fn stay_behind(here: &[Xrgb], there: &[Xrgb], share: &[i32], line: &mut [Xrgb]) {
    blend::stay_behind(here, there, share, line);
}

/// See [`nodes::scaled`].
#[target_feature(enable = "avx2")]
pub fn scaled(amounts: &[Amount], unit: i32, limits: (i32, i32), out: &mut [i32]) {
    nodes::scaled(amounts, unit, limits, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubic;
    use crate::picture::Picture;
    use crate::simd::Instructions;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_bytes_as_the_plain_version(
            seed: u32,
            width in 1..60_u32,
            height in 1..40_u32,
            x in -10..70_i32,
            y in -10..50_i32,
            flows in proptest::collection::vec((-70_000..70_000_i32, -70_000..70_000_i32), 0..40),
        ) {
            if Instructions::best() == Instructions::PLAIN {
                return Ok(());
            }
            let pixels = (0..width * height)
                .map(|i| if seed % 3 == 0 {
                    // Full contrast: where sums would overflow first.
                    (i.wrapping_mul(seed) >> 13 & 1).wrapping_neg()
                } else {
                    (i ^ seed).wrapping_mul(2_654_435_761).rotate_left(9).wrapping_mul(40_503)
                })
                .collect();
            let source = Source::new(&Picture::from_pixels(width, height, pixels).unwrap());
            let (flow_x, flow_y): (Vec<i32>, Vec<i32>) = flows.into_iter().unzip();
            let mut plain = vec![0; flow_x.len()];
            let mut fast = plain.clone();
            cubic::warp_row(&source, x, y, &flow_x, &flow_y, &mut plain);
            // SAFETY: checked above.
            unsafe { warp_row(&source, x, y, &flow_x, &flow_y, &mut fast) };
            prop_assert_eq!(plain, fast);
        }
    }
}
