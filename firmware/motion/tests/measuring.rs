//! Measuring: known shapes in known poses come out as known numbers.

mod common;

use common::{Act, face, shake};
use proptest::prelude::*;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_motion::measure;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pose_is_found(
        yaw in -60f32..60.0, pitch in -40f32..40.0, roll in -40f32..40.0,
        scale in 1f32..80.0, x in -500f32..2000.0, y in -500f32..2000.0,
    ) {
        let act = Act { yaw, pitch, roll, scale, at: [x, y], ..Act::default() };
        let seen = measure(&face(&act).landmarks);
        prop_assert!(seen.is_plausible());
        prop_assert!((seen.pose.yaw - yaw).abs() < 0.05, "yaw {} {}", seen.pose.yaw, yaw);
        prop_assert!((seen.pose.pitch - pitch).abs() < 0.05, "pitch {} {}", seen.pose.pitch, pitch);
        prop_assert!((seen.pose.roll - roll).abs() < 0.1, "roll {} {}", seen.pose.roll, roll);
        prop_assert!((seen.pixels_per_centimetre / scale - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_shape_does_not_depend_on_the_pose(
        yaw in -30f32..30.0, pitch in -20f32..20.0, roll in -30f32..30.0, scale in 3f32..60.0,
        eyes in 0.2f32..1.2, mouth in 0f32..0.8, width in 0.7f32..1.3, brows in -0.05f32..0.1,
    ) {
        let still = Act { eyes: [eyes; 2], mouth, width, brows, pitch: 0.0, ..Act::default() };
        let turned = Act { yaw, pitch, roll, scale, ..still };
        let a = measure(&face(&still).landmarks).features;
        let b = measure(&face(&turned).landmarks).features;
        prop_assert!((a.mouth_opening - b.mouth_opening).abs() < 2e-3);
        prop_assert!((a.mouth_opening - mouth).abs() < 0.1 * mouth + 2e-3, "{} {}", a.mouth_opening, mouth);
        prop_assert!((a.mouth_width / b.mouth_width - 1.0).abs() < 2e-3);
        prop_assert!((a.mouth_width / (0.552_47 * width) - 1.0).abs() < 1e-2);
        for side in 0..2 {
            prop_assert!((a.brow_inner[side] - b.brow_inner[side]).abs() < 2e-3);
            prop_assert!((a.corner_height[side] - b.corner_height[side]).abs() < 2e-3);
        }
        prop_assert!(b.mouth_shift.abs() < 2e-3 && b.chin_shift.abs() < 2e-3);
        // Half of the eye's opening is read off the picture, whose eyes turn away.
        prop_assert!((a.eye_opening / b.eye_opening - 1.0).abs() < 0.15, "{} {}", a.eye_opening, b.eye_opening);
    }

    #[test]
    fn brows_rise_by_what_they_rise(brows in -0.06f32..0.1) {
        let at_rest = measure(&face(&Act::default()).landmarks).features;
        let raised = measure(&face(&Act { brows, ..Act::default() }).landmarks).features;
        for side in 0..2 {
            prop_assert!((raised.brow_inner[side] - at_rest.brow_inner[side] - brows).abs() < 1e-3);
            prop_assert!((raised.brow_outer[side] - at_rest.brow_outer[side] - brows).abs() < 1e-3);
        }
    }

    #[test]
    fn anything_at_all_is_measured_without_a_panic(
        numbers in prop::collection::vec(any::<f32>(), 3 * LANDMARKS)
    ) {
        let mut landmarks = [Landmark::default(); LANDMARKS];
        for (landmark, n) in landmarks.iter_mut().zip(numbers.chunks_exact(3)) {
            *landmark = Landmark { x: n[0], y: n[1], z: n[2] };
        }
        let seen = measure(&landmarks);
        if seen.is_plausible() {
            prop_assert!(seen.pose.yaw.is_finite() && seen.features.mouth_width.is_finite());
        }
    }
}

#[test]
fn no_face_is_not_plausible() {
    let nothing = [Landmark::default(); LANDMARKS];
    assert!(!measure(&nothing).is_plausible());
    let not_numbers = [Landmark {
        x: f32::NAN,
        y: 1.0,
        z: f32::INFINITY,
    }; LANDMARKS];
    assert!(!measure(&not_numbers).is_plausible());
    let mut one_bad = face(&Act::default()).landmarks;
    one_bad[61].x = f32::NAN;
    assert!(!measure(&one_bad).is_plausible());
}

#[test]
fn a_wink_is_told_from_a_blink() {
    let wink = measure(
        &face(&Act {
            eyes: [0.4, 1.0],
            ..Act::default()
        })
        .landmarks,
    )
    .features;
    let blink = measure(
        &face(&Act {
            eyes: [0.4, 0.4],
            ..Act::default()
        })
        .landmarks,
    )
    .features;
    assert!(wink.eye_difference < -0.02, "{wink:?}");
    assert!(blink.eye_difference.abs() < 1e-3, "{blink:?}");
}

#[test]
fn noise_of_the_landmarks_stays_noise() {
    let still = measure(&face(&Act::default()).landmarks);
    for seed in 0..50 {
        let mut shaken = face(&Act::default());
        shake(&mut shaken, 0.3, seed);
        let seen = measure(&shaken.landmarks);
        assert!((seen.pose.yaw - still.pose.yaw).abs() < 1.0);
        assert!((seen.features.mouth_width - still.features.mouth_width).abs() < 0.02);
    }
}
