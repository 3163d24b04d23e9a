//! A drawing: what a generator asks the compositor to do to the painting for one frame.
//!
//! Nothing here is a picture of the face. A drawing says how the paint *moves* (the field),
//! how lids and lips part (the patches), and holds the little that the painting does not show:
//! the inside of the mouth. The rig and the int8 network both produce drawings, so that either
//! can run the show.
//!
//! # Terms
//!
//! - The *region* is the square of the painting that may move. Lengths are in **region sides**:
//!   0.5 is half the region's width, whatever the scan's resolution.
//! - *Shown* coordinates are positions in the region as the visitor sees it; *rest* coordinates
//!   are positions in the region as painted.
//! - A *flow* is backward: what is shown at `p` was painted at `p + flow(p)`.
//! - A *node* (column `i`, row `j`) of an `n` by `m` grid over a rectangle lies at
//!   `((i + 0.5) / n, (j + 0.5) / m)` of that rectangle; between nodes values are bilinear,
//!   outside the outermost nodes they are those of the nearest node.
//!
//! # How a shown pixel gets its colour
//!
//! 1. `r = p + field.flow(p)` undoes the head's turn and the broad movement of the skin.
//! 2. Inside an eye's rectangle (rest coordinates, fixed in the rig): where `opening(r) > 0` the
//!    eyeball shows, taken at `r` with the iris moved by `gaze`; elsewhere the lid's skin shows,
//!    taken at `r + patch.flow(r)`. An opening is the smaller one of `upper` and `lower`. Skin that this flow draws out to
//!    more than one and a half times its height gives its paint up for its tone (the painting smoothed, the eyeball left
//!    out) with the paint's grain on it, wholly from three times on: cracks drawn out are streaks.
//! 3. Inside the mouth's rectangle (shown coordinates, moving with `centre`): the skin is taken
//!    at `r + patch.flow(p)`; where `opening(p) > 0` the patch's own colour covers it.
//! 4. `residual` is added. The background plate is the ground as if nobody sat before it, with a
//!    share of ground for every place of the painting. Times that share at `r`, and times
//!    `occlusion`, its colour at `p` less its colour at `r` is added: ground stays where it was
//!    painted while the head moves over it, and the head's edge stays as soft as it was painted.
//! 5. `alpha` blends from the untouched painting to all of this.
//!
//! With every flow, gaze, shading, residual and occlusion zero and the mouth's opening nowhere
//! positive the result is the painting itself, byte for byte, whatever the eyes' openings say:
//! a mouth's generator keeps its opening at least one shown pixel below zero while the lips touch.

use fixed::types::I8F24;

/// The number type of drawings: 24 fractional bits, so that a flow has no visible steps even
/// on an 8K scan.
pub type Amount = I8F24;

/// The nearest [`Amount`] below `value` in size; the largest for what is too large, zero for what
/// is not a number.
///
/// A drawing holds seventy thousand of them: the general conversion was a sixth of the rig's time.
pub fn amount(value: f32) -> Amount {
    Amount::from_bits((value * (1 << Amount::FRAC_NBITS) as f32) as i32)
}

/// The number that an [`Amount`] is, rounded to the nearest `f32`.
pub fn share(amount: Amount) -> f32 {
    amount.to_bits() as f32 / (1 << Amount::FRAC_NBITS) as f32
}

/// Nodes along each side of the field.
pub const FIELD_SIDE: usize = 64;
/// Nodes of the field.
pub const FIELD_NODES: usize = FIELD_SIDE * FIELD_SIDE;
/// Columns of the mouth patch.
pub const MOUTH_WIDTH: usize = 96;
/// Rows of the mouth patch.
pub const MOUTH_HEIGHT: usize = 64;
/// Nodes of the mouth patch.
pub const MOUTH_NODES: usize = MOUTH_WIDTH * MOUTH_HEIGHT;
/// Columns of an eye patch.
pub const EYE_WIDTH: usize = 64;
/// Rows of an eye patch.
pub const EYE_HEIGHT: usize = 48;
/// Nodes of an eye patch.
pub const EYE_NODES: usize = EYE_WIDTH * EYE_HEIGHT;

/// How the paint of the region moves, row by row, in shown coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Backward flow to the right, in region sides.
    pub flow_x: [Amount; FIELD_NODES],
    /// Backward flow downwards, in region sides.
    pub flow_y: [Amount; FIELD_NODES],
    /// How far the ground stays behind, as the background plate has it, in [0, 1].
    pub occlusion: [Amount; FIELD_NODES],
    /// Red, green and blue to add, in [-1, 1] of full intensity.
    pub residual: [[Amount; FIELD_NODES]; 3],
    /// How much of the moved picture shows over the untouched painting, in [0, 1].
    pub alpha: [Amount; FIELD_NODES],
}

