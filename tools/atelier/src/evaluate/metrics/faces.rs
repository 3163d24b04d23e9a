//! What two faces differ in: points, shape, expression, pose, lids and gaze.
//!
//! All of it is measured by our own face mesh on the truth and on what is shown, both 256 pixels wide. The distance of two
//! identities is usually that of a face recognition network's features. None may be shipped here, so a geometric
//! stand-in takes its place: see [`shape`].

use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::motion::Motion;
use sfumato_motion::measure::Pose;
use sfumato_motion::shape::apart;
use sfumato_motion::style::MEASURED_SHAPES;

/// AKD: mean distance of the landmarks in pixels.
pub fn akd(one: &[Landmark; LANDMARKS], other: &[Landmark; LANDMARKS]) -> f64 {
    let pairs = one.iter().zip(other);
    let sum: f64 = pairs
        .map(|(a, b)| f64::from((a.x - b.x).hypot(a.y - b.y)))
        .sum();
    sum / LANDMARKS as f64
}

/// Pose-free shape distance, millimetres on an average face: a stand-in for the distance of identities.
///
/// Both faces are laid upright and frontal over the canonical face by a rigid fit, and the 35 points that
/// neither lips nor lids move are compared. It sees a head that is squeezed or stretched; it does not see
/// skin, hair or colour, and no network that recognises people was asked.
pub fn shape(one: &[Landmark; LANDMARKS], other: &[Landmark; LANDMARKS]) -> Option<f64> {
    apart(one, other).map(f64::from)
}

/// Expression distance: mean difference of our own coefficients that either face shows or may show.
///
/// What papers call AED is the same thought on the features of another model; the numbers do not compare.
pub fn expression(one: &Motion, other: &Motion) -> f64 {
    let apart = MEASURED_SHAPES.map(|shape| f64::from((one.get(shape) - other.get(shape)).abs()));
    apart.iter().sum::<f64>() / apart.len() as f64
}

/// Pose error: mean difference of yaw, pitch and roll, degrees.
pub fn pose(one: &Pose, other: &Pose) -> f64 {
    let parts = [
        one.yaw - other.yaw,
        one.pitch - other.pitch,
        one.roll - other.roll,
    ];
    parts.iter().map(|part| f64::from(part.abs())).sum::<f64>() / 3.0
}

/// An eye counts as shut below this share of its film's usual opening.
pub const SHUT: f64 = 0.6;

/// What an eye is usually open by in a film: the 80th percentile of its gaps; none where no face is seen.
pub fn usually_open(gaps: &[Option<f64>]) -> Option<f64> {
    let mut there: Vec<f64> = gaps.iter().flatten().copied().collect();
    there.sort_by(f64::total_cmp);
    there.get(there.len().saturating_sub(1) * 4 / 5).copied()
}

/// Blinks of the truth, and how many of them a film misses. Both are tracks of openness, 1 as usual.
///
/// A blink is a run of frames with shut eyes; it is missed when the film's eyes are not shut in any of these frames or the
/// ones next to them.
pub fn blinks(truth: &[Option<f64>], film: &[Option<f64>]) -> (usize, usize) {
    let shut = |track: &[Option<f64>], index: usize| {
        let open = track.get(index).copied().flatten();
        open.is_some_and(|open| open < SHUT)
    };
    let (mut seen, mut missed) = (0, 0);
    let mut index = 0;
    while index < truth.len() {
        if !shut(truth, index) {
            index += 1;
            continue;
        }
        let from = index;
        while shut(truth, index) {
            index += 1;
        }
        seen += 1;
        let mut near = from.saturating_sub(1)..=index;
        missed += usize::from(!near.any(|index| shut(film, index)));
    }
    (seen, missed)
}

