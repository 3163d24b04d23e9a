//! Decoding, suppression, crops and sampling keep their rules for any input.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::geometry::{Box2, Point};
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_faces::crop::{Crop, bounds};
use sfumato_faces::detection::{Detection, Range, decode};
use sfumato_faces::sample::{Levels, Outside, sample};

const UNIT: Crop = Crop {
    centre: Point { x: 0.5, y: 0.5 },
    size: 1.0,
    rotation: 0.0,
};

const BYTES: Levels = Levels {
    black: 0.0,
    white: 255.0,
};

fn ranges() -> impl Strategy<Value = Range> {
    prop_oneof![Just(Range::Short), Just(Range::Full)]
}

fn crops() -> impl Strategy<Value = Crop> {
    (
        -500.0f32..2000.0,
        -500.0f32..2000.0,
        8.0f32..2000.0,
        -3.2f32..3.2,
    )
        .prop_map(|(x, y, size, rotation)| Crop {
            centre: Point { x, y },
            size,
            rotation,
        })
}

/// Raw detector outputs in which one anchor sees a face exactly where `face` says (0 to 1).
fn lit(range: Range, index: usize, raw_score: f32, face: &Detection) -> (Vec<f32>, Vec<f32>) {
    let size = range.input_size() as f32;
    let anchor = range.anchor(index).unwrap();
    let mut scores = vec![-100.0; range.anchors()];
    let mut boxes = vec![0.0; 16 * range.anchors()];
    scores[index] = raw_score;
    let values = &mut boxes[16 * index..][..16];
    let centre = face.bounds.centre();
    values[0] = size * (centre.x - anchor.x);
    values[1] = size * (centre.y - anchor.y);
    values[2] = size * face.bounds.width();
    values[3] = size * face.bounds.height();
    for (pair, point) in values[4..].chunks_exact_mut(2).zip(face.keypoints) {
        pair[0] = size * (point.x - anchor.x);
        pair[1] = size * (point.y - anchor.y);
    }
    (boxes, scores)
}

#[test]
fn anchors_are_those_of_the_models() {
    assert_eq!(Range::Short.anchors(), 896);
    assert_eq!(Range::Full.anchors(), 2304);
    let first = Range::Short.anchor(0).unwrap();
    assert_eq!((first.x, first.y), (0.03125, 0.03125));
    // Two anchors share a cell, rows come first, and the coarse grid follows the fine one.
    assert_eq!(Range::Short.anchor(0), Range::Short.anchor(1));
    assert_eq!(Range::Short.anchor(2).unwrap().x, 0.09375);
    assert_eq!(Range::Short.anchor(512).unwrap().x, 0.0625);
    assert_eq!(Range::Short.anchor(896), None);
    assert_eq!(Range::Full.anchor(48).unwrap().y, 1.5 / 48.0);
}

