//! Moves the picture by a pixel now and then, so that no edge burns into the panel.
//!
//! The picture walks round a small square, one pixel a step, and comes back after a full round.
//! A step of one pixel every few minutes is not noticed; over a day every pixel near an edge
//! shares its load with its neighbours.

use crate::layout::MAX_SHIFT;
use sfumato_core::time::{Micros, Moment};

/// A walk round a square of `2 * reach` pixels, a step every `pace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelShift {
    /// Farthest distance from the middle, pixels; 0 stands still. At most [`MAX_SHIFT`].
    pub reach: u8,
    /// Time between two steps.
    pub pace: Micros,
}

impl Default for PixelShift {
    /// Two pixels each way, a step every four minutes: a round takes about an hour.
    fn default() -> Self {
        PixelShift {
            reach: 2,
            pace: Micros::from_secs(240),
        }
    }
}

impl PixelShift {
    /// Pixels to the right and down at a moment, for [`crate::Compositor::set_shift`].
    pub fn at(&self, now: Moment) -> (i32, i32) {
        let reach = i32::from(self.reach).min(MAX_SHIFT);
        let side = 2 * reach as u64;
        if side == 0 || self.pace.0 == 0 {
            return (0, 0);
        }
        let step = now.0 / self.pace.0 % (4 * side);
        let along = (step % side) as i32 - reach;
        match step / side {
            0 => (along, -reach),
            1 => (reach, along),
            2 => (-along, reach),
            _ => (-reach, -along),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_takes_one_pixel_steps_and_closes() {
        let shift = PixelShift {
            reach: 3,
            pace: Micros(10),
        };
        let places: Vec<(i32, i32)> = (0..25)
            .map(|step| shift.at(Moment(10 * step + 9)))
            .collect();
        for pair in places.windows(2) {
            let moved = (pair[0].0 - pair[1].0).abs() + (pair[0].1 - pair[1].1).abs();
            assert_eq!(moved, 1, "{pair:?}");
        }
        assert_eq!(places[0], places[24]);
        for corner in [(-3, -3), (3, -3), (3, 3), (-3, 3)] {
            assert!(places.contains(&corner));
        }
    }

    #[test]
    fn nothing_moves_when_off() {
        let off = PixelShift {
            reach: 0,
            pace: Micros(10),
        };
        assert_eq!(off.at(Moment(12_345)), (0, 0));
        let stopped = PixelShift {
            reach: 200,
            pace: Micros(0),
        };
        assert_eq!(stopped.at(Moment(12_345)), (0, 0));
    }
}
