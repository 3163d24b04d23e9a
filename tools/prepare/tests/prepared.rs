//! Prepares a drawn face whose every feature is known, and moves it.
//!
//! The face is the canonical one, drawn flat: skin, two irises behind lids, a lip line that lies
//! deliberately off the mesh. What is found must be what was drawn; whatever then moves must
//! leave the rest picture alone and never tear.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

#[path = "common/drawn.rs"]
mod drawn;

use drawn::{IRIS, LIP_OFFSET, SCALE, SIZE, drawn, irises, landmarks, painting};
use proptest::prelude::*;
use sfumato_compositor::Picture;
use sfumato_core::drawing::{Amount, Drawing, FIELD_SIDE, MOUTH_HEIGHT, MOUTH_NODES, MOUTH_WIDTH};
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_generator::{Generator, Rig};
use sfumato_prepare::{LEAST_FACE, PrepareError, Prepared, prepare};

#[test]
fn the_drawn_irises_are_found() {
    let prepared = drawn();
    for (eye, true_centre) in prepared
        .portrait
        .eyes
        .iter()
        .zip(irises(&landmarks(SCALE, 0.0)))
    {
        let off = (eye.iris_centre.x - true_centre[0]).hypot(eye.iris_centre.y - true_centre[1]);
        assert!(off < 0.25 * IRIS, "iris is {off} pixels off");
        assert!(
            (eye.iris_radius / IRIS - 1.0).abs() < 0.2,
            "radius {}",
            eye.iris_radius
        );
    }
}

/// Meshes err where eyes are seen from the side: the outline is found in the paint all the same.
#[test]
fn the_drawn_lids_are_found_though_the_mesh_lies_beside_them() {
    let truth = landmarks(SCALE, 0.0);
    let corners = [(33, 133), (362, 263)];
    for (right, down) in [(0.0, 0.0), (9.0, 6.0), (-9.0, 5.0)] {
        let mut believed = truth.clone();
        let eyes = (0..LANDMARKS).filter(|&index| {
            corners.iter().any(|&(a, b)| {
                let x = 0.5 * (truth[a].x + truth[b].x);
                let wide = (truth[b].x - truth[a].x).abs();
                let off = (truth[index].x - x).hypot(truth[index].y - truth[a].y);
                off < 0.75 * wide
            })
        });
        for index in eyes {
            believed[index].x += right;
            believed[index].y += down;
        }
        let prepared = prepare(painting(&truth), &believed).unwrap();
        let side = prepared.portrait.region.width as f32;
        for (eye, (a, b)) in prepared.model.eyes.iter().zip(corners) {
            let wide = (truth[b].x - truth[a].x).abs();
            for (sign, corner) in [(-1.0, a), (1.0, b)] {
                let along = sign * eye.half_width;
                let x = eye.centre[0] + along * eye.axis[0];
                let y = eye.centre[1] + along * eye.axis[1];
                let x = x * side + prepared.portrait.region.x as f32 - truth[corner].x;
                let y = y * side + prepared.portrait.region.y as f32 - truth[corner].y;
                let off = x.hypot(y) / wide;
                assert!(off < 0.10, "corner {corner} is {off} eye widths off");
            }
        }
    }
}

#[test]
fn the_drawn_lip_line_is_found_where_the_paint_has_it() {
    let prepared = drawn();
    let points = landmarks(SCALE, 0.0);
    let region = prepared.portrait.region;
    let drawn = 0.5 * (points[13].y + points[14].y) + LIP_OFFSET;
    let seam = &prepared.model.mouth.seam;
    for point in &seam[seam.len() / 4..3 * seam.len() / 4] {
        let y = region.y as f32 + point[1] * region.width as f32;
        assert!((y - drawn).abs() < 2.5, "lip line {} pixels off", y - drawn);
    }
}