proptest! {
    #[test]
    fn a_face_comes_out_where_it_was_put(
        range in ranges(),
        pick in 0.0f64..1.0,
        raw_score in 0.5f32..20.0,
        (x, y, width, height) in (0.1f32..0.9, 0.1f32..0.9, 0.02f32..0.6, 0.02f32..0.6),
        points in proptest::array::uniform6((0.0f32..1.0, 0.0f32..1.0)),
        (columns, rows) in (64usize..4000, 64usize..4000),
    ) {
        let face = Detection {
            score: 0.0,
            bounds: Box2 {
                left: x - 0.5 * width,
                right: x + 0.5 * width,
                top: y - 0.5 * height,
                bottom: y + 0.5 * height,
            },
            keypoints: points.map(|(x, y)| Point { x, y }),
        };
        let index = (pick * range.anchors() as f64) as usize;
        let (boxes, scores) = lit(range, index, raw_score, &face);
        let crop = Crop::letterbox(columns, rows);
        let found = decode(range, &boxes, &scores, &crop);
        prop_assert_eq!(found.len(), 1);
        let side = columns.max(rows) as f32;
        let close = |a: f32, b: f32| (a - b).abs() < 1e-4 * side;
        let corner = crop.to_picture(Point { x: face.bounds.left, y: face.bounds.top });
        prop_assert!(close(found[0].bounds.left, corner.x));
        prop_assert!(close(found[0].bounds.top, corner.y));
        prop_assert!(close(found[0].bounds.width(), width * side));
        for (point, expected) in found[0].keypoints.iter().zip(face.keypoints) {
            let expected = crop.to_picture(expected);
            prop_assert!(close(point.x, expected.x) && close(point.y, expected.y));
        }
        prop_assert!((found[0].score - 1.0 / (1.0 + (-raw_score).exp())).abs() < 1e-5);
    }

    #[test]
    fn any_numbers_give_sound_detections(
        range in ranges(),
        values in proptest::collection::vec(prop_oneof![
            8 => -300.0f32..300.0,
            1 => Just(f32::NAN),
            1 => Just(f32::INFINITY),
        ], 640),
        scores in proptest::collection::vec(prop_oneof![
            6 => -3.0f32..3.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)
        ], 40),
    ) {
        let found = decode(range, &values, &scores, &UNIT);
        for detection in &found {
            prop_assert!((range.least_score()..=1.0).contains(&detection.score));
            prop_assert!(detection.bounds.width().is_finite());
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }

    #[test]
    fn overlapping_detections_become_their_weighted_mean(
        shift in 0.0f32..0.05,
        (first, second) in (0.5f32..4.0, 0.5f32..4.0),
    ) {
        let face = |left: f32| Detection {
            score: 0.0,
            bounds: Box2 { left, right: left + 0.3, top: 0.2, bottom: 0.5 },
            keypoints: [Point { x: left, y: 0.3 }; 6],
        };
        let (mut boxes, mut scores) = lit(Range::Short, 10, first, &face(0.2));
        let (other, _) = lit(Range::Short, 11, second, &face(0.2 + shift));
        boxes[16 * 11..16 * 12].copy_from_slice(&other[16 * 11..16 * 12]);
        scores[11] = second;
        let found = decode(Range::Short, &boxes, &scores, &UNIT);
        prop_assert_eq!(found.len(), 1);
        let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
        let (a, b) = (logistic(first), logistic(second));
        let mean = (a * 0.2 + b * (0.2 + shift)) / (a + b);
        prop_assert!((found[0].bounds.left - mean).abs() < 1e-4);
        prop_assert!((found[0].keypoints[3].x - mean).abs() < 1e-4);
        prop_assert!((found[0].score - a.max(b)).abs() < 1e-5);
    }

    #[test]
    fn a_crop_leads_there_and_back(crop in crops(), x in -1.0f32..2.0, y in -1.0f32..2.0) {
        let back = crop.from_picture(crop.to_picture(Point { x, y }));
        prop_assert!((back.x - x).abs() < 1e-3 && (back.y - y).abs() < 1e-3);
    }

    #[test]
    fn landmarks_are_projected_as_points_are(
        crop in crops(),
        raw in proptest::collection::vec(-20.0f32..212.0, 3 * LANDMARKS),
    ) {
        let mut landmarks = [Landmark::default(); LANDMARKS];
        crop.project(&raw, 192.0, &mut landmarks);
        for (landmark, raw) in landmarks.iter().zip(raw.chunks_exact(3)) {
            let expected = crop.to_picture(Point { x: raw[0] / 192.0, y: raw[1] / 192.0 });
            let tolerance = 1e-5 * (crop.size + crop.centre.x.abs() + crop.centre.y.abs()) + 1e-3;
            prop_assert!((landmark.x - expected.x).abs() < tolerance);
            prop_assert!((landmark.y - expected.y).abs() < tolerance);
            prop_assert!((landmark.z - raw[2] / 192.0 * crop.size).abs() < tolerance);
        }
    }

    #[test]
    fn the_next_crop_follows_the_face(
        angle in -1.5f32..1.5,
        size in 20.0f32..900.0,
        (x, y) in (0.0f32..2000.0, 0.0f32..2000.0),
    ) {
        // A face is any cloud of points whose eye corners are level before it is turned.
        let mut landmarks = [Landmark::default(); LANDMARKS];
        for (index, landmark) in landmarks.iter_mut().enumerate() {
            let around = index as f32 * 0.7;
            let (u, v) = (0.4 * size * around.cos(), 0.5 * size * around.sin());
            *landmark = Landmark { x: u, y: v, z: 0.0 };
        }
        (landmarks[33].x, landmarks[33].y) = (-0.3 * size, -0.1 * size);
        (landmarks[263].x, landmarks[263].y) = (0.3 * size, -0.1 * size);
        for landmark in &mut landmarks {
            let (u, v) = (landmark.x, landmark.y);
            landmark.x = x + angle.cos() * u - angle.sin() * v;
            landmark.y = y + angle.sin() * u + angle.cos() * v;
        }
        let crop = Crop::around_landmarks(&landmarks);
        let found = bounds(&landmarks);
        prop_assert!((crop.rotation - angle).abs() < 1e-3);
        prop_assert!((crop.size - 1.5 * found.width().max(found.height())).abs() < 1e-2);
        prop_assert!((crop.centre.x - found.centre().x).abs() < 1e-2);
        // Level again in the crop's own coordinates.
        let [right, left] = [33, 263].map(|index| {
            crop.from_picture(Point { x: landmarks[index].x, y: landmarks[index].y })
        });
        prop_assert!((right.y - left.y).abs() < 1e-3 && left.x > right.x);
    }

    #[test]
    fn sampling_never_leaves_the_picture_s_levels(
        crop in crops(),
        (width, height) in (1usize..20, 1usize..20),
        nearest in any::<bool>(),
        level in 1u8..255,
    ) {
        let data = vec![[level; 3]; width * height];
        let picture = Pixels::new(&data, width, height, width).unwrap();
        let outside = if nearest { Outside::Nearest } else { Outside::Black };
        let mut planes = vec![f32::NAN; 3 * 64];
        sample(picture, &crop, outside, BYTES, 8, &mut planes);
        for value in planes {
            prop_assert!((-1e-3..=f32::from(level) + 1e-3).contains(&value));
            if nearest {
                prop_assert!((value - f32::from(level)).abs() < 1e-3);
            }
        }
    }
}

