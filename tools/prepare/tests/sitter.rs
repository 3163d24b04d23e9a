//! Further pictures of a drawn sitter: what they show is learned, and what they do not is left alone.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

#[path = "common/drawn.rs"]
mod drawn;

use drawn::{SCALE, SIZE, drawn, irises, landmarks, painting};
use sfumato_compositor::{Compositor, Layout, Picture, Placement};
use sfumato_core::drawing::{Amount, Drawing, FIELD_NODES, FIELD_SIDE, share};
use sfumato_core::face::{IRIS, LANDMARKS, Landmark};
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_generator::rig::model::Model;
use sfumato_generator::rig::shapes::Lip;
use sfumato_generator::rig::spread::{LOWER_LIP, UPPER_LIP};
use sfumato_generator::{Generator as _, Rig};
use sfumato_motion::Look;
use sfumato_motion::measure::RIGID_POINTS;
use sfumato_prepare::Prepared;
use sfumato_prepare::sitter::{Further, Refusal, Seen, Verdict, listen};

type Points = Box<[Landmark; LANDMARKS]>;

/// Where the drawn eyes stand, as they look straight ahead.
fn look(points: &[Landmark; LANDMARKS]) -> Look {
    let around = irises(points).map(|[x, y]| {
        let at = |dx: f32, dy: f32| Landmark {
            x: x + 12.0 * dx,
            y: y + 12.0 * dy,
            z: 0.0,
        };
        let rim: [Landmark; IRIS] = [
            at(0.0, 0.0),
            at(1.0, 0.0),
            at(0.0, -1.0),
            at(-1.0, 0.0),
            at(0.0, 1.0),
        ];
        rim
    });
    Look::of(points, &around).unwrap()
}

fn told(prepared: &mut Prepared, further: &[(Picture, Points)]) -> Vec<Verdict> {
    let own = landmarks(SCALE, 0.0);
    let further: Vec<Further<'_>> = (further.iter())
        .map(|(picture, points)| Further {
            picture,
            seen: Seen {
                landmarks: points,
                look: look(points),
            },
        })
        .collect();
    let seen = Seen {
        landmarks: &own,
        look: look(&own),
    };
    listen(prepared, &seen, &further)
}

/// The landmarks of the drawn face, each on its lip's skin.
fn places(model: &Model) -> Vec<([f32; 2], Lip)> {
    let line = model.mouth.seam[model.mouth.seam.len() / 2][1];
    let places = model.landmarks.iter().enumerate();
    places
        .map(|(index, &[x, y, _])| {
            let lower = LOWER_LIP.contains(&index) || (y > line && !UPPER_LIP.contains(&index));
            ([x, y], if lower { Lip::Lower } else { Lip::Upper })
        })
        .collect()
}

/// The sitter with a jaw so far open, whose chin goes so many times as far as the rig takes it.
fn parted(model: &Model, open: f64, farther: f32) -> Points {
    let mut motion = Motion::REST;
    motion.set(Blendshape::JawOpen, Real::from_num(open));
    let skin = Rig::new(model.clone()).skin(&motion, &places(model));
    let mut points = landmarks(SCALE, 0.0);
    let mouth = points[14].y + 1.0 * SCALE;
    let side = region(model);
    for (index, (point, [right, down])) in points.iter_mut().zip(skin).enumerate() {
        let lip = LOWER_LIP.contains(&index) || UPPER_LIP.contains(&index);
        let chin = !lip && point.y > mouth;
        // What tells how the head lies stays, so that all of it is the skin's movement.
        let times = match chin {
            _ if RIGID_POINTS.contains(&index) => 0.0,
            true => farther,
            false => 1.0,
        };
        point.x += times * side * right;
        point.y += times * side * down;
    }
    points
}

/// The picture that goes with it: the portrait itself with so far opened lips.
fn picture(prepared: &Prepared, open: f64) -> Picture {
    let mut motion = Motion::REST;
    motion.set(Blendshape::JawOpen, Real::from_num(open));
    let layout = Layout {
        placement: Placement::Exact,
        ..Layout::fit(SIZE, SIZE)
    };
    let mut shown = Picture::new(SIZE, SIZE, 0);
    let mut compositor = Compositor::new(&prepared.portrait, layout).unwrap();
    let drawing = drawn_by(&prepared.model, &motion);
    compositor.draw(&drawing, shown.view_mut(), 1).unwrap();
    shown
}

/// The region's side in pixels.
fn region(model: &Model) -> f32 {
    SCALE / model.pose.scale
}

/// What the eyes say of a mouth so far apart.
fn jaw(points: &[Landmark; LANDMARKS]) -> Motion {
    use sfumato_motion::measure;
    use sfumato_motion::relative::{Rest, Ruler, acted};
    let own = landmarks(SCALE, 0.0);
    let rest = Rest::of(&measure(&own), &look(&own));
    acted(&measure(points), &look(points), &rest, &Ruler::DEVICE).motion
}

