//! An eye as layers: lids of painted skin that close over a painted eyeball.
//!
//! The upper lid does four fifths of the closing, the lower lid the rest. The lid's skin is
//! drawn from between its edge and the brow, most of it from near the edge, as a real lid
//! unfolds; the soft dark line of the lashes travels with the edge. The eyeball stands still under
//! them: it is covered, not squeezed. A raised lid uncovers the eyeball with the lid's shadow on it.

use super::grid::rise;
use super::model::{CURVE, Eye};
use sfumato_core::drawing::{EYE_HEIGHT, EYE_WIDTH, EyePatch, amount};

/// Distance from the eyeball's middle to the iris over the iris' radius (12 mm over 5.9 mm).
const EYEBALL: f32 = 2.05;

/// Where on the way from the upper to the lower lid they meet.
const MEETING: f32 = 0.80;

/// How far outside its painted edge a shut lid's skin is drawn from, in heights of the eye.
const EDGE: f32 = 0.08;

/// Half the width of the line of lashes of a shut eye, in rows of the patch: wide enough to cover
/// where the upper lid's skin passes into the lower's.
const LASHES: f32 = 1.4;

/// Rows over which the skin of shut lids passes from the upper's to the lower's.
const SEAM: f32 = 1.2;

/// Light that the line of lashes takes, as a share, from lids apart and from shut lids. Painted
/// lashes are brown, not ink.
const LASHES_OPEN: f32 = 0.45;
const LASHES_SHUT: f32 = 0.54;

/// Exponent from openness to the share of the opening that stays. Above 1, so that half blinks are
/// seen: from where a visitor stands a painted eye looks open while any of its iris shows.
const HEAVY: f32 = 1.5;

/// Farthest that the eyes turn in the head, degrees.
const FARTHEST: [f32; 2] = [26.0, 16.0];

/// What an eye does.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// 0 shut, 1 as painted, up to 1.5 wide.
    pub openness: f32,
    /// How much the lower lid is raised by a squint or a smile, in [0, 1].
    pub squint: f32,
    /// Direction in the head, degrees `[right, down]`.
    pub gaze: [f32; 2],
}

/// How far the iris moves, to the right and down, region sides.
pub fn turned(eye: &Eye, act: Act) -> [f32; 2] {
    core::array::from_fn(|axis| {
        let limit = FARTHEST[axis];
        // Soft limit: the eye slows down towards the corner instead of hitting it.
        let degrees = limit * libm::tanhf(act.gaze[axis] / limit);
        EYEBALL * eye.iris_radius * libm::sinf(degrees.to_radians())
    })
}

/// Draws one eye.
///
/// `shut` is light that shut lids have more, at every node; empty where nothing is known of them.
pub fn draw(eye: &Eye, shut: &[f32], act: Act, patch: &mut EyePatch) {
    let turned = turned(eye, act);
    patch.gaze = turned.map(amount);
    let lids = Lids::of(eye, act, turned[1]);
    let across = [-eye.axis[1], eye.axis[0]];
    let height = eye.rect[3];
    for row in 0..EYE_HEIGHT {
        for column in 0..EYE_WIDTH {
            let x = eye.rect[0] + eye.rect[2] * (column as f32 + 0.5) / EYE_WIDTH as f32;
            let y = eye.rect[1] + eye.rect[3] * (row as f32 + 0.5) / EYE_HEIGHT as f32;
            let [along, down] = eye.place(x, y);
            let lid = lids.at(along, eye.rect[3] / EYE_HEIGHT as f32);
            let moved = lid.skin_flow(down, eye.lid_height);
            let index = row * EYE_WIDTH + column;
            patch.upper[index] = amount((down - lid.upper_now) / height);
            patch.lower[index] = amount((lid.lower_now - down) / height);
            patch.flow_x[index] = amount(moved * across[0]);
            patch.flow_y[index] = amount(moved * across[1]);
            let known = shut
                .get(index)
                .map_or(0.0, |light| light * lid.covers(down));
            patch.shading[index] = amount((lid.shading(down) + known).clamp(-1.0, 1.0));
        }
    }
}

/// Both lids in motion.
struct Lids<'a> {
    eye: &'a Eye,
    closing: f32,
    widening: f32,
    squint: f32,
    gaze_down: f32,
    tallest: f32,
}

/// The lids at one place along the eye: y of their edges at rest and now.
struct Edges {
    upper: f32,
    lower: f32,
    upper_now: f32,
    lower_now: f32,
    /// How nearly the lids meet: 0 apart, 1 shut.
    meeting: f32,
    /// How far the eye opens here at rest, against its tallest place: 1, towards the corners 0.
    within: f32,
    closing: f32,
    tallest: f32,
    /// A row of the patch, region sides.
    row: f32,
}

