//! A drawn head of known outline before a drawn ground: where it ends, what is behind it, and
//! what a turn leaves where it is.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_compositor::{Compositor, Layout, Picture};
use sfumato_core::canonical::VERTICES;
use sfumato_core::drawing::Drawing;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::motion::{Motion, Real};
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_generator::{Generator, Rig};
use sfumato_prepare::{Prepared, prepare};
use std::sync::OnceLock;

const SIZE: u32 = 600;
/// Pixels to a centimetre of the drawn face.
const SCALE: f32 = 12.0;
/// Half the head's width and height with its hair, pixels.
const HEAD: [f32; 2] = [11.0 * SCALE, 13.0 * SCALE];

/// How far outside the drawn outline a pixel lies, about in pixels; negative inside.
fn outside(x: u32, y: u32) -> f32 {
    let (dx, dy) = (x as f32 + 0.5 - 300.0, y as f32 + 0.5 - 290.0);
    let head = ((dx / HEAD[0]).hypot(dy / HEAD[1]) - 1.0) * HEAD[0];
    let body = dx.abs() - (0.4 * HEAD[0] + 1.4 * (dy - HEAD[1] * 0.8).max(0.0));
    if dy > 0.8 * HEAD[1] {
        head.min(body)
    } else {
        head
    }
}

/// Green and blue strokes, lighter above.
fn ground(x: u32, y: u32) -> [u8; 3] {
    let stroke = (x as f32 * 0.31 + y as f32 * 0.13).sin() * 6.0;
    let light = 150.0 - 0.08 * y as f32 + stroke;
    [0.55 * light, 0.9 * light, light].map(|value| value as u8)
}

fn painting(head: impl Fn(u32, u32) -> [u8; 3]) -> Picture {
    let pixels = (0..SIZE * SIZE).map(|i| {
        let (x, y) = (i % SIZE, i / SIZE);
        xrgb(if outside(x, y) > 0.0 {
            ground(x, y)
        } else {
            head(x, y)
        })
    });
    Picture::from_pixels(SIZE, SIZE, pixels.collect()).unwrap()
}

fn prepared(painting: Picture) -> Prepared {
    let mut points = Box::new([Landmark::default(); LANDMARKS]);
    for (point, [x, y, z]) in points.iter_mut().zip(VERTICES) {
        *point = Landmark {
            x: 300.0 + SCALE * x,
            y: 300.0 - SCALE * y,
            z: -SCALE * z,
        };
    }
    prepare(painting, &points).unwrap()
}

fn drawn() -> &'static Prepared {
    static DRAWN: OnceLock<Prepared> = OnceLock::new();
    DRAWN.get_or_init(|| prepared(painting(|x, _| [120 + (x % 7) as u8, 70, 40])))
}

fn shown(prepared: &Prepared, motion: &Motion) -> Picture {
    let mut rig = Rig::new(prepared.model.clone());
    let mut drawing = Box::new(Drawing::REST);
    rig.generate(motion, &mut drawing).unwrap();
    let mut compositor = Compositor::new(&prepared.portrait, Layout::fit(SIZE, SIZE)).unwrap();
    let mut picture = Picture::new(SIZE, SIZE, 0);
    compositor.draw(&drawing, picture.view_mut(), 0).unwrap();
    picture
}

fn leaning(degrees: f64) -> Motion {
    let mut motion = Motion::REST;
    motion.head.roll = Real::from_num(degrees);
    motion
}

fn apart(a: u32, b: u32) -> i32 {
    let pairs = rgb(a).into_iter().zip(rgb(b));
    pairs.map(|(a, b)| i32::from(a.abs_diff(b))).max().unwrap()
}

/// Every pixel of the region above the shoulders: x, y, distance outside the outline.
fn places(prepared: &Prepared) -> impl Iterator<Item = (u32, u32, f32)> {
    let region = prepared.portrait.region;
    let rows = region.y..(region.y + region.height).min(400);
    rows.flat_map(move |y| (region.x..region.x + region.width).map(move |x| (x, y, outside(x, y))))
}

