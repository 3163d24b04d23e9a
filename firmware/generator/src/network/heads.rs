//! A network's outputs: each part in broad strokes, and what is finer where the part needs it.
//!
//! A face moves in few ways, each of which is one picture that never changes: broad strokes are
//! sums of such pictures, which one connected layer holds. All but the skin's have half the rows
//! and columns of their part and are spread over it here, exactly. Lids' folds and lashes are finer
//! than that and are no sums: convolutions at full size draw them, on top. The others are sums of
//! pictures alone.

use super::Part;

/// How finely an output says what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grain {
    /// Half the rows and columns of the part.
    Broad,
    /// All of them.
    Fine,
}

/// Outputs of a network.
pub const HEADS: usize = 7;

/// One output of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// The part to which it belongs: the sum of its heads.
    pub part: Part,
    /// How fine it is.
    pub grain: Grain,
}

impl Head {
    /// All of them, in the order of a network's outputs.
    pub const ALL: [Head; HEADS] = [
        Head::new(Part::Turn, Grain::Broad),
        Head::new(Part::Skin, Grain::Fine),
        Head::new(Part::Mouth, Grain::Broad),
        Head::new(Part::EyeRight, Grain::Broad),
        Head::new(Part::EyeRight, Grain::Fine),
        Head::new(Part::EyeLeft, Grain::Broad),
        Head::new(Part::EyeLeft, Grain::Fine),
    ];

    /// This output.
    pub const fn new(part: Part, grain: Grain) -> Head {
        Head { part, grain }
    }

    /// Name of the network's output.
    pub fn name(self) -> &'static str {
        match (self.part, self.grain) {
            (Part::Turn, Grain::Broad) => "turn",
            (Part::Turn, Grain::Fine) => "turn_fine",
            (Part::Skin, Grain::Broad) => "skin_broad",
            (Part::Skin, Grain::Fine) => "skin",
            (Part::Mouth, Grain::Broad) => "mouth_broad",
            (Part::Mouth, Grain::Fine) => "mouth_fine",
            (Part::EyeRight, Grain::Broad) => "eye_right_broad",
            (Part::EyeRight, Grain::Fine) => "eye_right_fine",
            (Part::EyeLeft, Grain::Broad) => "eye_left_broad",
            (Part::EyeLeft, Grain::Fine) => "eye_left_fine",
        }
    }

    /// Rows, columns and channels.
    pub fn shape(self) -> [usize; 3] {
        let [rows, columns, channels] = self.part.shape();
        match self.grain {
            Grain::Broad => [rows / 2, columns / 2, channels],
            Grain::Fine => [rows, columns, channels],
        }
    }

    /// Numbers in the output.
    pub fn numbers(self) -> usize {
        self.shape().iter().product()
    }
}

/// Row or column `index` of the doubled picture, of `length`: which two of the small picture it is
/// made of; the first counts three quarters. Beyond the border the last one goes on.
pub fn sources(index: usize, length: usize) -> [usize; 2] {
    let own = index / 2;
    let last = (length / 2).saturating_sub(1);
    let other = if index.is_multiple_of(2) {
        own.saturating_sub(1)
    } else {
        (own + 1).min(last)
    };
    [own, other]
}

/// Spreads a small picture over one of `shape`, twice its rows and columns: bilinear, rounded.
pub fn double(small: &[i32], [rows, columns, channels]: [usize; 3], out: &mut [i32]) {
    let length = columns / 2 * channels;
    if length == 0 {
        return;
    }
    let out_rows = out.chunks_exact_mut(columns * channels).take(rows);
    for (row, out) in out_rows.enumerate() {
        let [near, far] = sources(row, rows).map(|row| &small[row * length..(row + 1) * length]);
        for (column, out) in out.chunks_exact_mut(channels).enumerate() {
            let [own, other] = sources(column, columns).map(|column| column * channels);
            for (channel, out) in out.iter_mut().enumerate() {
                let [a, b] = [own, other].map(|at| {
                    let at = at + channel;
                    3 * i64::from(near[at]) + i64::from(far[at])
                });
                // A mean of 32-bit numbers is one.
                *out = ((3 * a + b + 8) >> 4) as i32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_names_of_their_own_and_cover_every_part() {
        let names: std::collections::BTreeSet<_> = Head::ALL.iter().map(|h| h.name()).collect();
        assert_eq!(names.len(), Head::ALL.len());
        for part in Part::ALL {
            assert!(Head::ALL.iter().any(|head| head.part == part));
        }
        assert_eq!(
            Head::new(Part::Mouth, Grain::Broad).numbers() * 4,
            Part::Mouth.numbers()
        );
    }

    #[test]
    fn a_ramp_stays_a_ramp_and_borders_go_on() {
        let small = [0, 16, 32, 48, 0, 16, 32, 48];
        let mut out = [0; 32];
        double(&small, [4, 8, 1], &mut out);
        for row in out.chunks_exact(8) {
            assert_eq!(row, [0, 4, 12, 20, 28, 36, 44, 48]);
        }
        // Two channels, two rows of one place.
        let mut out = [0; 16];
        double(&[0, 100, 160, 200], [4, 2, 2], &mut out);
        for (row, wished) in [[0, 100], [40, 125], [120, 175], [160, 200]]
            .iter()
            .enumerate()
        {
            assert_eq!(out[4 * row..][..2], *wished);
            assert_eq!(out[4 * row + 2..][..2], *wished);
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        let mut out = [0; 16];
        double(&[i32::MIN; 4], [4, 4, 1], &mut out);
        assert_eq!(out, [i32::MIN; 16]);
        double(&[i32::MAX; 4], [4, 4, 1], &mut out);
        assert_eq!(out, [i32::MAX; 16]);
    }
}