#[test]
fn at_rest_nothing_moves() {
    let mut rig = Rig::decode(&drawn().model.encode()).unwrap();
    let mut drawing = Box::new(Drawing::REST);
    rig.generate(&Motion::REST, &mut drawing).unwrap();
    let field = &drawing.field;
    let planes = [&field.flow_x, &field.flow_y, &field.occlusion];
    assert!(
        planes
            .iter()
            .all(|plane| plane.iter().all(|&v| v == Amount::ZERO))
    );
    assert!(drawing.mouth.flow_x.iter().all(|&v| v == Amount::ZERO));
    assert!(drawing.mouth.flow_y.iter().all(|&v| v == Amount::ZERO));
    assert!((0..MOUTH_NODES).all(|node| drawing.mouth.opening(node) < Amount::ZERO));
    for eye in &drawing.eyes {
        assert_eq!(eye.gaze, [Amount::ZERO; 2]);
        for plane in [&eye.flow_x, &eye.flow_y, &eye.shading] {
            assert!(plane.iter().all(|&v| v == Amount::ZERO));
        }
    }
}

#[test]
fn an_open_jaw_opens_the_mouth_as_far_as_it_says() {
    let prepared = drawn();
    let side = prepared.portrait.region.width as f32;
    let mut rig = Rig::new(prepared.model.clone());
    let mut drawing = Box::new(Drawing::REST);
    let mut opened = Vec::new();
    for jaw in [0.25, 0.5, 1.0] {
        let mut motion = Motion::REST;
        motion.set(Blendshape::JawOpen, Real::from_num(jaw));
        rig.generate(&motion, &mut drawing).unwrap();
        let columns = MOUTH_WIDTH;
        let rows = MOUTH_HEIGHT;
        let open = (0..rows)
            .filter(|row| drawing.mouth.opening(row * columns + columns / 2) > Amount::ZERO)
            .count();
        opened.push(open as f32 / rows as f32 * prepared.model.mouth.size[1] * side);
    }
    let seam = &prepared.model.mouth.seam;
    let wide = (seam[seam.len() - 1][0] - seam[0][0]) * side;
    let ratio = opened[2] / wide;
    assert!(
        (0.55..0.95).contains(&ratio),
        "jawOpen 1 opens to {ratio} of the mouth's width"
    );
    assert!(opened[0] < opened[1] && opened[1] < opened[2], "{opened:?}");
}

/// Moves the drawn face.
fn moved(prepared: &Prepared, head: [f64; 3], shapes: &[(Blendshape, f64)]) -> Box<Drawing> {
    let mut rig = Rig::new(prepared.model.clone());
    let mut drawing = Box::new(Drawing::REST);
    let mut motion = Motion::REST;
    motion.head.yaw = Real::from_num(head[0]);
    motion.head.pitch = Real::from_num(head[1]);
    motion.head.roll = Real::from_num(head[2]);
    for &(shape, value) in shapes {
        motion.set(shape, Real::from_num(value));
    }
    rig.generate(&motion, &mut drawing).unwrap();
    drawing
}

/// Nodes of the mouth patch in the opening, as `[column, row]`.
fn opened(drawing: &Drawing) -> Vec<[usize; 2]> {
    (0..MOUTH_NODES)
        .filter(|&node| drawing.mouth.opening(node) > Amount::ZERO)
        .map(|node| [node % MOUTH_WIDTH, node / MOUTH_WIDTH])
        .collect()
}

#[test]
fn a_little_open_is_seen() {
    let prepared = drawn();
    let seam = &prepared.model.mouth.seam;
    let wide = seam[seam.len() - 1][0] - seam[0][0];
    let drawing = moved(&prepared, [0.0; 3], &[(Blendshape::JawOpen, 0.1)]);
    let rows = opened(&drawing)
        .iter()
        .filter(|[column, _]| *column == MOUTH_WIDTH / 2)
        .count();
    let open = rows as f32 / MOUTH_HEIGHT as f32 * prepared.model.mouth.size[1] / wide;
    // A coefficient of one parts them by three quarters; a little sooner than that, so that it is seen, and no more.
    assert!((0.045..0.09).contains(&open), "{open} of the mouth's width");
}

