//! Lips and eyes cut out of features and put back: both ways agree, and nothing breaks them.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sfumato_core::face::{IRIS, LANDMARKS};
use sfumato_faces::regions::{ACROSS, FEATURES, LEFT_EYE, LIPS, RIGHT_EYE, Region, SIDE, Window};

const REGIONS: [Region; 3] = [LIPS, RIGHT_EYE, LEFT_EYE];

/// A turned cloud of points; those that are to be level lie at its ends.
fn cloud(region: &Region, angle: f32, size: f32, (x, y): (f32, f32)) -> Vec<f32> {
    let mut raw = vec![0.0; 3 * LANDMARKS];
    let (left, right) = match region.points[0] {
        61 => (61, 291),
        33 => (33, 133),
        _ => (362, 263),
    };
    for (step, &index) in region.points.iter().enumerate() {
        let around = step as f32 * 1.3;
        let (mut u, mut v) = (0.4 * size * around.cos(), 0.3 * size * around.sin());
        if index == left || index == right {
            (u, v) = (if index == left { -0.5 } else { 0.5 } * size, 0.0);
        }
        raw[3 * index] = x + angle.cos() * u - angle.sin() * v;
        raw[3 * index + 1] = y + angle.sin() * u + angle.cos() * v;
        raw[3 * index + 2] = step as f32;
    }
    raw
}

/// Where the middles of what is cut out lie in the network's input, by the way back.
fn middles(region: &Region, window: &Window) -> Vec<[f32; 2]> {
    let mut all = Vec::new();
    let places: Vec<[f32; 2]> = (0..SIDE * SIDE)
        .map(|at| [(at % SIDE) as f32 + 0.5, (at / SIDE) as f32 + 0.5].map(|own| 4.0 * own))
        .collect();
    for some in places.chunks(region.points.len()) {
        let mut raw = vec![0.0; 3 * LANDMARKS];
        region.refine(
            window,
            [some.as_flattened(), &[]],
            &mut raw,
            &mut [0.0; 3 * IRIS],
        );
        all.extend(
            region.points[..some.len()]
                .iter()
                .map(|&index| [raw[3 * index], raw[3 * index + 1]]),
        );
    }
    all
}

proptest! {
    #[test]
    fn what_is_cut_out_lies_where_landmarks_are_put_back(
        which in 0..3_usize,
        angle in -3.0f32..3.0,
        size in 8.0f32..120.0,
        place in (10.0f32..180.0, 10.0f32..180.0),
    ) {
        let region = &REGIONS[which];
        let window = Window::around(region, &cloud(region, angle, size, place)).unwrap();
        // Features that say where they are, which linear interpolation keeps.
        let mut features = vec![0.0; FEATURES * ACROSS * ACROSS];
        for (at, feature) in features.iter_mut().enumerate() {
            let (plane, at) = (at / (ACROSS * ACROSS), at % (ACROSS * ACROSS));
            *feature = if plane % 2 == 0 { at % ACROSS } else { at / ACROSS } as f32 + 1.0;
        }
        let mut out = vec![-1.0; FEATURES * SIDE * SIDE];
        window.cut(&features, &mut out);
        let mut inside = 0;
        for (at, pixel) in middles(region, &window).into_iter().enumerate() {
            let wanted = pixel.map(|pixel| pixel / 4.0 - 0.5);
            let last = (ACROSS - 1) as f32;
            // At the very border both answers are right.
            let margin = |by: f32| wanted.iter().all(|at| (by..=last - by).contains(at));
            for plane in 0..FEATURES {
                let got = out[plane * SIDE * SIDE + at];
                if margin(1e-3) {
                    prop_assert!((got - 1.0 - wanted[plane % 2]).abs() < 1e-3);
                    inside += 1;
                } else if !margin(-1e-3) {
                    prop_assert_eq!(got, 0.0);
                }
            }
        }
        prop_assert!(inside > 0);
    }

    #[test]
    fn a_window_is_half_as_large_again_as_its_points(
        which in 0..3_usize,
        angle in -3.0f32..3.0,
        size in 8.0f32..120.0,
    ) {
        let region = &REGIONS[which];
        let window = Window::around(region, &cloud(region, angle, size, (96.0, 96.0))).unwrap();
        let middles = middles(region, &window);
        let first = middles[0];
        let [across, down] = [middles[SIDE - 1], middles[SIDE * (SIDE - 1)]]
            .map(|other| [other[0] - first[0], other[1] - first[1]]);
        // Fifteen sixteenths of 1.5 widths, along the line between the level points.
        let wanted = 1.5 * size * (SIDE - 1) as f32 / SIDE as f32;
        prop_assert!((across[0] - wanted * angle.cos()).abs() < 0.01 * wanted);
        prop_assert!((across[1] - wanted * angle.sin()).abs() < 0.01 * wanted);
        prop_assert!((across[0] * down[0] + across[1] * down[1]).abs() < 0.01 * wanted * wanted);
    }

    #[test]
    fn nothing_breaks_it(
        which in 0..3_usize,
        raw in proptest::collection::vec(any::<f32>(), 0..3 * LANDMARKS),
        found in proptest::collection::vec(any::<f32>(), 0..200),
        length in 0..FEATURES * ACROSS * ACROSS,
    ) {
        let region = &REGIONS[which];
        let mut iris = [0.0; 3 * IRIS];
        region.guess(&raw, &mut iris);
        let sane = cloud(region, 0.1, 50.0, (-300.0, 1000.0));
        for mut raw in [raw, sane] {
            if let Some(window) = Window::around(region, &raw) {
                window.cut(&vec![0.5; length], &mut [0.0; 7]);
                window.cut(&vec![0.5; FEATURES * ACROSS * ACROSS], &mut [0.0; FEATURES * SIDE * SIDE]);
                region.refine(&window, [&found, &found], &mut raw, &mut iris);
            }
        }
    }
}

#[test]
fn an_iris_has_the_depth_of_its_lids_and_else_lies_between_them() {
    let mut raw = cloud(&RIGHT_EYE, 0.0, 60.0, (96.0, 80.0));
    let window = Window::around(&RIGHT_EYE, &raw).unwrap();
    let mut iris = [0.0; 3 * IRIS];
    // The window's middle is that of the cloud; its lids come first and have depths 0 to 15.
    RIGHT_EYE.refine(&window, [&[], &[32.0; 2 * IRIS]], &mut raw, &mut iris);
    for point in iris.as_chunks::<3>().0 {
        assert!(
            (point[0] - 96.0).abs() < 1.0 && (point[1] - 80.0).abs() < 2.0,
            "{point:?}"
        );
        assert_eq!(point[2], 7.5);
    }
    RIGHT_EYE.guess(&raw, &mut iris);
    assert!(
        iris.as_chunks::<3>()
            .0
            .iter()
            .all(|point| (point[0] - 96.0).abs() < 15.0)
    );
}

#[test]
fn points_that_are_one_have_no_window() {
    let raw = vec![50.0; 3 * LANDMARKS];
    assert!(
        REGIONS
            .iter()
            .all(|region| Window::around(region, &raw).is_none())
    );
    let mut raw = cloud(&LIPS, 0.0, 50.0, (96.0, 96.0));
    raw[3 * 13] = f32::NAN;
    // min and max pass over what is no number; the window is that of the others.
    assert!(Window::around(&LIPS, &raw).is_some());
    raw[3 * 61] = f32::NAN;
    assert_eq!(Window::around(&LIPS, &raw), None);
}
