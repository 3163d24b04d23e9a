//! Where a face is cut out: upright, of one size, and as calm as a hand-held camera.
//!
//! A crop is a square of [`SIDE`] pixels, laid by a [`Transform`]: a turn, a size and a shift, no more. As in
//! FFHQ its middle lies a little below the middle between the eyes and the line of the eyes is level. Its size is
//! [`CENTIMETRES`] of an average face, where FFHQ takes twice the distance of the eyes or 1.8 times that of eyes and
//! mouth, whichever is more, which comes to the same on a frontal face; but the size here is that of the rigid fit over the
//! whole face (`sfumato_motion::measure`), which a turned head or an open mouth does not change.
//!
//! Laid anew for each frame, crops would jitter with the landmarks, and every movement of the head would be taken out of
//! them. So the places are smoothed over time, forwards and backwards alike, by a bell curve of [`CALM`] seconds: drifting
//! and zooming are followed, nods and turns stay in the picture. After half a second without the face smoothing
//! begins anew.
//!
//! A frame's transform leads from crop to picture and is kept with the frame. Pixel centres lie at halves in both.

use sfumato_core::face::Landmark;
use sfumato_core::time::{Micros, Moment};
use sfumato_motion::Measurement;

/// Columns and rows of a crop.
pub const SIDE: usize = 256;

/// How much of an average face's plane a crop shows, from side to side.
pub const CENTIMETRES: f32 = 25.0;

/// How far below the middle between the eyes a crop's middle lies, in centimetres.
pub const BELOW_EYES: f32 = 0.65;

/// The bell curve's standard deviation in seconds.
pub const CALM: f32 = 0.3;

/// After so long without the face smoothing begins anew.
const GAP: Micros = Micros::from_millis(500);

/// From crop to picture: `x = a u + b v + x0`, `y = a v - b u + y0`.
///
/// `a` and `b` are the length of a crop's pixel in pixels of the picture, times cosine and sine of how far the crop
/// leans counter-clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Picture pixels a crop pixel, along.
    pub a: f32,
    /// Picture pixels a crop pixel, across.
    pub b: f32,
    /// Where the crop's left upper corner lies, pixels from the picture's left edge.
    pub x0: f32,
    /// Where it lies, pixels from the picture's upper edge.
    pub y0: f32,
}

impl Transform {
    /// Of a crop whose middle, side (pixels of the picture) and lean (degrees counter-clockwise) are given.
    pub fn around(middle: [f32; 2], side: f32, lean: f32) -> Transform {
        let scale = side / SIDE as f32;
        let lean = lean.to_radians();
        let (a, b) = (scale * libm::cosf(lean), scale * libm::sinf(lean));
        let half = 0.5 * SIDE as f32;
        Transform {
            a,
            b,
            x0: middle[0] - (a + b) * half,
            y0: middle[1] - (a - b) * half,
        }
    }

    /// Pixels of the picture a pixel of the crop.
    pub fn scale(&self) -> f32 {
        libm::hypotf(self.a, self.b)
    }

    /// Whether it can be undone, and all of it is a number.
    pub fn is_usable(&self) -> bool {
        let values = [self.a, self.b, self.x0, self.y0];
        let scale = self.scale();
        values.iter().all(|value| value.is_finite()) && (1e-4..1e4).contains(&scale)
    }

    /// A point of the crop, in the picture.
    pub fn to_picture(&self, u: f32, v: f32) -> [f32; 2] {
        [
            self.a * u + self.b * v + self.x0,
            self.a * v - self.b * u + self.y0,
        ]
    }

    /// A point of the picture, in the crop.
    pub fn to_crop(&self, x: f32, y: f32) -> [f32; 2] {
        let square = self.a * self.a + self.b * self.b;
        let (x, y) = (x - self.x0, y - self.y0);
        [
            (self.a * x - self.b * y) / square,
            (self.b * x + self.a * y) / square,
        ]
    }

