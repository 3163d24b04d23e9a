//! What each expression does to the skin, as smooth displacements of the canonical head.
//!
//! The names are the standard's; the displacements are ours: sums of smooth bumps anchored to
//! the painted face's own features, with the sizes that [`amount`] states. They are smooth in
//! space, so the paint stretches but never tears, and linear in their coefficient.
//!
//! Lids are not here: an eye opens and closes in its own patch (see the `eye` module), and the
//! surface holds these shapes off the eyes.
//!
//! The lips are the one place where skin parts. What opens the mouth is given in three pieces:
//! the [`displacement`] that all skin has, the [`parting`] that each lip's skin adds, continued
//! smoothly beyond the lip line, and the [`opening`], how much of the parting a place between
//! the corners has. The first two change slowly and can be read from a coarse map; the third is
//! steep at the corners and belongs on the lip line itself.

use super::anatomy::Anatomy;
use super::grid::{bump, rise};
use sfumato_core::motion::Blendshape;

/// How far a coefficient of one goes.
pub mod amount {
    /// `jawOpen`: distance of the parted lips, in mouth widths as the picture shows them.
    pub const JAW_OPEN: f32 = 0.75;
    /// `jawOpen`: how far the upper lip helps, of the same.
    pub const UPPER_LIFT: f32 = 0.07;
    /// `jawOpen`: loss of the mouth's width.
    pub const JAW_NARROWS: f32 = 0.14;
    /// `mouthSmile` on both sides: growth of the mouth's width at its painted corners. A living
    /// mouth grows by a quarter; a painted one, whose corners melt into the cheek, must move more
    /// for the same smile to be seen (and found again by a landmark model).
    pub const SMILE: f32 = 0.40;
    /// `mouthPucker`: loss of the mouth's width.
    pub const PUCKER: f32 = 0.30;
    /// `mouthStretch` on both sides: growth of the mouth's width.
    pub const STRETCH: f32 = 0.15;
    /// `browInnerUp`, `browOuterUp`: rise, in distances between the outer eye corners.
    pub const BROW_UP: f32 = 0.10;
    /// `browDown`: fall, in distances between the outer eye corners.
    pub const BROW_DOWN: f32 = 0.06;
}

/// On which side of the lip line the skin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lip {
    /// The upper lip and all above it.
    Upper,
    /// The lower lip and all below it.
    Lower,
}

/// Whether `shape` moves the two lips differently.
pub fn parts_the_lips(shape: Blendshape) -> bool {
    use Blendshape::*;
    matches!(
        shape,
        JawOpen
            | MouthFunnel
            | MouthLowerDownLeft
            | MouthLowerDownRight
            | MouthUpperUpLeft
            | MouthUpperUpRight
    )
}

/// How much of the parting a place between the corners has: 1 in the middle (`across` 0), 0 from
/// the corners (-1 and 1) on.
///
/// Nearly an ellipse, so that an opened mouth is round, and a little more pointed, so that its
/// corners stay corners of lips.
pub fn opening(across: f32) -> f32 {
    libm::powf((1.0 - across * across).max(0.0), 0.56)
}

/// What a lip's skin at `at` moves (centimetres) beyond the displacement, fully parted.
pub fn parting(shape: Blendshape, at: [f32; 3], face: &Anatomy, lip: Lip) -> [f32; 3] {
    use Blendshape::*;
    let place = MouthPlace::of(at, face);
    let wide = face.mouth_seen;
    // The subject's left is at positive x.
    let left = rise(-0.9, 0.9, at[0] - face.mouth[0]);
    let half = |side_left: bool| if side_left { left } else { 1.0 - left };
    match (shape, lip) {
        (JawOpen, _) => jaw_parting(&place, face, lip),
        (MouthFunnel, Lip::Upper) => [0.0, 0.09 * wide * bump(place.up / 2.6), 0.0],
        (MouthFunnel, Lip::Lower) => [0.0, -0.13 * wide * bump(place.up / 2.6), 0.0],
        (MouthLowerDownLeft | MouthLowerDownRight, Lip::Lower) => {
            let down = 0.16 * wide * bump((place.up + 0.3) / 3.0);
            [0.0, -down * half(shape == MouthLowerDownLeft), 0.0]
        }
        (MouthUpperUpLeft | MouthUpperUpRight, Lip::Upper) => {
            let up = 0.12 * wide * bump((place.up - 0.3) / 2.4);
            [0.0, up * half(shape == MouthUpperUpLeft), 0.0]
        }
        _ => [0.0; 3],
    }
}

