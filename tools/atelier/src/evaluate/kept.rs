//! What must not change while a portrait acts: whose face it is, and that it is still before whoever is.
//!
//! Both are measured on the shown pictures, with the same eyes that look at visitors. The field measures identity by the
//! features of a face recognition network; none may be shipped, so the shape of the face (`metrics::faces::shape`) stands in for it. It
//! shows whether the visitor's own face comes through.

use super::metrics::faces::{jitter, shape};
use serde_json::{Value, json};
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_motion::measure;
use std::fmt;

/// A face's points.
pub type Points = Box<[Landmark; LANDMARKS]>;

/// Pixels of 25 cm of an average face, as in the crops of the standard experiment.
const SIDE: f64 = 256.0;
const CENTIMETRES: f64 = 25.0;

/// How far faces are from the painted one at rest, frame by frame.
#[derive(Debug, Default)]
pub struct Identity {
    painted: Option<Points>,
    /// `[visitor, portrait]`, millimetres on an average face.
    apart: [Vec<f64>; 2],
}

impl Identity {
    /// Of a painting in which this face is seen at rest; without one nothing is judged.
    pub fn new(painted: Option<Points>) -> Identity {
        Identity {
            painted,
            apart: Default::default(),
        }
    }

    /// Takes in a frame: the faces of visitor and portrait, where they were found.
    pub fn push(&mut self, faces: [Option<&Points>; 2]) {
        let Some(painted) = &self.painted else {
            return;
        };
        for (apart, face) in self.apart.iter_mut().zip(faces) {
            apart.extend(face.and_then(|face| shape(face, painted)));
        }
    }

    fn means(&self) -> [Option<f64>; 2] {
        let mean = |apart: &Vec<f64>| {
            let sum: f64 = apart.iter().sum();
            (!apart.is_empty()).then(|| sum / apart.len() as f64)
        };
        self.apart.each_ref().map(mean)
    }

    /// For `metrics.json`.
    pub fn json(&self) -> Value {
        let [visitor, portrait] = self.means();
        json!({ "visitor_millimetres": visitor, "portrait_millimetres": portrait })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.means() {
            [Some(visitor), Some(portrait)] => write!(
                f,
                "shape  of the portrait's face {portrait:.2} mm from the painted one, of the visitor's {visitor:.2} mm"
            ),
            _ => write!(f, "shape  not judged: a face was not found"),
        }
    }
}

/// How much a portrait trembles before a frozen driver, pixels at 256 for 25 cm of an average face.
///
/// `noisy` and `quiet` are what was shown of the same frame, taken again and again with and without a camera's fresh noise. The
/// portrait's own life is the same in both and does not count. None where too few faces were found.
pub fn trembling(noisy: &[Points], quiet: &[Points]) -> Option<f64> {
    let first = quiet.first()?;
    let scale = SIDE / CENTIMETRES / f64::from(measure(first).pixels_per_centimetre);
    let apart = noisy.iter().zip(quiet).map(|(noisy, quiet)| {
        Box::new(std::array::from_fn(|index| Landmark {
            x: noisy[index].x - quiet[index].x,
            y: noisy[index].y - quiet[index].y,
            z: 0.0,
        }))
    });
    Some(scale * jitter(&apart.collect::<Vec<_>>())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::canonical::VERTICES;

    fn face(scale: f32, wider: f32, right: f32) -> Points {
        Box::new(std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index];
            Landmark {
                x: 300.0 + right + scale * wider * x,
                y: 300.0 - scale * y,
                z: -scale * z,
            }
        }))
    }

    #[test]
    fn who_is_the_painted_one_is_told_from_who_is_not() {
        let mut identity = Identity::new(Some(face(12.0, 1.0, 0.0)));
        for right in [0.0, 5.0] {
            identity.push([Some(&face(9.0, 1.2, 0.0)), Some(&face(12.0, 1.0, right))]);
        }
        identity.push([None, None]);
        let [visitor, portrait] = identity.means();
        assert!(visitor.unwrap() > 2.0 && portrait.unwrap() < 0.01);
        assert!(identity.to_string().contains("portrait's face 0.00 mm"));
        let mut lost = Identity::new(None);
        lost.push([Some(&face(9.0, 1.2, 0.0)), None]);
        assert!(lost.to_string().contains("not judged"));
    }

    #[test]
    fn own_life_is_no_trembling_and_size_does_not_count() {
        let moving = |scale: f32, noise: f32| -> Vec<Points> {
            let shake = |index: u32| {
                if index.is_multiple_of(2) {
                    noise
                } else {
                    -noise
                }
            };
            // A glance within.
            let glance = |index: u32| if index > 4 { 3.0 } else { 0.0 };
            (0..9)
                .map(|index| face(scale, 1.0, scale * (shake(index) + glance(index))))
                .collect()
        };
        assert_eq!(trembling(&moving(10.0, 0.0), &moving(10.0, 0.0)), Some(0.0));
        let small = trembling(&moving(10.0, 0.01), &moving(10.0, 0.0)).unwrap();
        let large = trembling(&moving(30.0, 0.01), &moving(30.0, 0.0)).unwrap();
        // Second differences of a shake by 0.01 cm: 0.04 cm, at 10.24 pixels a centimetre.
        assert!((small - 0.41).abs() < 0.03, "{small}");
        assert!((small - large).abs() < 0.01, "{small} {large}");
        assert_eq!(
            trembling(&moving(10.0, 0.01)[..2], &moving(10.0, 0.0)),
            None
        );
    }
}