    /// A landmark of the picture, in the crop; depth in pixels of the crop too.
    pub fn landmark_to_crop(&self, at: &Landmark) -> [f32; 3] {
        let [u, v] = self.to_crop(at.x, at.y);
        [u, v, at.z / self.scale()]
    }

    /// A landmark of the crop, in the picture.
    pub fn landmark_to_picture(&self, [u, v, depth]: [f32; 3]) -> Landmark {
        let [x, y] = self.to_picture(u, v);
        let z = depth * self.scale();
        Landmark { x, y, z }
    }
}

/// Where one frame alone would have the crop.
#[derive(Clone, Copy, Debug)]
struct Place {
    captured: Moment,
    middle: [f64; 2],
    /// Logarithm of the side, so that growing and shrinking weigh alike.
    size: f64,
    /// Cosine and sine of the lean.
    lean: [f64; 2],
}

impl Place {
    fn of(captured: Moment, seen: &Measurement) -> Option<Place> {
        let scale = seen.pixels_per_centimetre;
        let lean = seen.pose.roll.to_radians();
        let (cos, sin) = (libm::cosf(lean), libm::sinf(lean));
        let down = BELOW_EYES * scale;
        let [x, y] = seen.between_eyes;
        let place = Place {
            captured,
            middle: [f64::from(x + sin * down), f64::from(y + cos * down)],
            size: libm::log(f64::from(scale.max(f32::MIN_POSITIVE))),
            lean: [f64::from(cos), f64::from(sin)],
        };
        (seen.is_plausible() && place.middle.iter().all(|value| value.is_finite())).then_some(place)
    }
}

/// The crops of a clip's frames; none where the face was not seen, or was none.
///
/// `frames` are the moments of all frames, which must not run backwards, and what was measured of the face.
pub fn align(frames: &[(Moment, Option<Measurement>)]) -> Vec<Option<Transform>> {
    let places: Vec<Option<Place>> = frames
        .iter()
        .map(|(captured, seen)| Place::of(*captured, seen.as_ref()?))
        .collect();
    let mut transforms = vec![None; frames.len()];
    let mut run: Vec<(usize, Place)> = Vec::new();
    for (index, place) in places.into_iter().enumerate() {
        let Some(place) = place else { continue };
        let breaks =
            (run.last()).is_some_and(|(_, last)| last.captured.until(place.captured) > GAP);
        if breaks {
            smooth(&run, &mut transforms);
            run.clear();
        }
        run.push((index, place));
    }
    smooth(&run, &mut transforms);
    transforms
}