impl<'a> Lids<'a> {
    fn of(eye: &'a Eye, act: Act, gaze_down: f32) -> Lids<'a> {
        let tallest = eye
            .upper
            .iter()
            .zip(&eye.lower)
            .map(|(upper, lower)| lower - upper)
            .fold(1e-4, f32::max);
        Lids {
            eye,
            closing: 1.0 - libm::powf(act.openness.clamp(0.0, 1.0), HEAVY),
            widening: (act.openness - 1.0).clamp(0.0, 0.5),
            squint: act.squint.clamp(0.0, 1.0),
            gaze_down,
            tallest,
        }
    }

    fn at(&self, along: f32, row: f32) -> Edges {
        let beyond = (along.abs() - 1.0).max(0.0) * self.eye.half_width;
        let upper = curve(&self.eye.upper, along) + beyond;
        let lower = curve(&self.eye.lower, along) - beyond;
        let open = (lower - upper).max(0.0);
        let within = (open / (0.35 * self.tallest)).min(1.0);
        // Looking down lowers the upper lid, looking up raises it; the lower follows a little.
        let follow = 0.55 * self.gaze_down * (open / self.tallest);
        let squinting = 0.40 * self.squint * open;
        // A raised lid shows a third of an iris radius more, however tall the eye was painted.
        let raise = (0.55 * open).min(0.64 * self.eye.iris_radius * open / self.tallest);
        let upper_open = upper - self.widening * raise + follow;
        let lower_open = lower + 0.10 * self.widening * open + 0.35 * follow - squinting;
        // The same place within the eye; beyond the corners each edge stays where it is. Shut lids
        // overlap a little, so that no hair of the eyeball is left between them.
        let overlap = 0.35 * row * within;
        let upper_shut = upper + MEETING * open + overlap;
        let lower_shut = lower - (1.0 - MEETING) * open - overlap;
        let upper_now = upper_open + (upper_shut - upper_open) * self.closing;
        let lower_now = lower_open + (lower_shut - lower_open) * self.closing;
        let apart = lower_now - upper_now;
        let line = LASHES * row;
        Edges {
            upper,
            lower,
            upper_now,
            lower_now,
            meeting: within * self.closing * (1.0 - rise(line, 3.0 * line, apart)),
            within,
            closing: self.closing,
            tallest: self.tallest,
            row,
        }
    }
}

impl Edges {
    /// How much farther down the skin shown at `down` was painted.
    fn skin_flow(&self, down: f32, lid_height: f32) -> f32 {
        // A closing lid shows skin from a little outside its painted edge: no sliver of the
        // painted eyeball travels with it.
        let margin = EDGE * self.tallest * self.closing;
        let upper_moved = self.upper_now - self.upper + margin;
        let lower_moved = self.lower_now - self.lower - margin;
        let apart = self.lower_now - self.upper_now;
        let upper = upper_moved * unfold((self.upper_now - down).max(0.0), lid_height, upper_moved);
        let lower = lower_moved
            * unfold(
                (down - self.lower_now).max(0.0),
                0.7 * lid_height,
                -lower_moved,
            );
        // In a narrow gap the lids' skins meet within a row or so, which the lashes cover: wide
        // enough that nodes can tell where between them it is.
        let width = apart
            + (SEAM * self.row - apart).max(0.0)
                * self.meeting.max(f32::from(u8::from(apart <= 0.0)));
        let middle = 0.5 * (self.upper_now + self.lower_now);
        let part = ((down - middle) / width.max(1e-6) + 0.5).clamp(0.0, 1.0);
        -(upper + (lower - upper) * part)
    }

    /// How nearly the lid is shut, on its skin; 0 on the eyeball.
    fn covers(&self, down: f32) -> f32 {
        let into = (down - self.upper_now).min(self.lower_now - down);
        self.closing * self.closing * (1.0 - rise(-self.row, 0.5 * self.row, into))
    }