/// A shape's displacement (centimetres) of the skin at canonical position `at`.
pub fn displacement(shape: Blendshape, at: [f32; 3], face: &Anatomy) -> [f32; 3] {
    use Blendshape::*;
    let [x, y, _] = at;
    // The subject's left is at positive x.
    let left = rise(-0.9, 0.9, x - face.mouth[0]);
    let half = |side_left: bool| if side_left { left } else { 1.0 - left };
    let place = MouthPlace::of(at, face);
    match shape {
        JawOpen => jaw_open(&place, face),
        JawLeft | JawRight => {
            let sign = if shape == JawLeft { 1.0 } else { -1.0 };
            [sign * 0.6 * jaw_share(&place, face), 0.0, 0.0]
        }
        JawForward => [
            0.0,
            -0.1 * jaw_share(&place, face),
            0.6 * jaw_share(&place, face),
        ],
        MouthFunnel => {
            let narrow = -0.18 * place.across * place.near(1.5, 1.6);
            [narrow * face.mouth_half, 0.0, 0.5 * place.near(1.3, 1.4)]
        }
        MouthSmileLeft | MouthSmileRight => {
            let side = shape == MouthSmileLeft;
            scale(smile(&place, at, face, side), half(side))
        }
        MouthFrownLeft | MouthFrownRight => {
            let side = half(shape == MouthFrownLeft);
            let down = 0.42 * place.corner * bump(place.up / 2.4);
            [0.0, -down * side, 0.0]
        }
        MouthPucker => {
            let near = place.near(1.0, 1.9);
            let narrow = -amount::PUCKER * place.pull * bump(place.up / 3.2);
            let fuller = 0.28 * place.up.clamp(-1.2, 1.2) * near;
            [narrow * face.mouth_half, fuller, 0.7 * near]
        }
        MouthStretchLeft | MouthStretchRight => {
            let side = half(shape == MouthStretchLeft);
            let out = amount::STRETCH * place.pull * bump(place.up / 3.4) * face.mouth_half;
            [
                out * side,
                -0.12 * place.corner * bump(place.up / 2.4) * side,
                0.0,
            ]
        }
        MouthDimpleLeft | MouthDimpleRight => {
            let side = half(shape == MouthDimpleLeft);
            let near = place.corner * bump(place.up / 1.6) * side;
            [0.12 * near * place.across.signum(), 0.0, -0.25 * near]
        }
        MouthLeft | MouthRight => {
            let sign = if shape == MouthLeft { 1.0 } else { -1.0 };
            [sign * 0.55 * place.near(1.6, 2.4), 0.0, 0.0]
        }
        MouthPressLeft | MouthPressRight => {
            let thin = -0.22 * place.up.clamp(-1.0, 1.0) * place.near(1.1, 1.5);
            [0.0, thin * half(shape == MouthPressLeft), 0.0]
        }
        MouthRollLower => roll(&place, false),
        MouthRollUpper => roll(&place, true),
        MouthShrugLower => {
            let up = 0.35 * bump(place.across / 1.5) * bump((place.up + 1.2) / 2.6);
            [
                0.0,
                up,
                0.15 * bump(place.across / 1.5) * bump((place.up + 1.2) / 2.0),
            ]
        }
        MouthShrugUpper => [0.0, 0.25 * place.near(1.2, 1.6), 0.1 * place.near(1.2, 1.6)],
        CheekPuff => {
            let mut sum = [0.0; 3];
            for sign in [-1.0, 1.0] {
                let dx = x - face.mouth[0] - sign * 1.9 * face.mouth_half;
                let near = bump(hypot(dx / 3.0, (place.up - 0.4) / 3.0));
                sum = add(sum, [sign * 0.45 * near, 0.0, 0.6 * near]);
            }
            sum
        }
        CheekSquintLeft | CheekSquintRight => {
            let near = cheek(at, face, shape == CheekSquintLeft);
            [0.0, 0.35 * near, 0.15 * near]
        }
        NoseSneerLeft | NoseSneerRight => {
            let wing = face.wings[usize::from(shape == NoseSneerLeft)];
            let near = bump(hypot((x - wing[0]) / 1.7, (y - wing[1]) / 2.0));
            [0.0, 0.32 * near, 0.0]
        }
        BrowInnerUp => {
            let rise = amount::BROW_UP * face.eyes_width;
            let both = brow(at, face, false, 0.0, 2.8) + brow(at, face, true, 0.0, 2.8);
            [0.0, rise * both.min(1.0), 0.0]
        }
        BrowOuterUpLeft | BrowOuterUpRight => {
            let rise = amount::BROW_UP * face.eyes_width;
            [
                0.0,
                rise * brow(at, face, shape == BrowOuterUpLeft, 1.4, 3.4),
                0.0,
            ]
        }
        BrowDownLeft | BrowDownRight => {
            let side = shape == BrowDownLeft;
            let near = brow(at, face, side, 0.0, 2.2).max(0.8 * brow(at, face, side, 1.0, 2.6));
            let inward = if side { -0.18 } else { 0.18 };
            [
                inward * near,
                -amount::BROW_DOWN * face.eyes_width * near,
                0.1 * near,
            ]
        }
        // Lids and gaze live in the eye patches; closing the mouth scales the jaw's parting.
        Neutral | EyeBlinkLeft | EyeBlinkRight | EyeLookDownLeft | EyeLookDownRight
        | EyeLookInLeft | EyeLookInRight | EyeLookOutLeft | EyeLookOutRight | EyeLookUpLeft
        | EyeLookUpRight | EyeSquintLeft | EyeSquintRight | EyeWideLeft | EyeWideRight
        | MouthClose => [0.0; 3],
        // These only part the lips.
        MouthLowerDownLeft | MouthLowerDownRight | MouthUpperUpLeft | MouthUpperUpRight => [0.0; 3],
    }
}