fn drawn_by(model: &Model, motion: &Motion) -> Box<Drawing> {
    let mut drawing = Box::new(Drawing::REST);
    Rig::new(model.clone())
        .generate(motion, &mut drawing)
        .unwrap();
    drawing
}

#[test]
fn a_jaw_moves_as_far_as_this_sitters_does() {
    let mut prepared = drawn();
    let before = prepared.model.clone();
    let pictures: Vec<(Picture, Points)> = [0.12, 0.2, 0.28]
        .map(|open| {
            let points = parted(&before, open, 1.8);
            (picture(&prepared, open), points)
        })
        .into();
    let verdicts = told(&mut prepared, &pictures);
    assert!(verdicts.iter().all(Result::is_ok), "{verdicts:?}");
    let points = parted(&before, 0.24, 1.8);
    let motion = jaw(&points);
    assert!(motion.get(Blendshape::JawOpen) > Real::lit("0.1"));
    let own = landmarks(SCALE, 0.0);
    let [was, is] = [&before, &prepared.model].map(|model| {
        let skin = Rig::new(model.clone()).skin(&motion, &places(model));
        let off = skin.iter().zip(points.iter().zip(own.iter()));
        let off = off.map(|([right, down], (now, then))| {
            let side = region(model);
            (side * right - (now.x - then.x)).hypot(side * down - (now.y - then.y))
        });
        off.sum::<f32>() / LANDMARKS as f32
    });
    assert!(is < 0.8 * was, "{was} pixels became {is}");
    let rest = drawn_by(&prepared.model, &Motion::REST);
    assert_eq!(rest.field.flow_y, [Amount::ZERO; FIELD_NODES]);
}

#[test]
fn what_shows_between_the_lips_is_what_the_pictures_show_there() {
    let mut prepared = drawn();
    let points = parted(&prepared.model, 0.4, 1.0);
    let mut picture = picture(&prepared, 0.4);
    let (top, bottom) = (points[13].y, points[14].y);
    let (left, right) = (points[78].x, points[308].x);
    let teeth = 0.35 * (bottom - top);
    for y in 0..SIZE {
        for x in 0..SIZE {
            let (x, y) = (x as f32, y as f32);
            if (left..right).contains(&x) && (top..bottom).contains(&y) {
                let colour = if y < top + teeth {
                    [210, 205, 190]
                } else {
                    [120, 40, 60]
                };
                picture.pixels_mut()[y as usize * SIZE as usize + x as usize] = xrgb(colour);
            }
        }
    }
    let verdicts = told(&mut prepared, &[(picture, points.clone())]);
    assert!(verdicts[0].is_ok(), "{verdicts:?}");
    let inside = prepared.model.sitter.unwrap().inside.unwrap();
    let seam = &prepared.model.mouth.seam;
    let wide = (seam[seam.len() - 1][0] - seam[0][0]) * prepared.portrait.region.width as f32;
    let tall = (bottom - top) / wide;
    let near = |colour: [f32; 3], wanted: [u8; 3]| {
        let pairs = colour.into_iter().zip(wanted);
        let off = pairs.map(|(is, wanted)| (is - f32::from(wanted) / 255.0).abs());
        off.fold(0.0, f32::max) < 0.08
    };
    let teeth = inside.read(0.0, 0.15 * tall, 0.85 * tall);
    assert!(near(teeth, [210, 205, 190]), "{teeth:?}");
    let tongue = inside.read(0.1, 0.85 * tall, 0.15 * tall);
    assert!(near(tongue, [120, 40, 60]), "{tongue:?}");
}

#[test]
fn a_crease_comes_with_the_smile_that_brings_it_and_rest_stays() {
    let smiling = |by: f32| {
        let mut points = landmarks(SCALE, 0.0);
        for (corners, sign) in [([61, 76, 62, 78], -1.0), ([291, 306, 292, 308], 1.0)] {
            for corner in corners {
                points[corner].x += sign * by;
                points[corner].y -= 0.5 * by;
            }
        }
        points
    };
    // Where the crease lies: beside the nose, on skin that a smile hardly moves.
    let own = landmarks(SCALE, 0.0);
    let at = [own[50].x, own[50].y];
    let creased = |by: f32| {
        let mut picture = painting(&own);
        for (index, pixel) in picture.pixels_mut().iter_mut().enumerate() {
            let (x, y) = (
                (index % SIZE as usize) as f32,
                (index / SIZE as usize) as f32,
            );
            if (x - at[0]).hypot(y - at[1]) < 30.0 {
                *pixel = xrgb(rgb(*pixel).map(|c| (f32::from(c) - 1.5 * by) as u8));
            }
        }
        picture
    };
    let pictures: Vec<(Picture, Points)> = [8.0, 14.0, 20.0]
        .map(|by| (creased(by), smiling(by)))
        .into();
    let mut prepared = drawn();
    assert!(told(&mut prepared, &pictures).iter().all(Result::is_ok));
    let motion = jaw(&smiling(14.0));
    let region = prepared.portrait.region;
    let node = |x: f32, y: f32| {
        let place = |at: f32, start: u32| {
            ((at - start as f32) / region.width as f32 * FIELD_SIDE as f32) as usize
        };
        place(y, region.y) * FIELD_SIDE + place(x, region.x)
    };
    let field = drawn_by(&prepared.model, &motion).field;
    let crease = 255.0 * share(field.residual[1][node(at[0], at[1])]);
    assert!((-26.0..-13.0).contains(&crease), "{crease} of -21");
    let forehead = 255.0 * share(field.residual[1][node(own[151].x, own[151].y)]);
    assert!(forehead.abs() < 3.0, "{forehead}");
    let rest = drawn_by(&prepared.model, &Motion::REST).field;
    assert_eq!(rest.residual, [[Amount::ZERO; FIELD_NODES]; 3]);
    // The pack holds all of it.
    let read = Model::decode(&prepared.model.encode()).unwrap();
    assert_eq!(read, prepared.model);
}