    /// Light given or taken: the upper lid's shadow on the eyeball, its lashes, its own roundness.
    fn shading(&self, down: f32) -> f32 {
        let lowered = ((self.upper_now - self.upper) / self.tallest).clamp(0.0, 1.0);
        let raised = ((self.upper - self.upper_now) / self.tallest).clamp(0.0, 1.0);
        let below = (down - self.upper_now) / self.tallest;
        // The paint at a lid's edge stays behind when the lid moves: its lashes go with it.
        let moved = rise(0.0, 0.30, lowered).max(0.6 * rise(0.0, 0.12, raised));
        let lashes =
            moved * self.within * (LASHES_OPEN + (LASHES_SHUT - LASHES_OPEN) * self.meeting);
        let away = (down - self.upper_now) / (LASHES * self.row);
        // Three widths away nothing of the line is left.
        let line = if lashes > 0.0 && away.abs() < 3.0 {
            lashes * libm::expf(-away * away)
        } else {
            0.0
        };
        let rest = 1.0 - line;
        if below > 0.0 {
            // The shadow falls on the eyeball, not beyond it.
            let eyeball = ((self.lower_now - down) / (0.08 * self.tallest)).clamp(0.0, 1.0);
            let depth = 0.35 * lowered + 0.30 * rise(0.0, 0.2, raised);
            let shadow = depth * (1.0 - below / 0.45).max(0.0) * eyeball;
            -(line + rest * shadow)
        } else {
            let above = -below / lowered.max(0.2);
            // Lit on its bulge.
            let bulge = 2.0 * above - 1.1;
            rest * lowered * 0.05 * (1.0 - bulge * bulge).max(0.0) - line
        }
    }
}

/// Share of the lid's movement at a distance from its edge: 1 at the edge, 0 from `reach` on.
///
/// The exponent keeps the mapping monotone, however far the lid travels: skin stretches but
/// never folds.
fn unfold(distance: f32, reach: f32, travel: f32) -> f32 {
    let travel = travel.max(0.0);
    let whole = reach + travel;
    let t = (1.0 - distance / whole).clamp(0.0, 1.0);
    if t == 0.0 {
        return 0.0;
    }
    // Evenly, so that no part of the lid's paint is drawn out into threads.
    libm::powf(t, 1.35_f32.min(0.9 * whole / travel.max(1e-6)))
}

fn curve(points: &[f32], along: f32) -> f32 {
    let t = ((along + 1.0) * 0.5).clamp(0.0, 1.0) * (CURVE - 1) as f32;
    let index = (t as usize).min(CURVE - 2);
    let at = |i: usize| points.get(i).copied().unwrap_or(0.0);
    at(index) + (at(index + 1) - at(index)) * (t - index as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::drawing::{Amount, EYE_NODES};

    fn eye() -> Eye {
        let arch = |height: f32| -> Vec<f32> {
            (0..CURVE)
                .map(|i| {
                    let s = 2.0 * i as f32 / (CURVE - 1) as f32 - 1.0;
                    height * (1.0 - s * s)
                })
                .collect()
        };
        Eye {
            centre: [0.5, 0.5],
            axis: [1.0, 0.0],
            half_width: 0.04,
            upper: arch(-0.016),
            lower: arch(0.010),
            lid_height: 0.03,
            iris_centre: [0.5, 0.498],
            iris_radius: 0.014,
            rect: [0.43, 0.44, 0.14, 0.11],
        }
    }

    fn drawn(act: Act) -> Box<EyePatch> {
        let mut patch = Box::new(EyePatch::REST);
        draw(&eye(), &[], act, &mut patch);
        patch
    }

    #[test]
    fn an_eye_at_rest_moves_nothing() {
        let patch = drawn(Act {
            openness: 1.0,
            squint: 0.0,
            gaze: [0.0; 2],
        });
        assert_eq!(patch.gaze, [Amount::ZERO; 2]);
        for values in [&patch.flow_x, &patch.flow_y, &patch.shading] {
            assert!(values.iter().all(|&v| v == Amount::ZERO));
        }
        assert!((0..EYE_NODES).any(|node| patch.opening(node) > Amount::ZERO));
    }

    /// The darkest shading of every column.
    fn darkest(patch: &EyePatch) -> Vec<f32> {
        (0..EYE_WIDTH)
            .map(|column| {
                (0..EYE_HEIGHT)
                    .map(|row| patch.shading[row * EYE_WIDTH + column].to_num::<f32>())
                    .fold(0.0, f32::min)
            })
            .collect()
    }

    #[test]
    fn a_shut_eye_shows_a_line_of_lashes_and_no_eyeball() {
        let patch = drawn(Act {
            openness: 0.0,
            squint: 0.0,
            gaze: [0.0; 2],
        });
        assert!((0..EYE_NODES).all(|node| patch.opening(node) <= Amount::ZERO));
        let darkest = darkest(&patch);
        let middle = EYE_WIDTH * 2 / 5..EYE_WIDTH * 3 / 5;
        assert!(darkest[middle].iter().all(|&d| d < -0.3), "{darkest:?}");
        // The line ends with the eye: nothing is drawn on the nose or the temple.
        assert!(darkest[0] > -0.01 && darkest[EYE_WIDTH - 1] > -0.01);
    }

    #[test]
    fn shading_grows_smoothly_from_rest() {
        for openness in [0.98, 1.02] {
            let patch = drawn(Act {
                openness,
                squint: 0.0,
                gaze: [0.0; 2],
            });
            assert!(darkest(&patch).iter().all(|&d| d > -0.08), "{openness}");
        }
    }

    #[test]
    fn lid_skin_never_folds() {
        for openness in [0.0, 0.3, 0.7, 1.4] {
            let patch = drawn(Act {
                openness,
                squint: 0.4,
                gaze: [5.0, 9.0],
            });
            let step = eye().rect[3] / EYE_HEIGHT as f32;
            for column in 0..EYE_WIDTH {
                for row in 1..EYE_HEIGHT {
                    let flow = |r: usize| patch.flow_y[r * EYE_WIDTH + column].to_num::<f32>();
                    let opening = |r: usize| patch.opening(r * EYE_WIDTH + column);
                    if opening(row) > 0 || opening(row - 1) > 0 {
                        continue;
                    }
                    let slope = 1.0 + (flow(row) - flow(row - 1)) / step;
                    assert!(
                        slope > -0.2,
                        "slope {slope} at {column}, {row}, open {openness}"
                    );
                }
            }
        }
    }
}