#[test]
fn the_matte_ends_where_the_head_was_drawn() {
    let prepared = drawn();
    let (region, plate) = (prepared.portrait.region, prepared.portrait.plate.as_ref());
    let (mut wrong, mut all) = (0, 0);
    for (x, y, outside) in places(prepared).filter(|place| place.2.abs() > 4.0) {
        let share = plate.unwrap().get(x - region.x, y - region.y).unwrap() >> 24;
        // Far from the outline nothing moves: nobody asks how sure it is there.
        let near = outside < 60.0;
        wrong += u32::from(
            near && if outside > 0.0 {
                share < 250
            } else {
                share > 5
            },
        );
        all += u32::from(near);
    }
    assert!(
        wrong * 50 < all,
        "{wrong} of {all} pixels on the wrong side"
    );
}

#[test]
fn behind_the_outline_the_ground_goes_on() {
    let prepared = drawn();
    let (region, plate) = (prepared.portrait.region, prepared.portrait.plate.as_ref());
    let (mut sum, mut count) = (0, 0);
    for (x, y, outside) in places(prepared) {
        let pixel = plate.unwrap().get(x - region.x, y - region.y).unwrap();
        let off = apart(pixel, xrgb(ground(x, y)));
        if outside > 12.0 {
            assert!(off == 0 || pixel >> 24 < 255, "{off} at {x}, {y}");
        } else if (-30.0..-2.0).contains(&outside) {
            sum += off;
            count += 1;
        }
    }
    let mean = sum as f32 / count as f32;
    assert!(mean < 12.0, "{mean} grey levels from the ground");
}

#[test]
fn ground_stays_while_the_head_leans_over_it() {
    let prepared = drawn();
    let leant = shown(prepared, &leaning(8.0));
    let painting = &prepared.portrait.painting;
    let (mut moved, mut turned) = (0, 0);
    for (x, y, outside) in places(prepared) {
        let off = apart(leant.get(x, y).unwrap(), painting.get(x, y).unwrap());
        // Farther out than the head ever reaches, nearer than where nothing flows anyway.
        if (45.0..80.0).contains(&outside) {
            moved = moved.max(off);
        }
        turned += u32::from(outside.abs() < 20.0 && off > 25);
    }
    assert!(moved <= 2, "the ground moved: {moved} grey levels");
    assert!(turned > 1000, "the head did not: {turned} pixels");
}

#[test]
fn a_movement_starts_from_the_painting_without_a_jump() {
    let prepared = drawn();
    let painting = &prepared.portrait.painting;
    assert!(shown(prepared, &Motion::REST) == *painting);
    let mut before = painting.clone();
    for degrees in [0.004, 0.008, 0.016, 0.03, 0.06] {
        let now = shown(prepared, &leaning(degrees));
        let pairs = now.pixels().iter().zip(before.pixels());
        let most = pairs.map(|(&a, &b)| apart(a, b)).max().unwrap();
        // No edge of the drawing differs by more than 110; a pixel is 0.2 degrees or more.
        let allowed = 3 + (degrees * 900.0) as i32;
        assert!(most <= allowed, "{most} grey levels at {degrees} degrees");
        before = now;
    }
}

#[test]
fn the_border_of_the_region_stays() {
    let prepared = drawn();
    let leant = shown(prepared, &leaning(12.0));
    let region = prepared.portrait.region;
    for i in 0..region.width {
        for (x, y) in [
            (i, 0),
            (i, region.height - 1),
            (0, i),
            (region.width - 1, i),
        ] {
            let at = (x + region.x, y + region.y);
            let painted = prepared.portrait.painting.get(at.0, at.1);
            assert_eq!(leant.get(at.0, at.1), painted, "at {at:?}");
        }
    }
}

#[test]
fn a_head_like_its_ground_has_no_plate() {
    let prepared = prepared(painting(ground));
    let told = prepared.portrait.plate.as_ref().map_or(0, |plate| {
        plate
            .pixels()
            .iter()
            .filter(|&&pixel| pixel >> 24 > 0)
            .count()
    });
    assert_eq!(told, 0);
    assert!(prepared.model.background.iter().all(|&value| value == 0.0));
}