/// Even turned away with the mouth wide open: nothing dark beside the mouth.
#[test]
fn the_mouth_opens_between_its_corners_only() {
    let prepared = drawn();
    let seam = &prepared.model.mouth.seam;
    let wide = seam[seam.len() - 1][0] - seam[0][0];
    for yaw in [-14.0, -7.0, 0.0, 7.0, 14.0] {
        for (pitch, roll) in [(-12.0, 0.0), (0.0, 12.0), (12.0, -12.0)] {
            let drawing = moved(
                &prepared,
                [yaw, pitch, roll],
                &[(Blendshape::JawOpen, 1.0), (Blendshape::MouthFunnel, 0.4)],
            );
            let nodes = opened(&drawing);
            let most = nodes.iter().map(|n| n[0]).max().unwrap();
            let least = nodes.iter().map(|n| n[0]).min().unwrap();
            let share = (most - least + 1) as f32 / MOUTH_WIDTH as f32;
            let ratio = share * prepared.model.mouth.size[0] / wide;
            assert!(ratio < 1.1, "{yaw} {pitch} {roll}: {ratio} mouth widths");
            // One piece: every row that is open is open from its first node to its last.
            for row in 0..MOUTH_HEIGHT {
                let here: Vec<usize> = nodes.iter().filter(|n| n[1] == row).map(|n| n[0]).collect();
                if let (Some(first), Some(last)) = (here.first(), here.last()) {
                    assert_eq!(
                        last - first + 1,
                        here.len(),
                        "{yaw} {pitch} {roll}: row {row}"
                    );
                }
            }
        }
    }
}

/// Wide open, no paint beside the mouth is drawn out to threads.
#[test]
fn the_cheek_gives_way_softly() {
    let prepared = drawn();
    let seam = &prepared.model.mouth.seam;
    let (left, right) = (seam[0], seam[seam.len() - 1]);
    let wide = right[0] - left[0];
    let drawing = moved(&prepared, [0.0; 3], &[(Blendshape::JawOpen, 1.0)]);
    let cell = 1.0 / FIELD_SIDE as f32;
    let flow =
        |row: usize, column: usize| drawing.field.flow_y[row * FIELD_SIDE + column].to_num::<f32>();
    let mut worst = 1.0_f32;
    for row in 1..FIELD_SIDE {
        let y = (row as f32 + 0.5) * cell;
        for column in 0..FIELD_SIDE {
            let x = (column as f32 + 0.5) * cell;
            let beside = (left[0] - x).max(x - right[0]) / wide;
            if (0.12..0.6).contains(&beside) && (y - left[1]).abs() < wide {
                let shown = 1.0 + (flow(row, column) - flow(row - 1, column)) / cell;
                worst = worst.max(1.0 / shown.max(1e-3));
            }
        }
    }
    assert!(worst < 2.0, "paint is drawn out {worst} times");
}