/// Jitter: root mean square of the landmarks' second differences over a film, pixels; none of fewer than three.
pub fn jitter(film: &[Box<[Landmark; LANDMARKS]>]) -> Option<f64> {
    let mut sum = 0.0;
    let mut count = 0;
    for three in film.windows(3) {
        let [a, b, c] = three else { continue };
        for ((a, b), c) in a.iter().zip(b.iter()).zip(c.iter()) {
            let (x, y) = (a.x - 2.0 * b.x + c.x, a.y - 2.0 * b.y + c.y);
            sum += f64::from(x * x + y * y);
            count += 1;
        }
    }
    (count > 0).then(|| (sum / f64::from(count)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::canonical::VERTICES;
    use sfumato_core::motion::{Blendshape, Real};

    /// The average face, turned by so many degrees and made wider.
    fn face(yaw: f32, wider: f32, scale: f32) -> Box<[Landmark; LANDMARKS]> {
        let (sin, cos) = (yaw.to_radians().sin(), yaw.to_radians().cos());
        Box::new(std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index];
            let x = x * wider;
            Landmark {
                x: 128.0 + scale * (cos * x + sin * z),
                y: 128.0 - scale * y,
                z: -scale * (cos * z - sin * x),
            }
        }))
    }

    #[test]
    fn a_shift_is_its_length() {
        let one = face(0.0, 1.0, 10.0);
        let mut other = one.clone();
        for point in other.iter_mut() {
            point.x += 3.0;
            point.y += 4.0;
        }
        assert_eq!(akd(&one, &one), 0.0);
        assert!((akd(&one, &other) - 5.0).abs() < 1e-4);
    }

    #[test]
    fn shape_knows_neither_pose_nor_size() {
        let same = shape(&face(0.0, 1.0, 10.0), &face(25.0, 1.0, 7.0)).unwrap();
        let wider = shape(&face(0.0, 1.0, 10.0), &face(0.0, 1.1, 10.0)).unwrap();
        assert!(same < 0.01 && wider > 1.0, "{same} {wider}");
        assert_eq!(
            shape(&[Landmark::default(); LANDMARKS], &face(0.0, 1.0, 1.0)),
            None
        );
    }

    #[test]
    fn expression_counts_what_is_measured() {
        let mut motion = Motion::REST;
        assert_eq!(expression(&motion, &Motion::REST), 0.0);
        motion.set(Blendshape::JawOpen, Real::lit("0.5"));
        let known = 0.5 / MEASURED_SHAPES.len() as f64;
        assert!((expression(&motion, &Motion::REST) - known).abs() < 1e-4);
    }

    #[test]
    fn poses_differ_by_degrees() {
        let pose_of = |yaw, pitch, roll| Pose { yaw, pitch, roll };
        assert!((pose(&pose_of(10.0, 0.0, 0.0), &pose_of(4.0, -2.0, 1.0)) - 3.0).abs() < 1e-6);
    }

    #[test]
    fn blinks_are_counted_and_missed_ones_too() {
        let open = |values: &[f64]| values.iter().map(|&value| Some(value)).collect::<Vec<_>>();
        let truth = open(&[1.0, 0.3, 0.2, 1.0, 1.0, 1.0, 0.1, 1.0, 1.0, 1.0, 0.5]);
        // The first is followed one frame late, the second not at all, the last half.
        let film = open(&[1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 0.7, 1.0, 1.0, 1.0, 0.55]);
        assert_eq!(blinks(&truth, &film), (3, 1));
        assert_eq!(blinks(&truth, &truth), (3, 0));
        assert_eq!(blinks(&film, &[None; 11]), (2, 2));
        assert_eq!(
            usually_open(&open(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5])),
            Some(0.4)
        );
        assert_eq!(usually_open(&[None]), None);
    }

    #[test]
    fn even_motion_does_not_jitter() {
        let film = |shift: fn(f32) -> f32| -> Vec<_> {
            let at = |frame: i32| {
                let mut face = face(0.0, 1.0, 10.0);
                face.iter_mut()
                    .for_each(|point| point.x += shift(frame as f32));
                face
            };
            (0..9).map(at).collect()
        };
        assert!(jitter(&film(|frame| 2.0 * frame)).unwrap() < 1e-4);
        // One pixel to and fro: every second difference is 2.
        let shaking = film(|frame| frame % 2.0);
        assert!((jitter(&shaking).unwrap() - 2.0).abs() < 1e-4);
        assert_eq!(jitter(&shaking[..2]), None);
    }
}