/// A place as the mouth sees it.
struct MouthPlace {
    /// Distance to the middle in half mouth widths, positive to the subject's left.
    across: f32,
    /// Height above the lip line in centimetres.
    up: f32,
    /// Share of a pull at the corners: grows with `across` to ±1 there and fades into the cheek.
    pull: f32,
    /// Nearness to a corner, in [0, 1].
    corner: f32,
}

impl MouthPlace {
    fn of(at: [f32; 3], face: &Anatomy) -> MouthPlace {
        let across = (at[0] - face.mouth[0]) / face.mouth_half;
        let far = across.abs();
        // The lip line bends: its corners lie higher or lower than its middle.
        let line = face.mouth[1] + face.corner_rise * (far * far).min(1.0);
        MouthPlace {
            across,
            up: at[1] - line,
            pull: across.signum()
                * if far < 1.0 {
                    far
                } else {
                    1.0 - rise(1.0, 2.7, far)
                },
            corner: if far < 1.0 {
                far * far
            } else {
                1.0 - rise(1.0, 2.4, far)
            },
        }
    }

    /// Nearness to the mouth: 1 in its middle, 0 beyond so many half widths and centimetres.
    fn near(&self, across: f32, up: f32) -> f32 {
        bump(hypot(
            self.across / (1.0 + 0.6 * across),
            self.up / (1.0 + up),
        ))
    }
}

/// Height of the neck that gives way under a dropped jaw, centimetres.
const NECK: f32 = 5.5;

/// How much of the jaw's movement the skin follows where no lips part: none above, all at the
/// chin.
///
/// In the mouth's middle that is between nose and lower lip. Beside the corners the cheek gives
/// way from cheekbone to jaw: on less height its paint would be drawn out to threads.
fn jaw_share(place: &MouthPlace, face: &Anatomy) -> f32 {
    let cheek = rise(0.55, 1.45, place.across.abs());
    let between = |middle: f32, side: f32| middle + (side - middle) * cheek;
    let eyes = 0.5 * (face.eyes[0][1] + face.eyes[1][1]);
    let cheekbone = 0.72 * (eyes - face.mouth[1]);
    let below = face.chin - face.mouth[1];
    let top = between(face.nose_base - face.mouth[1], cheekbone);
    let bottom = between(face.lower_lip - face.mouth[1] - 0.4, 0.9 * below);
    let down = 1.0 - rise(bottom, top, place.up);
    // The jaw is as wide as the face; beyond it, and down the neck, the skin stays.
    let wide = 1.0 - rise(1.9, 3.6, place.across.abs());
    down * wide * above_the_neck(place, face)
}

/// How much of what the jaw does is left down the neck: all at the chin, nothing [`NECK`] farther down.
fn above_the_neck(place: &MouthPlace, face: &Anatomy) -> f32 {
    let chin = face.chin - face.mouth[1] - 0.5;
    rise(chin - NECK, chin, place.up)
}

/// How far the jaw's skin drops, centimetres.
fn jaw_drop(face: &Anatomy) -> f32 {
    (amount::JAW_OPEN - amount::UPPER_LIFT) * face.mouth_seen
}

fn jaw_open(place: &MouthPlace, face: &Anatomy) -> [f32; 3] {
    let dropped = jaw_drop(face) * jaw_share(place, face);
    let narrow = -amount::JAW_NARROWS * place.pull * bump(place.up / 4.0) * face.mouth_half;
    [narrow, -dropped, -0.3 * dropped]
}

