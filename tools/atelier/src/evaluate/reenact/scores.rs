//! All measures of a film against the truth, frame by frame.

use super::film::Shown;
use crate::evaluate::metrics::faces::{self, SHUT};
use crate::evaluate::metrics::gradient::gmsd;
use crate::evaluate::metrics::luma::Plane;
use crate::evaluate::metrics::psnr::psnr;
use crate::evaluate::metrics::ssim::ssim;
use sfumato_core::motion::Motion;
use sfumato_corpus::align::SIDE;
use sfumato_motion::relative::{Rest, Ruler, acted};

/// Something that is measured of every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Decibels.
    Psnr,
    /// At most 1.
    Ssim,
    /// From 0.
    Gmsd,
    /// Pixels at 256.
    Akd,
    /// Millimetres on an average face.
    Shape,
    /// Coefficients.
    Expression,
    /// Degrees.
    Pose,
    /// Shares of the usual opening.
    Blink,
    /// Iris radii.
    Gaze,
}

impl Measure {
    /// All of them, as they stand in the table.
    pub const ALL: [Measure; 9] = [
        Measure::Psnr,
        Measure::Ssim,
        Measure::Gmsd,
        Measure::Akd,
        Measure::Shape,
        Measure::Expression,
        Measure::Pose,
        Measure::Blink,
        Measure::Gaze,
    ];

    /// The name in JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Psnr => "psnr",
            Measure::Ssim => "ssim",
            Measure::Gmsd => "gmsd",
            Measure::Akd => "akd",
            Measure::Shape => "shape_distance",
            Measure::Expression => "expression_distance",
            Measure::Pose => "pose_error",
            Measure::Blink => "blink_error",
            Measure::Gaze => "gaze_error",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        matches!(self, Measure::Psnr | Measure::Ssim)
    }
}

/// Every measure of every judged frame of one film.
#[derive(Clone, Debug)]
pub struct Scores {
    /// By measure, as in [`Measure::ALL`], then by frame; none where it cannot be measured.
    pub values: Vec<Vec<Option<f64>>>,
    /// Blinks of the truth, and how many of them are missed.
    pub blinks: (usize, usize),
    /// Share of the frames in which a face is found.
    pub found: f64,
    /// Pixels; none where no face is found.
    pub jitter: Option<f64>,
}

impl Scores {
    /// Of a film against the truth. `rest` is the face from which expressions are counted.
    pub fn new(truth: &[Shown], film: &[Shown], rest: &Rest) -> Scores {
        let openness = |film: &[Shown]| {
            let gap = |shown: &Shown| {
                let seen = shown.seen.as_ref()?;
                Some(f64::from(seen.measured.features.eye_opening))
            };
            let gaps: Vec<Option<f64>> = film.iter().map(gap).collect();
            let usual = faces::usually_open(&gaps).unwrap_or(1.0).max(1e-6);
            let share = |gap: Option<f64>| gap.map(|gap| gap / usual);
            gaps.into_iter().map(share).collect::<Vec<_>>()
        };
        let (eyes, shown_eyes) = (openness(truth), openness(film));
        let open = eyes.iter().zip(&shown_eyes);
        let mut values = vec![Vec::with_capacity(film.len()); Measure::ALL.len()];
        for ((one, other), open) in truth.iter().zip(film).zip(open) {
            let frame = frame(one, other, (*open.0, *open.1), rest);
            for (track, value) in values.iter_mut().zip(frame) {
                track.push(value);
            }
        }
        let found = film.iter().filter(|shown| shown.seen.is_some()).count();
        Scores {
            values,
            blinks: faces::blinks(&eyes, &shown_eyes),
            found: found as f64 / film.len().max(1) as f64,
            jitter: None,
        }
    }

    /// One measure, frame by frame.
    pub fn of(&self, measure: Measure) -> &[Option<f64>] {
        let place = Measure::ALL.iter().position(|&other| other == measure);
        let track = place.and_then(|place| self.values.get(place));
        track.map_or(&[], Vec::as_slice)
    }
}