#[test]
fn shut_lids_have_the_light_that_pictures_show_on_them() {
    let mut points = landmarks(SCALE, 0.0);
    let pairs = [
        (159, 145),
        (158, 153),
        (160, 144),
        (157, 154),
        (161, 163),
        (386, 374),
        (385, 380),
        (387, 373),
        (384, 381),
        (388, 390),
    ];
    for (upper, lower) in pairs {
        points[upper].y = points[lower].y - 2.0;
    }
    let mut picture = painting(&points);
    for (index, pixel) in picture.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (
            (index % SIZE as usize) as f32,
            (index / SIZE as usize) as f32,
        );
        // Skin all over the eyes, dark on the subject's right.
        for ([outer, inner], light) in [([33, 133], 0.7), ([362, 263], 1.0)] {
            let (a, b) = (&points[outer], &points[inner]);
            let across = (x - 0.5 * (a.x + b.x)).abs() < 0.7 * (b.x - a.x).abs();
            if across && (y - a.y).abs() < 34.0 {
                *pixel = xrgb([205.0, 165.0, 130.0].map(|c: f32| (light * c) as u8));
            }
        }
    }
    let mut prepared = drawn();
    assert!(told(&mut prepared, &[(picture, points)])[0].is_ok());
    let [right, left] = &prepared.model.sitter.unwrap().lids;
    let middle = |eye: &[f32]| {
        // The upper lid's skin: a third down the patch, in its middle columns.
        let rows = 14..20;
        let all: Vec<f32> = rows
            .flat_map(|row| eye[row * 64 + 24..row * 64 + 40].to_vec())
            .collect();
        all.iter().sum::<f32>() / all.len() as f32
    };
    assert!(
        middle(right) < middle(left) - 0.05,
        "{} {}",
        middle(right),
        middle(left)
    );
}

#[test]
fn pictures_of_others_and_bad_ones_are_left_out_with_a_reason() {
    let own = landmarks(SCALE, 0.0);
    let stretched = |x: f32, y: f32| {
        let mut points = own.clone();
        for (point, _) in points.iter_mut().zip(0..) {
            point.x = 600.0 + x * (point.x - 600.0);
            point.y = 600.0 + y * (point.y - 600.0);
        }
        points
    };
    let mut prepared = drawn();
    let before = prepared.model.clone();
    let mut another = own.clone();
    for (index, point) in another.iter_mut().enumerate() {
        // A long nose, eyes far apart: a shape that no pose explains.
        let away = point.x - 600.0;
        point.x += if index % 2 == 0 { 0.35 } else { -0.3 } * away;
    }
    type Expected = fn(&Refusal) -> bool;
    let cases: Vec<(Picture, Points, Expected)> = vec![
        (
            painting(&own),
            Box::new([Landmark::default(); LANDMARKS]),
            |r| *r == Refusal::NoFace,
        ),
        (painting(&own), stretched(0.1, 0.1), |r| {
            matches!(r, Refusal::TooSmall { .. })
        }),
        (
            Picture::new(SIZE, SIZE, xrgb([90, 80, 70])),
            own.clone(),
            |r| *r == Refusal::Blurred,
        ),
        (painting(&own), another, |r| {
            matches!(r, Refusal::Another(_))
        }),
    ];
    for (picture, points, expected) in cases {
        let verdict = told_one(&mut prepared, &picture, &points);
        let refusal = verdict.unwrap_err();
        assert!(expected(&refusal), "{refusal}");
        assert!(refusal.to_string().contains("use") || refusal.to_string().contains("leave"));
        assert_eq!(prepared.model, before);
    }
}

fn told_one(prepared: &mut Prepared, picture: &Picture, points: &Points) -> Verdict {
    let own = landmarks(SCALE, 0.0);
    let seen = Seen {
        landmarks: &own,
        look: look(&own),
    };
    let further = Further {
        picture,
        seen: Seen {
            landmarks: points,
            look: Look::default(),
        },
    };
    listen(prepared, &seen, &[further]).remove(0)
}