/// The mouth: how the lips move beyond the field, and what shows between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MouthPatch {
    /// Middle of the patch's rectangle in the region, shown coordinates, region sides.
    pub centre: [Amount; 2],
    /// Red, green and blue of the mouth's inside, in [0, 1].
    pub colour: [[Amount; MOUTH_NODES]; 3],
    /// Signed distance below the upper lip's inner edge in **patch heights**, positive in the opening.
    /// A distance rather than an opacity, so that the edge stays as sharp as the scan.
    pub upper: [Amount; MOUTH_NODES],
    /// The same above the lower lip's inner edge. The smaller of the two counts: where the lips meet
    /// it has a crease, which neither of them has, so that the corners stay sharp between nodes.
    pub lower: [Amount; MOUTH_NODES],
    /// Backward flow to add to the field's, to the right, in region sides.
    pub flow_x: [Amount; MOUTH_NODES],
    /// Backward flow to add to the field's, downwards, in region sides.
    pub flow_y: [Amount; MOUTH_NODES],
}

/// An eye: where the lids part, how their skin moves, where the iris looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EyePatch {
    /// How far the iris lies from where it was painted, to the right and down, region sides.
    pub gaze: [Amount; 2],
    /// Signed distance below the upper lid's edge in **patch heights**, positive where the eyeball shows.
    pub upper: [Amount; EYE_NODES],
    /// The same above the lower lid's edge; the smaller of the two counts.
    pub lower: [Amount; EYE_NODES],
    /// Light to add (positive) or take (negative), as a share of the colour, in [-1, 1].
    pub shading: [Amount; EYE_NODES],
    /// Backward flow of the lids' skin, to the right, in region sides.
    pub flow_x: [Amount; EYE_NODES],
    /// Backward flow of the lids' skin, downwards, in region sides.
    pub flow_y: [Amount; EYE_NODES],
}

/// Everything the compositor needs for one frame. Large: keep it in a box and reuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// How the paint moves.
    pub field: Field,
    /// The mouth.
    pub mouth: MouthPatch,
    /// The eyes, `[right, left]` of the subject.
    pub eyes: [EyePatch; 2],
}

impl Field {
    /// A field that changes nothing.
    pub const REST: Field = Field {
        flow_x: [Amount::ZERO; FIELD_NODES],
        flow_y: [Amount::ZERO; FIELD_NODES],
        occlusion: [Amount::ZERO; FIELD_NODES],
        residual: [[Amount::ZERO; FIELD_NODES]; 3],
        alpha: [Amount::ZERO; FIELD_NODES],
    };
}

impl MouthPatch {
    /// How far a node lies in the opening, patch heights.
    pub fn opening(&self, node: usize) -> Amount {
        self.upper[node].min(self.lower[node])
    }

    /// A mouth that changes nothing.
    pub const REST: MouthPatch = MouthPatch {
        centre: [Amount::ZERO; 2],
        colour: [[Amount::ZERO; MOUTH_NODES]; 3],
        upper: [Amount::NEG_ONE; MOUTH_NODES],
        lower: [Amount::NEG_ONE; MOUTH_NODES],
        flow_x: [Amount::ZERO; MOUTH_NODES],
        flow_y: [Amount::ZERO; MOUTH_NODES],
    };
}

impl EyePatch {
    /// How far a node lies in the opening, patch heights.
    pub fn opening(&self, node: usize) -> Amount {
        self.upper[node].min(self.lower[node])
    }

    /// An eye that changes nothing.
    pub const REST: EyePatch = EyePatch {
        gaze: [Amount::ZERO; 2],
        upper: [Amount::NEG_ONE; EYE_NODES],
        lower: [Amount::NEG_ONE; EYE_NODES],
        shading: [Amount::ZERO; EYE_NODES],
        flow_x: [Amount::ZERO; EYE_NODES],
        flow_y: [Amount::ZERO; EYE_NODES],
    };
}

impl Drawing {
    /// A drawing that changes nothing.
    pub const REST: Drawing = Drawing {
        field: Field::REST,
        mouth: MouthPatch::REST,
        eyes: [EyePatch::REST; 2],
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_those_of_the_general_conversion() {
        for step in -4000..4000 {
            let value = step as f32 * 0.037_31;
            let off = amount(value)
                .to_bits()
                .abs_diff(Amount::saturating_from_num(value).to_bits());
            assert!(off <= 1, "{value}: {off}");
            assert_eq!(share(amount(value)), amount(value).to_num::<f32>());
        }
        assert_eq!(amount(1e9), Amount::MAX);
        assert_eq!(amount(-1e9), Amount::MIN);
        assert_eq!(amount(f32::NAN), Amount::ZERO);
    }
}
