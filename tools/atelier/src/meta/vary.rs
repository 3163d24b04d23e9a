//! Faces that nobody painted: a painting bent, with its landmarks.
//!
//! A generic start is learned from many faces, and paintings that may be used are few. A painting whose face is made longer or
//! rounder, its jaw wider, its eyes larger or nearer to each other, a little turned or leaning, is another face to
//! the rig, whose maps, edges and depths are all found anew. Colours stay: they are no matter of how a face moves.

use sfumato_bake::random::Random;
use sfumato_compositor::Picture;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::pixels::{Rgb, Xrgb, rgb, xrgb};

/// The picture's side and the width of its face, pixels.
const SIDE: usize = 720;
const FACE: f32 = 260.0;

/// Places that are pulled aside, and how far at most, in widths of the face.
const PULLS: usize = 7;
const FARTHEST: f32 = 0.035;

/// How a picture is bent: for a place in the new one, in widths of the face from its middle, the place in the old one.
#[derive(Clone, Debug)]
struct Bend {
    /// Rows: x and y of the old place from x and y of the new one.
    linear: [[f32; 2]; 2],
    /// Middle, reach and pull of each.
    pulls: Vec<([f32; 2], f32, [f32; 2])>,
    /// What a landmark's depth gains for each width to the side.
    turn: f32,
}

impl Bend {
    /// None.
    fn none() -> Bend {
        Bend {
            linear: [[1.0, 0.0], [0.0, 1.0]],
            pulls: Vec::new(),
            turn: 0.0,
        }
    }

    /// By chance.
    fn any(random: &mut Random) -> Bend {
        let lean = random.between(-6.0, 6.0).to_radians();
        let (wide, tall) = (random.between(0.88, 1.13), random.between(0.9, 1.11));
        let shear = random.between(-0.06, 0.06);
        let pull = |random: &mut Random| {
            let middle = [random.between(-0.6, 0.6), random.between(-0.7, 0.7)];
            let size = FARTHEST * random.between(-1.0, 1.0);
            let other = FARTHEST * random.between(-1.0, 1.0);
            // Wider than far, so that nothing folds.
            (middle, random.between(0.2, 0.5), [size, other])
        };
        Bend {
            linear: [
                [wide * lean.cos(), shear - lean.sin()],
                [lean.sin(), tall * lean.cos()],
            ],
            pulls: (0..PULLS).map(|_| pull(random)).collect(),
            turn: random.between(-0.12, 0.12),
        }
    }

    fn before(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let mut at = self.linear.map(|[a, b]| a * x + b * y);
        for (middle, reach, pull) in &self.pulls {
            let square = (x - middle[0]).powi(2) + (y - middle[1]).powi(2);
            let share = (-square / (reach * reach)).exp();
            at[0] += share * pull[0];
            at[1] += share * pull[1];
        }
        at
    }

    /// Where an old place comes to lie: found by going after it.
    fn after(&self, wanted: [f32; 2]) -> [f32; 2] {
        let mut at = wanted;
        for _ in 0..60 {
            let found = self.before(at);
            at = [
                at[0] + 0.7 * (wanted[0] - found[0]),
                at[1] + 0.7 * (wanted[1] - found[1]),
            ];
        }
        at
    }
}

/// The face of a painting as it is, or bent by chance.
///
/// The picture shows the head and what is around it; its landmarks are in its pixels.
pub fn vary(
    painting: &Picture,
    landmarks: &[Landmark; LANDMARKS],
    random: Option<&mut Random>,
) -> (Picture, [Landmark; LANDMARKS]) {
    let bend = random.map_or_else(Bend::none, Bend::any);
    let range = |of: fn(&Landmark) -> f32| {
        let values = landmarks.iter().map(of);
        values.fold((f32::MAX, f32::MIN), |(low, high), x| {
            (low.min(x), high.max(x))
        })
    };
    let ((left, right), (top, bottom)) = (range(|l| l.x), range(|l| l.y));
    let width = (right - left).max(1.0);
    let middle = [(left + right) / 2.0, (top + bottom) / 2.0];
    let centre = SIDE as f32 / 2.0;
    let mut pixels: Vec<Xrgb> = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let at = [x, y].map(|n| (n as f32 + 0.5 - centre) / FACE);
            let [x, y] = bend.before(at);
            pixels.push(xrgb(sampled(
                painting,
                [middle[0] + width * x, middle[1] + width * y],
            )));
        }
    }
    let moved = landmarks.map(|landmark| {
        let old = [
            (landmark.x - middle[0]) / width,
            (landmark.y - middle[1]) / width,
        ];
        let [x, y] = bend.after(old);
        Landmark {
            x: centre + FACE * x,
            y: centre + FACE * y,
            z: FACE * (landmark.z / width + bend.turn * x),
        }
    });
    let picture = Picture::from_pixels(SIDE as u32, SIDE as u32, pixels);
    (
        picture.unwrap_or_else(|_| Picture::new(SIDE as u32, SIDE as u32, 0)),
        moved,
    )
}

/// A colour between pixels; beyond the picture its edge goes on.
fn sampled(picture: &Picture, [x, y]: [f32; 2]) -> Rgb {
    let most = [picture.width(), picture.height()].map(|side| side.saturating_sub(1) as f32);
    let (x, y) = ((x - 0.5).clamp(0.0, most[0]), (y - 0.5).clamp(0.0, most[1]));
    let (left, top) = (x.floor(), y.floor());
    let pixel = |dx: f32, dy: f32| {
        let x = (left + dx).min(most[0]) as u32;
        let y = (top + dy).min(most[1]) as u32;
        rgb(picture.get(x, y).unwrap_or_default())
    };
    let corners = [
        pixel(0.0, 0.0),
        pixel(1.0, 0.0),
        pixel(0.0, 1.0),
        pixel(1.0, 1.0),
    ];
    let (u, v) = (x - left, y - top);
    std::array::from_fn(|channel| {
        let [a, b, c, d] = corners.map(|corner| f32::from(corner[channel]));
        let upper = a + (b - a) * u;
        let lower = c + (d - c) * u;
        (upper + (lower - upper) * v).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_go_where_their_paint_goes() {
        let mut random = Random::new(3);
        for _ in 0..20 {
            let bend = Bend::any(&mut random);
            for place in [[0.0, 0.0], [0.4, -0.5], [-0.5, 0.6], [0.1, 0.3]] {
                let there = bend.after(place);
                let back = bend.before(there);
                let off = (back[0] - place[0]).hypot(back[1] - place[1]);
                assert!(off < 1e-3, "{place:?} {there:?} {back:?}");
            }
        }
    }

    #[test]
    fn a_painting_that_is_not_bent_is_only_scaled() {
        let mut painting = Picture::new(300, 300, xrgb([10, 20, 30]));
        let mut landmarks = [Landmark::default(); LANDMARKS];
        for (index, landmark) in landmarks.iter_mut().enumerate() {
            (landmark.x, landmark.y) = (100.0 + (index % 101) as f32, 120.0 + (index % 61) as f32);
        }
        // A red place where a landmark is.
        for y in 140..146 {
            for x in 150..156 {
                painting.pixels_mut()[y * 300 + x] = xrgb([200, 0, 0]);
            }
        }
        landmarks[7] = Landmark {
            x: 153.0,
            y: 143.0,
            z: 0.0,
        };
        let (picture, moved) = vary(&painting, &landmarks, None);
        let at = moved[7];
        let pixel = rgb(picture.get(at.x as u32, at.y as u32).unwrap());
        assert_eq!(pixel, [200, 0, 0]);
    }
}