/// Between the corners the upper lip does not follow the jaw, and the lower follows it wholly.
fn jaw_parting(place: &MouthPlace, face: &Anatomy, lip: Lip) -> [f32; 3] {
    let share = jaw_share(place, face);
    let lifted = amount::UPPER_LIFT * face.mouth_seen * bump(place.up.max(0.0) / 2.4);
    let (lift, follows) = match lip {
        Lip::Upper => (lifted, -share),
        // Far above the lips no skin of the lower lip is ever shown.
        Lip::Lower => {
            let wholly = above_the_neck(place, face);
            (0.0, (wholly - share) * (1.0 - rise(1.5, 5.0, place.up)))
        }
    };
    let dropped = jaw_drop(face) * follows;
    [0.0, lift - dropped, -0.3 * dropped]
}

fn smile(place: &MouthPlace, at: [f32; 3], face: &Anatomy, left: bool) -> [f32; 3] {
    let height = bump(place.up / 3.6);
    let out = amount::SMILE * place.pull * height * face.mouth_half;
    let up = 0.42 * place.corner * bump((place.up - 0.3) / 3.2);
    let apple = cheek(at, face, left);
    let away = if left { 0.12 } else { -0.12 };
    [
        out + away * apple,
        up + 0.26 * apple,
        0.22 * apple - 0.30 * place.corner * height,
    ]
}

fn roll(place: &MouthPlace, upper: bool) -> [f32; 3] {
    let towards = if upper { -1.0 } else { 1.0 };
    let centre = if upper { 0.5 } else { -0.5 };
    let near = bump(place.across / 1.2) * bump((place.up - centre) / 0.9);
    [0.0, 0.18 * towards * near, -0.2 * near]
}

/// Nearness to the apple of a cheek.
fn cheek(at: [f32; 3], face: &Anatomy, left: bool) -> f32 {
    let eye = face.eyes[usize::from(left)];
    let x =
        0.5 * (eye[0] + face.mouth[0] + (eye[0] - face.mouth[0]).signum() * 1.6 * face.mouth_half);
    let y = 0.55 * eye[1] + 0.45 * face.mouth[1];
    bump(hypot((at[0] - x) / 2.9, (at[1] - y) / 2.5))
}

/// Nearness to a place along a brow, from its inner end (0) over its middle (1) to its outer end
/// (2), fading up the forehead and stopping above the lid.
fn brow(at: [f32; 3], face: &Anatomy, left: bool, along: f32, reach: f32) -> f32 {
    let [inner, middle, outer] = face.brows[usize::from(left)];
    let (from, to, part) = if along < 1.0 {
        (inner, middle, along)
    } else {
        (middle, outer, along - 1.0)
    };
    let point: [f32; 3] = core::array::from_fn(|axis| from[axis] + (to[axis] - from[axis]) * part);
    let height = at[1] - point[1];
    let vertical = if height > 0.0 {
        bump(height / 5.5)
    } else {
        bump(height / 2.2)
    };
    bump((at[0] - point[0]) / reach) * vertical
}

fn hypot(a: f32, b: f32) -> f32 {
    libm::sqrtf(a * a + b * b)
}

fn scale(v: [f32; 3], by: f32) -> [f32; 3] {
    v.map(|c| c * by)
}

fn add(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Anatomy {
        Anatomy {
            mouth: [0.0, -4.3, 5.8],
            mouth_half: 2.4,
            mouth_seen: 4.4,
            corner_rise: 0.0,
            nose_base: -2.0,
            lower_lip: -5.3,
            chin: -8.9,
            eyes_width: 9.0,
            eyes: [[-3.0, 2.5, 4.0], [3.0, 2.5, 4.0]],
            brows: [[[-2.0, 4.0, 5.0]; 3], [[2.0, 4.0, 5.0]; 3]],
            wings: [[-1.5, -1.0, 5.0], [1.5, -1.0, 5.0]],
        }
    }

    /// A shoulder close below the chin once went down with the lower lip.
    #[test]
    fn an_opened_jaw_goes_down_to_the_neck_and_no_farther() {
        let face = face();
        let drop = |y: f32| {
            let at = [0.0, y, 4.0];
            let all = displacement(Blendshape::JawOpen, at, &face);
            let lip = parting(Blendshape::JawOpen, at, &face, Lip::Lower);
            -(all[1] + lip[1])
        };
        let whole = drop(face.mouth[1] - 0.3);
        assert!((drop(face.chin + 0.5) - whole).abs() < 0.05, "{whole}");
        assert_eq!(drop(face.chin - 6.5), 0.0);
        // Skin in between is pressed together, but never folds.
        let steps: Vec<f32> = (0..140)
            .map(|step| drop(face.chin + 0.5 - 0.05 * step as f32))
            .collect();
        for pair in steps.windows(2) {
            assert!((0.0..0.05 * 0.9).contains(&(pair[0] - pair[1])), "{pair:?}");
        }
    }
}