/// The inside is darker than the lips and warm, without any hard line in it.
#[test]
fn the_inside_of_the_mouth_is_soft_and_dark() {
    let prepared = drawn();
    let lip = [176.0, 110.0, 96.0].map(|c: f32| c / 255.0);
    let light = |c: [f32; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    for jaw in [0.1, 0.3, 0.6, 1.0] {
        let drawing = moved(&prepared, [0.0; 3], &[(Blendshape::JawOpen, jaw)]);
        let at = |[column, row]: [usize; 2]| -> [f32; 3] {
            [0, 1, 2]
                .map(|c: usize| drawing.mouth.colour[c][row * MOUTH_WIDTH + column].to_num::<f32>())
        };
        let nodes = opened(&drawing);
        for node in &nodes {
            let [red, green, blue] = at(*node);
            assert!(red >= green && green >= 0.9 * blue, "{red} {green} {blue}");
            assert!(light([red, green, blue]) < 0.6 * light(lip), "{node:?}");
            let below = [node[0], node[1] + 1];
            if nodes.contains(&below) {
                let step = (light(at(below)) - light(at(*node))).abs();
                assert!(
                    step < 0.12 * light(lip),
                    "a line at {node:?}, jaw {jaw}: {step}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_prepared_is_refused_with_a_reason() {
    let small = landmarks(4.0, 0.0);
    let refused = prepare(Picture::new(SIZE, SIZE, 0), &small);
    assert!(matches!(
        refused,
        Err(PrepareError::TooSmall {
            needed: LEAST_FACE,
            ..
        })
    ));
    let large = landmarks(70.0, 0.0);
    assert_eq!(
        prepare(Picture::new(SIZE, SIZE, 0), &large).err(),
        Some(PrepareError::NoMargin)
    );
    let leaning = landmarks(SCALE, 55.0);
    let refused = prepare(Picture::new(SIZE, SIZE, 0), &leaning);
    assert!(
        matches!(refused, Err(PrepareError::Leaning(_))),
        "{refused:?}"
    );
    let point = Box::new(
        [Landmark {
            x: 5.0,
            y: 5.0,
            z: 0.0,
        }; LANDMARKS],
    );
    assert_eq!(
        prepare(Picture::new(SIZE, SIZE, 0), &point).err(),
        Some(PrepareError::NoFace)
    );
    let nowhere = Box::new(
        [Landmark {
            x: f32::NAN,
            y: 5.0,
            z: 0.0,
        }; LANDMARKS],
    );
    assert_eq!(
        prepare(Picture::new(SIZE, SIZE, 0), &nowhere).err(),
        Some(PrepareError::NoFace)
    );
}

#[test]
fn a_damaged_rig_is_refused() {
    let encoded = drawn().model.encode();
    assert!(Rig::decode(&encoded[..encoded.len() / 2]).is_err());
    assert!(Rig::decode(b"").is_err());
    let mut model = drawn().model;
    model.depth.pop();
    assert!(Rig::decode(&model.encode()).is_err());
    let mut model = drawn().model;
    model.version += 1;
    let error = Rig::decode(&model.encode()).unwrap_err().to_string();
    assert!(error.contains("atelier prepare"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the motion, the region's border stands still and the field never folds over.
    #[test]
    fn paint_is_moved_but_never_torn(
        coefficients in proptest::collection::vec(0.0f64..1.0, Blendshape::ALL.len()),
        turn in (-14.0f64..14.0, -14.0f64..14.0, -14.0f64..14.0),
        openness in 0.0f64..1.5,
    ) {
        use std::sync::OnceLock;
        static MODEL: OnceLock<sfumato_generator::rig::model::Model> = OnceLock::new();
        let mut rig = Rig::new(MODEL.get_or_init(|| drawn().model).clone());
        let mut motion = Motion::REST;
        // One expression alone, as far as it goes, plus a little of everything.
        for (shape, value) in Blendshape::ALL.into_iter().zip(&coefficients) {
            motion.set(shape, Real::from_num(0.12 * value));
        }
        let loudest = (coefficients[0] * 51.9) as usize;
        motion.set(Blendshape::ALL[loudest], Real::ONE);
        motion.head.yaw = Real::from_num(turn.0);
        motion.head.pitch = Real::from_num(turn.1);
        motion.head.roll = Real::from_num(turn.2);
        motion.eye_openness = [Real::from_num(openness); 2];
        let mut drawing = Box::new(Drawing::REST);
        rig.generate(&motion, &mut drawing).unwrap();
        let flow = |plane: &[Amount], row: usize, column: usize| {
            plane[row * FIELD_SIDE + column].to_num::<f32>()
        };
        let cell = 1.0 / FIELD_SIDE as f32;
        for row in 0..FIELD_SIDE {
            for column in 0..FIELD_SIDE {
                let (x, y) = (
                    flow(&drawing.field.flow_x, row, column),
                    flow(&drawing.field.flow_y, row, column),
                );
                prop_assert!(x.abs() < 0.25 && y.abs() < 0.25);
                let border = row.min(column).min(FIELD_SIDE - 1 - row).min(FIELD_SIDE - 1 - column);
                if border == 0 {
                    prop_assert!(x.abs() < 0.25 * cell && y.abs() < 0.25 * cell);
                }
                if column > 0 {
                    let before = flow(&drawing.field.flow_x, row, column - 1);
                    prop_assert!(cell + x - before > -0.3 * cell, "folds across at {row}, {column}");
                }
            }
        }
    }
}
