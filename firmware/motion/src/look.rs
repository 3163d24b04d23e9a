//! Where the eyes stand in the head, from the irises of one picture.
//!
//! Lengths are iris radii, read along and across each eye's own corners, so that neither the picture's size nor
//! a leaning head matters. The mean of both eyes is taken: each trembles more by itself. A turned
//! head foreshortens what is read by as much as the eye itself; nothing is made up for that.

use sfumato_core::face::{IRIS, LANDMARKS, Landmark};

/// Distance from the eyeball's middle to the iris over the iris' radius (12 mm over 5.9 mm).
pub const EYEBALL: f32 = 2.05;

/// Corners of the eyes from the picture's left to its right, `[right, left]` of the subject.
const CORNERS: [[usize; 2]; 2] = [[33, 133], [362, 263]];

/// Where the irises stand between the corners of the eyes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Off the middle between the corners, iris radii: along to the picture's right, and down.
    pub offset: [f32; 2],
}

impl Look {
    /// Of one face, its landmarks and irises in pixels; none where the irises have no size.
    pub fn of(landmarks: &[Landmark; LANDMARKS], irises: &[[Landmark; IRIS]; 2]) -> Option<Look> {
        let mut radius = 0.0;
        for [middle, rim @ ..] in irises {
            for point in rim {
                radius += libm::hypotf(point.x - middle.x, point.y - middle.y) / 8.0;
            }
        }
        let mut offset = [0.0; 2];
        for ([from, to], [middle, ..]) in CORNERS.into_iter().zip(irises) {
            let (from, to) = (&landmarks[from], &landmarks[to]);
            let (x, y) = (to.x - from.x, to.y - from.y);
            let width = libm::hypotf(x, y);
            let (along, down) = (x / width, y / width);
            let dx = middle.x - 0.5 * (from.x + to.x);
            let dy = middle.y - 0.5 * (from.y + to.y);
            offset[0] += 0.5 * (dx * along + dy * down) / radius;
            offset[1] += 0.5 * (dy * along - dx * down) / radius;
        }
        (radius > 0.0 && offset.iter().all(|value| value.is_finite())).then_some(Look { offset })
    }

    /// How far the eyes have turned in the head since `rest`, degrees to the picture's right and down.
    pub fn turned_from(&self, rest: &Look) -> [f32; 2] {
        core::array::from_fn(|axis| {
            let sine = (self.offset[axis] - rest.offset[axis]) / EYEBALL;
            libm::asinf(sine.clamp(-0.6, 0.6)).to_degrees()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two eyes of three iris radii's half width, the irises moved and all leaning.
    fn eyes(moved: [f32; 2], lean: f32, scale: f32) -> Look {
        let (sin, cos) = (lean.to_radians().sin(), lean.to_radians().cos());
        let at = |x: f32, y: f32| Landmark {
            x: 100.0 + scale * (cos * x - sin * y),
            y: 200.0 + scale * (sin * x + cos * y),
            z: 0.0,
        };
        let mut landmarks = [Landmark::default(); LANDMARKS];
        let mut irises = [[Landmark::default(); IRIS]; 2];
        for (side, middle) in [-6.0, 6.0].into_iter().enumerate() {
            let [from, to] = CORNERS[side];
            landmarks[from] = at(middle - 3.0, 0.0);
            landmarks[to] = at(middle + 3.0, 0.0);
            let (x, y) = (middle + moved[0], moved[1]);
            let rim = [(0.0, 0.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)];
            irises[side] = rim.map(|(dx, dy)| at(x + dx, y + dy));
        }
        Look::of(&landmarks, &irises).unwrap()
    }

    #[test]
    fn neither_size_nor_lean_matters() {
        for (lean, scale) in [(0.0, 1.0), (30.0, 4.0), (-20.0, 9.0)] {
            let look = eyes([0.5, -0.25], lean, scale);
            assert!((look.offset[0] - 0.5).abs() < 1e-3, "{look:?}");
            assert!((look.offset[1] + 0.25).abs() < 1e-3, "{look:?}");
        }
    }

    #[test]
    fn an_eyeball_turns_by_what_its_iris_moved() {
        let sine = 10f32.to_radians().sin();
        let [right, down] =
            eyes([EYEBALL * sine, 0.0], 0.0, 3.0).turned_from(&eyes([0.0; 2], 0.0, 3.0));
        assert!(
            (right - 10.0).abs() < 0.01 && down.abs() < 0.01,
            "{right} {down}"
        );
    }

    #[test]
    fn no_iris_is_no_look() {
        let landmarks = [Landmark::default(); LANDMARKS];
        assert_eq!(
            Look::of(&landmarks, &[[Landmark::default(); IRIS]; 2]),
            None
        );
    }
}
