//! A drawn face whose every feature is known.

use sfumato_compositor::Picture;
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::pixels::xrgb;
use sfumato_prepare::{Prepared, prepare};

/// Pixels to a centimetre of the drawn face.
pub const SCALE: f32 = 24.0;
pub const SIZE: u32 = 1200;
/// How far below the mesh's lips the lip line is drawn, pixels.
pub const LIP_OFFSET: f32 = 6.0;
/// Radius of the drawn irises, pixels.
pub const IRIS: f32 = 0.56 * SCALE;

pub fn landmarks(scale: f32, roll: f32) -> Box<[Landmark; LANDMARKS]> {
    let (sin, cos) = roll.to_radians().sin_cos();
    let mut points = Box::new([Landmark::default(); LANDMARKS]);
    for (point, [x, y, z]) in points.iter_mut().zip(VERTICES) {
        *point = Landmark {
            x: 0.5 * SIZE as f32 + scale * (x * cos - y * sin),
            y: 0.5 * SIZE as f32 - scale * (x * sin + y * cos),
            z: -scale * z,
        };
    }
    // The canonical mouth stands a little open; this one is shut.
    for (upper, lower) in [(13, 14), (82, 87), (81, 178), (80, 88), (191, 95)]
        .into_iter()
        .chain([(312, 317), (311, 402), (310, 318), (415, 324)])
    {
        let y = 0.5 * (points[upper].y + points[lower].y);
        points[upper].y = y;
        points[lower].y = y;
    }
    points
}

fn middle(points: &[Landmark; LANDMARKS], indices: &[usize]) -> [f32; 2] {
    let count = indices.len() as f32;
    [
        indices.iter().map(|&i| points[i].x).sum::<f32>() / count,
        indices.iter().map(|&i| points[i].y).sum::<f32>() / count,
    ]
}

/// The drawn irises, a little to the picture's right of the middle of the eyes.
pub fn irises(points: &[Landmark; LANDMARKS]) -> [[f32; 2]; 2] {
    [[33, 133, 159, 145], [263, 362, 386, 374]].map(|eye| {
        let [x, y] = middle(points, &eye);
        [x + 5.0, y]
    })
}

pub fn painting(points: &[Landmark; LANDMARKS]) -> Picture {
    let mut picture = Picture::new(SIZE, SIZE, xrgb([60, 66, 58]));
    let inside = |ring: &[usize], x: f32, y: f32| {
        let mut odd = false;
        for (index, &i) in ring.iter().enumerate() {
            let (a, b) = (&points[i], &points[ring[(index + 1) % ring.len()]]);
            if (a.y > y) != (b.y > y) && x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x) {
                odd = !odd;
            }
        }
        odd
    };
    let rings = [
        [
            33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7,
        ],
        [
            362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382,
        ],
    ];
    let irises = irises(points);
    let (left, right) = (&points[78], &points[308]);
    for y in 0..SIZE {
        for x in 0..SIZE {
            let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
            let face = ((fx - 600.0) / 210.0).powi(2) + ((fy - 590.0) / 290.0).powi(2);
            let mut colour = if face < 1.0 {
                [205, 165, 130]
            } else {
                [60, 66, 58]
            };
            for (ring, iris) in rings.iter().zip(irises) {
                if inside(ring, fx, fy) {
                    let distance = (fx - iris[0]).hypot(fy - iris[1]);
                    colour = if distance < IRIS {
                        [52, 36, 24]
                    } else {
                        [236, 230, 220]
                    };
                }
            }
            let t = (fx - left.x) / (right.x - left.x);
            if (-0.06..=1.06).contains(&t) {
                let mesh = 0.5 * (points[13].y + points[14].y);
                let lips = fy - (mesh + LIP_OFFSET);
                if lips.abs() < 14.0 {
                    colour = [176, 110, 96];
                }
                if lips.abs() < 1.5 {
                    colour = [70, 30, 26];
                }
            }
            picture.pixels_mut()[(y * SIZE + x) as usize] = xrgb(colour);
        }
    }
    picture
}

pub fn drawn() -> Prepared {
    let points = landmarks(SCALE, 0.0);
    match prepare(painting(&points), &points) {
        Ok(prepared) => prepared,
        Err(error) => panic!("{error}"),
    }
}
