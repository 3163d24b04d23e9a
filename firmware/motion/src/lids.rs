//! Lids: how open the portrait's eyes are, from how open the visitor's seem.
//!
//! A blink lasts three to nine camera frames, of which the lowest may fall between two. So a lid
//! that comes down fast is a blink: it is led all the way down, stays there until the visitor's
//! lid has clearly turned back up, and is then followed again. Slow, heavy lids are followed as
//! they are.

use crate::curve::{dead_zone, soft_bound};
use crate::scale;
use sfumato_core::motion::Real;

/// A lid falling faster than this (openings a second) is blinking.
const BLINK_SPEED: Real = Real::lit("3.5");
/// And must have come down to this.
const BLINK_BELOW: Real = Real::lit("0.5");
/// The blink ends once the visitor's lid has risen by this over its lowest.
const TURNED: Real = Real::lit("0.06");
/// Longest time a blink is held shut against what is measured, in seconds.
const LONGEST: Real = Real::lit("0.25");
/// Below this an eye is shut; it stays shut up to `OPENS`.
const SHUTS: Real = Real::lit("0.07");
const OPENS: Real = Real::lit("0.14");
/// Difference between the eyes below which they move as one.
const WINK: Real = Real::lit("0.35");

/// One eye's lid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lid {
    blinking: bool,
    shut: bool,
    lowest: Real,
    held: Real,
    before: Real,
}

/// Both lids, `[right, left]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lids([Lid; 2]);

/// How open an eye seems: 0 shut, 1 as open as this person's eyes are; may lie outside.
///
/// `gap` over `open_gap` of [`scale::SHUT_SHARE`] is shut.
pub(crate) fn openness(gap: Real, open_gap: Real) -> Real {
    let shut = Real::from_num(scale::SHUT_SHARE);
    (gap.saturating_div(open_gap) - shut).saturating_div(Real::ONE - shut)
}

impl Lids {
    /// Starts with eyes as open as they seem.
    pub fn start(seems: Real) -> Lids {
        Lids(
            [Lid {
                before: seems,
                lowest: seems,
                ..Lid::default()
            }; 2],
        )
    }

    /// Leads the lids, `dt` seconds after the last time; `[right, left]`, 0 shut to 1.5 wide.
    ///
    /// `seems` is the [`openness`] measured, `difference` the right eye's minus the left's.
    pub fn update(&mut self, seems: Real, difference: Real, dt: Real) -> [Real; 2] {
        let apart = dead_zone(difference, WINK) / 2;
        let [right, left] = &mut self.0;
        [
            right.update(seems + apart, dt),
            left.update(seems - apart, dt),
        ]
    }
}

impl Lid {
    fn update(&mut self, seems: Real, dt: Real) -> Real {
        let falling = (self.before - seems).saturating_div(dt);
        self.before = seems;
        if self.blinking {
            self.held += dt;
            self.lowest = self.lowest.min(seems);
            if seems > self.lowest + TURNED || self.held > LONGEST {
                self.blinking = false;
            }
        } else if falling > BLINK_SPEED && seems < BLINK_BELOW {
            self.blinking = true;
            self.lowest = seems;
            self.held = Real::ZERO;
        }
        let open = if self.blinking { Real::ZERO } else { seems };
        self.shut = open < if self.shut { OPENS } else { SHUTS };
        if self.shut { Real::ZERO } else { wide(open) }
    }
}

/// Above 1 eyes widen less and less, up to 1.5.
fn wide(lid: Real) -> Real {
    soft_bound(lid, Real::ONE, Real::lit("1.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Real = Real::lit("0.033");

    fn follow(track: &[f32]) -> std::vec::Vec<f32> {
        let mut lids = Lids::start(Real::from_num(track[0]));
        track
            .iter()
            .map(|&x| lids.update(Real::from_num(x), Real::ZERO, FRAME)[0].to_num())
            .collect()
    }

    #[test]
    fn a_half_blink_completes_and_ends() {
        let shown = follow(&[1.0, 1.0, 0.7, 0.4, 0.35, 0.4, 0.6, 0.9, 1.0]);
        assert!(shown[3] == 0.0 && shown[4] == 0.0, "{shown:?}");
        assert!(
            (shown[6] - 0.6).abs() < 0.01 && (shown[8] - 1.0).abs() < 0.01,
            "{shown:?}"
        );
    }

    #[test]
    fn heavy_lids_are_followed_not_shut() {
        let track: std::vec::Vec<f32> = (0..60).map(|i| 1.0 - i as f32 * 0.01).collect();
        let shown = follow(&track);
        for (seen, shown) in track.iter().zip(&shown) {
            assert!((seen - shown).abs() < 0.01, "{seen} {shown}");
        }
    }

    #[test]
    fn shut_eyes_do_not_flutter() {
        let shown = follow(&[0.3, 0.2, 0.05, 0.09, 0.03, 0.12, 0.06, 0.2, 0.3]);
        assert_eq!(&shown[2..7], &[0.0; 5], "{shown:?}");
        assert!(shown[7] > 0.1);
    }

    #[test]
    fn a_wink_moves_one_eye() {
        let mut lids = Lids::start(Real::ONE);
        let [right, left] = lids.update(Real::from_num(0.5), Real::from_num(-1), FRAME);
        assert!(
            right < Real::from_num(0.2) && left > Real::from_num(0.7),
            "{right} {left}"
        );
    }
}