/// Smooths the places of frames that follow one another.
fn smooth(run: &[(usize, Place)], transforms: &mut [Option<Transform>]) {
    let reach = Micros::from_millis((3000.0 * CALM) as u64);
    let mut first = 0;
    for (index, at) in run {
        while run
            .get(first)
            .is_some_and(|(_, place)| place.captured.until(at.captured) > reach)
        {
            first += 1;
        }
        let near = run
            .iter()
            .skip(first)
            .take_while(|(_, place)| at.captured.until(place.captured) <= reach);
        let (mut all, mut middle, mut size, mut lean) = (0.0, [0.0; 2], 0.0, [0.0; 2]);
        for (_, place) in near {
            let apart = place.captured.0.abs_diff(at.captured.0) as f64 / 1e6 / f64::from(CALM);
            let weight = libm::exp(-0.5 * apart * apart);
            all += weight;
            size += weight * place.size;
            for axis in 0..2 {
                middle[axis] += weight * place.middle[axis];
                lean[axis] += weight * place.lean[axis];
            }
        }
        let side = f64::from(CENTIMETRES) * libm::exp(size / all);
        let transform = Transform::around(
            middle.map(|sum| (sum / all) as f32),
            side as f32,
            (libm::atan2(lean[1], lean[0]) as f32).to_degrees(),
        );
        if let Some(slot) = transforms.get_mut(*index) {
            *slot = Some(transform).filter(Transform::is_usable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sfumato_core::canonical::VERTICES;
    use sfumato_core::face::LANDMARKS;
    use sfumato_motion::measure;

    /// The average face, upright or leaning, in a picture.
    fn face(middle: [f32; 2], scale: f32, lean: f32) -> Measurement {
        let (cos, sin) = (lean.to_radians().cos(), lean.to_radians().sin());
        let landmarks: [Landmark; LANDMARKS] = std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index].map(|value| scale * value);
            Landmark {
                x: middle[0] + cos * x - sin * y,
                y: middle[1] - (sin * x + cos * y),
                z: -z,
            }
        });
        measure(&landmarks)
    }

    fn frames(count: u64, of: impl Fn(f32) -> Measurement) -> Vec<(Moment, Option<Measurement>)> {
        let at = |index| Moment(index * 40_000);
        (0..count)
            .map(|index| (at(index), Some(of(index as f32))))
            .collect()
    }

    #[test]
    fn eyes_are_level_and_the_face_is_in_the_middle() {
        for lean in [-30.0, 0.0, 20.0] {
            let still = frames(3, |_| face([300.0, 200.0], 8.0, lean));
            let transform = align(&still)[1].unwrap();
            assert!((transform.scale() - 8.0 * CENTIMETRES / 256.0).abs() < 0.01);
            let seen = still[1].1.unwrap();
            let [u, v] = transform.to_crop(seen.between_eyes[0], seen.between_eyes[1]);
            assert!((u - 128.0).abs() < 0.1, "{u}");
            assert!(
                (v - (128.0 - 256.0 * BELOW_EYES / CENTIMETRES)).abs() < 0.1,
                "{v}"
            );
            // One eye's outer corner, which is `VERTICES[33]`, is as high as the other's.
            let corner = |x: f32| {
                let (cos, sin) = (lean.to_radians().cos(), lean.to_radians().sin());
                let (x, y) = (8.0 * x, 8.0 * VERTICES[33][1]);
                transform.to_crop(300.0 + cos * x - sin * y, 200.0 - (sin * x + cos * y))
            };
            let (right, left) = (corner(VERTICES[33][0]), corner(VERTICES[263][0]));
            assert!((right[1] - left[1]).abs() < 0.1, "{right:?} {left:?}");
            assert!(right[0] < left[0]);
        }
    }

    #[test]
    fn jitter_goes_and_drift_stays() {
        let shaking = frames(60, |index| {
            let jitter = if index as i32 % 2 == 0 { 2.0 } else { -2.0 };
            face([300.0 + index + jitter, 200.0], 8.0, 0.0)
        });
        let x: Vec<f32> = align(&shaking)
            .iter()
            .map(|crop| crop.unwrap().x0)
            .collect();
        for pair in x[20..40].windows(2) {
            assert!((pair[1] - pair[0] - 1.0).abs() < 0.05, "{pair:?}");
        }
    }

    #[test]
    fn a_cut_is_not_smoothed_over() {
        let mut cut = frames(80, |index| {
            face([if index < 40.0 { 100.0 } else { 400.0 }, 200.0], 8.0, 0.0)
        });
        for frame in &mut cut[32..48] {
            frame.1 = None;
        }
        let crops = align(&cut);
        assert!(crops[32..48].iter().all(Option::is_none));
        let (before, after) = (crops[31].unwrap().x0, crops[48].unwrap().x0);
        assert!((after - before - 300.0).abs() < 0.1, "{before} {after}");
    }

    proptest! {
        #[test]
        fn back_and_forth(x in -500f32..500.0, y in -500f32..500.0, side in 20f32..900.0, lean in -180f32..180.0) {
            let transform = Transform::around([x, y], side, lean);
            prop_assert!(transform.is_usable());
            let [u, v] = transform.to_crop(x, y);
            prop_assert!((u - 128.0).abs() < 0.1 && (v - 128.0).abs() < 0.1, "{} {}", u, v);
            let [x2, y2] = transform.to_picture(u, v);
            prop_assert!((x - x2).abs() < 0.01 && (y - y2).abs() < 0.01);
        }
    }
}