/// A picture in which every pixel differs from its neighbours.
fn pattern(width: usize, height: usize) -> Vec<Rgb> {
    (0..width * height)
        .map(|index| [(7 * index) as u8, (13 * index + 5) as u8, (index / 3) as u8])
        .collect()
}

#[test]
fn a_picture_of_the_network_s_size_is_copied() {
    let data = pattern(16, 16);
    let picture = Pixels::new(&data, 16, 16, 16).unwrap();
    let mut planes = vec![0.0; 3 * 256];
    let crop = Crop::letterbox(16, 16);
    sample(picture, &crop, Outside::Black, BYTES, 16, &mut planes);
    for (index, pixel) in data.iter().enumerate() {
        for channel in 0..3 {
            let value = planes[256 * channel + index];
            assert!(
                (value - f32::from(pixel[channel])).abs() < 1e-3,
                "{index} {value}"
            );
        }
    }
}

#[test]
fn a_quarter_turn_turns_the_picture() {
    let data = pattern(16, 16);
    let picture = Pixels::new(&data, 16, 16, 16).unwrap();
    let mut planes = vec![0.0; 3 * 256];
    let crop = Crop {
        rotation: core::f32::consts::FRAC_PI_2,
        ..Crop::letterbox(16, 16)
    };
    sample(picture, &crop, Outside::Nearest, BYTES, 16, &mut planes);
    // Column x, row y of the crop lies at column 16 - y, row x of the picture.
    for y in 1..16 {
        for x in 0..16 {
            let expected = data[x * 16 + (16 - y)];
            assert!((planes[y * 16 + x] - f32::from(expected[0])).abs() < 1e-3);
        }
    }
}

#[test]
fn half_way_between_pixels_is_their_mean_rounded() {
    let data = [[10, 0, 0], [21, 0, 0], [10, 0, 0], [21, 0, 0]];
    let picture = Pixels::new(&data, 2, 2, 2).unwrap();
    let mut planes = vec![0.0; 3 * 16 * 16];
    // One step is half a pixel, and column 0 reads position 0.
    let crop = Crop {
        centre: Point { x: 4.0, y: 4.0 },
        size: 8.0,
        rotation: 0.0,
    };
    sample(picture, &crop, Outside::Black, BYTES, 16, &mut planes);
    let row: Vec<i32> = planes[..5]
        .iter()
        .map(|value| value.round() as i32)
        .collect();
    // 15.5 rounds up; beyond the last pixel it fades to black.
    assert_eq!(row, [10, 16, 21, 11, 0]);
}

#[test]
fn strides_are_kept_to() {
    let mut padded = vec![[255u8; 3]; 5 * 4];
    for (index, pixel) in pattern(4, 4).into_iter().enumerate() {
        padded[index / 4 * 5 + index % 4] = pixel;
    }
    let tight = pattern(4, 4);
    let crop = Crop::letterbox(4, 4);
    let read = |data: &[Rgb], stride: usize| {
        let mut planes = vec![0.0; 3 * 64];
        let picture = Pixels::new(data, 4, 4, stride).unwrap();
        sample(picture, &crop, Outside::Nearest, BYTES, 8, &mut planes);
        planes
    };
    assert_eq!(read(&padded, 5), read(&tight, 4));
}