/// One frame by every measure.
fn frame(
    truth: &Shown,
    film: &Shown,
    open: (Option<f64>, Option<f64>),
    rest: &Rest,
) -> [Option<f64>; Measure::ALL.len()] {
    let (a, b) = (
        Plane::luma(&truth.crop, SIDE),
        Plane::luma(&film.crop, SIDE),
    );
    let faces = truth.seen.as_ref().zip(film.seen.as_ref());
    let by_face = |measure: Measure| {
        let (one, other) = faces?;
        match measure {
            Measure::Akd => Some(faces::akd(&one.landmarks, &other.landmarks)),
            Measure::Shape => faces::shape(&one.landmarks, &other.landmarks),
            Measure::Expression => {
                let motion = |seen: &super::driver::Seen| -> Motion {
                    acted(&seen.measured, &seen.look, rest, &Ruler::DEVICE).motion
                };
                Some(faces::expression(&motion(one), &motion(other)))
            }
            Measure::Pose => Some(faces::pose(&one.measured.pose, &other.measured.pose)),
            // Behind shut lids an iris is guessed.
            Measure::Gaze if open.0? >= SHUT => {
                let (a, b) = (one.look.offset, other.look.offset);
                Some(f64::from((a[0] - b[0]).hypot(a[1] - b[1])))
            }
            _ => None,
        }
    };
    Measure::ALL.map(|measure| match measure {
        Measure::Psnr => Some(psnr(&truth.crop, &film.crop)),
        Measure::Ssim => Some(ssim(&a, &b)),
        Measure::Gmsd => Some(gmsd(&a, &b)),
        Measure::Blink => Some((open.0? - open.1?).abs()),
        other => by_face(other),
    })
}

#[cfg(test)]
mod tests {
    use super::super::driver::Seen;
    use super::*;
    use sfumato_core::canonical::VERTICES;
    use sfumato_core::face::Landmark;

    fn shown(level: u8) -> Shown {
        let landmarks = std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index].map(|value| 10.0 * value);
            Landmark {
                x: 128.0 + x,
                y: 128.0 - y,
                z: -z,
            }
        });
        let rim = [[0.0, 0.0], [4.0, 0.0], [0.0, -4.0], [-4.0, 0.0], [0.0, 4.0]];
        let iris = |x: f32| {
            rim.map(|[dx, dy]| Landmark {
                x: x + dx,
                y: 100.0 + dy,
                z: 0.0,
            })
        };
        Shown {
            crop: (0..SIDE * SIDE)
                .map(|i| [level, (i % 251) as u8, (i / 256) as u8])
                .collect(),
            seen: Seen::of(Box::new(landmarks), &[iris(95.0), iris(160.0)]),
        }
    }

    #[test]
    fn the_truth_itself_is_perfect() {
        let truth = vec![shown(80); 12];
        let first = truth[0].seen.clone().unwrap();
        let rest = Rest::of(&first.measured, &first.look);
        let scores = Scores::new(&truth, &truth, &rest);
        for measure in Measure::ALL {
            let perfect = match measure {
                Measure::Psnr => crate::evaluate::metrics::psnr::EQUAL,
                Measure::Ssim => 1.0,
                _ => 0.0,
            };
            for value in scores.of(measure) {
                let value = value.unwrap();
                assert!(
                    (value - perfect).abs() < 1e-6,
                    "{}: {value}",
                    measure.name()
                );
            }
        }
        assert_eq!((scores.blinks, scores.found), ((0, 0), 1.0));
    }

    #[test]
    fn a_lost_face_is_told_and_not_counted_as_perfect() {
        let truth = vec![shown(80); 4];
        let first = truth[0].seen.clone().unwrap();
        let rest = Rest::of(&first.measured, &first.look);
        let mut film = vec![shown(90); 4];
        film[1].seen = None;
        let scores = Scores::new(&truth, &film, &rest);
        assert_eq!(scores.found, 0.75);
        assert_eq!(scores.of(Measure::Akd)[1], None);
        assert!(scores.of(Measure::Psnr)[1].unwrap() < 40.0);
    }
}
