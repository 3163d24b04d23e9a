//! The compositor keeps the contract of `sfumato_core::drawing`.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;
mod reference;

use common::{HEIGHT, WIDTH, lively, portrait};
use proptest::prelude::*;
use sfumato_compositor::{Compositor, Instructions, Layout, Picture, Placement, Tone};
use sfumato_core::drawing::{Amount, Drawing};
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{PixelsMut, rgb};

fn own_size() -> Compositor {
    Compositor::new(&portrait(), Layout::fit(WIDTH, HEIGHT)).unwrap()
}

fn drawn(compositor: &mut Compositor, drawing: &Drawing) -> Picture {
    let layout = *compositor.layout();
    let mut picture = Picture::new(layout.width, layout.height, 0x1234_5678);
    compositor.draw(drawing, picture.view_mut(), 0).unwrap();
    picture
}

#[test]
fn rest_is_the_painting() {
    assert_eq!(drawn(&mut own_size(), &Drawing::REST), portrait().painting);
}

#[test]
fn alpha_alone_and_open_eyes_are_still_the_painting() {
    let mut drawing = Box::new(Drawing::REST);
    drawing.field.alpha.fill(Amount::ONE);
    for (index, eye) in drawing.eyes.iter_mut().enumerate() {
        eye.upper.fill(Amount::from_num(index as f64 - 0.5));
        eye.lower.fill(Amount::from_num(index as f64 - 0.5));
    }
    // The mouth's inside has a colour, but no opening.
    drawing.mouth.centre = [Amount::from_num(0.5); 2];
    drawing.mouth.colour[0].fill(Amount::ONE);
    drawing.mouth.upper.fill(Amount::ZERO);
    drawing.mouth.lower.fill(Amount::ZERO);
    assert_eq!(drawn(&mut own_size(), &drawing), portrait().painting);
}

#[test]
fn nothing_outside_the_region_changes() {
    let mut drawing = lively(1.0);
    // Even where the generator asks for more.
    drawing.field.alpha.fill(Amount::ONE);
    let mut compositor = own_size();
    let region = compositor.region();
    assert_eq!(region, portrait().region);
    let picture = drawn(&mut compositor, &drawing);
    let painting = portrait().painting;
    let mut changed = 0;
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            if !region.contains(x, y) {
                assert_eq!(picture.get(x, y), painting.get(x, y), "{x} {y}");
            } else if picture.get(x, y) != painting.get(x, y) {
                changed += 1;
            }
        }
    }
    assert!(changed > 30_000, "only {changed} pixels moved");
}

/// Against the contract written out in floating point, read bilinearly like nothing else here.
#[test]
fn every_step_of_the_contract_is_followed() {
    for strength in [0.2, 0.6, 1.0] {
        let drawing = lively(strength);
        let ours = drawn(&mut own_size(), &drawing);
        let expected = reference::draw(&portrait(), &drawing);
        let mut far = 0;
        let (mut sum, mut worst) = (0.0, 0.0_f64);
        for (&ours, expected) in ours.pixels().iter().zip(&expected) {
            for (ours, expected) in rgb(ours).into_iter().zip(expected) {
                let difference = (f64::from(ours) - expected).abs();
                sum += difference;
                worst = worst.max(difference);
                far += u32::from(difference > 6.0);
            }
        }
        let mean = sum / (3 * expected.len()) as f64;
        println!("strength {strength}: mean difference {mean:.3}, worst {worst:.1}, far {far}");
        // Grain and the half grey levels of each step; never a different place or layer.
        assert!(
            mean < 0.3 && far < 60,
            "mean {mean}, worst {worst}, far {far}"
        );
    }
}

/// The bytes themselves, so that another processor or another compiler cannot change them
/// unnoticed. Whoever changes what is drawn on purpose writes the new numbers here.
#[test]
fn the_bytes_are_these() {
    let hash = |picture: &Picture| {
        picture
            .pixels()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &pixel| {
                (hash ^ u64::from(pixel)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    };
    let mut scaled = Compositor::new(&portrait(), Layout::fit(411, 173)).unwrap();
    let hashes = [
        hash(&portrait().painting),
        hash(&drawn(&mut own_size(), &lively(1.0))),
        hash(&drawn(&mut scaled, &lively(1.0))),
    ];
    let expected = [
        0x7f01_c22b_682c_804e,
        0x96c9_1018_6c40_f3e3,
        0x7d2c_daf4_0c33_320c,
    ];
    assert_eq!(hashes, expected, "{hashes:#x?}");
}

/// A large screen that shows a small part has a region of thousands of shown pixels.
#[test]
fn an_enlarged_mouth_lies_where_the_drawing_has_it() {
    let region = portrait().region;
    let mut drawing = Box::new(Drawing::REST);
    drawing.field.alpha.fill(Amount::ONE);
    drawing.mouth.upper.fill(Amount::ONE);
    drawing.mouth.lower.fill(Amount::ONE);
    drawing.mouth.colour[1].fill(Amount::ONE);
    drawing.mouth.centre = [Amount::from_num(0.5), Amount::from_num(0.75)];
    // Sixteen pixels of the painting around the mouth's middle, each shown as large as 20.
    let layout = Layout {
        placement: Placement::Crop(Rect {
            x: region.x + region.width / 2 - 8,
            y: region.y + region.height * 3 / 4 - 8,
            width: 16,
            height: 16,
        }),
        ..Layout::fit(320, 320)
    };
    assert!(region.height * 20 * 3 / 4 > 1024, "enlarged too little");
    let picture = drawn(&mut Compositor::new(&portrait(), layout).unwrap(), &drawing);
    // Grain lies over it.
    let [red, green, blue] = picture.get(160, 160).map(rgb).unwrap();
    assert!(
        red < 32 && green > 223 && blue < 32,
        "{red} {green} {blue} is not the mouth's inside"
    );
}

/// Paint's texture lies over the inside of a mouth, and nowhere else, and moves with the mouth.
#[test]
fn grain_belongs_to_the_mouth() {
    let mut grained = portrait();
    let stripes = (0..64).map(|i| 0xff00_0000 | if i % 8 < 4 { 0xa0_a0a0 } else { 0x60_6060 });
    grained.grain = Some(Picture::from_pixels(8, 8, stripes.collect()).unwrap());
    let layout = Layout::fit(WIDTH, HEIGHT);
    let mut drawing = Box::new(Drawing::REST);
    drawing.field.alpha.fill(Amount::ONE);
    drawing.mouth.upper.fill(Amount::ONE);
    drawing.mouth.lower.fill(Amount::ONE);
    drawing
        .mouth
        .colour
        .iter_mut()
        .for_each(|c| c.fill(Amount::from_num(0.4)));
    let mut difference = |centre: [f64; 2]| -> Vec<(u32, u32, u8)> {
        drawing.mouth.centre = centre.map(Amount::from_num);
        let with = drawn(&mut Compositor::new(&grained, layout).unwrap(), &drawing);
        let without = drawn(&mut own_size(), &drawing);
        let all = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        all.filter_map(|(x, y)| {
            let (a, b) = (with.get(x, y).unwrap(), without.get(x, y).unwrap());
            (a != b).then(|| (x, y, rgb(a)[0]))
        })
        .collect()
    };
    let here = difference([0.5, 0.5]);
    // The patch covers 0.4 by 0.27 of a region of 230 pixels.
    assert_eq!(here.len(), 92 * 62);
    // Moved by 23 and 46 pixels exactly.
    let there = difference([0.6, 0.7]);
    let moved: Vec<_> = here.iter().map(|&(x, y, c)| (x + 23, y + 46, c)).collect();
    assert_eq!(there, moved);
}

#[test]
fn old_buffers_need_the_region_alone() {
    let mut compositor = own_size();
    let mut picture = drawn(&mut compositor, &lively(1.0));
    for strength in [0.7, 0.0, 0.3] {
        let drawing = lively(strength);
        let damage = compositor.draw(&drawing, picture.view_mut(), 1).unwrap();
        assert_eq!(damage, compositor.region());
        assert_eq!(picture, drawn(&mut own_size(), &drawing));
    }
}

#[test]
fn a_shift_moves_everything_and_old_buffers_are_drawn_whole() {
    let layout = Layout::fit(WIDTH + 40, HEIGHT);
    let mut compositor = Compositor::new(&portrait(), layout).unwrap();
    let drawing = lively(1.0);
    let still = drawn(&mut compositor, &drawing);
    let mut buffers = [still.clone(), still.clone()];
    compositor.set_shift(3, -2);
    // Two buffers in turn: each holds what was drawn two frames ago.
    for turn in 0..4 {
        let buffer = &mut buffers[turn % 2];
        let damage = compositor.draw(&drawing, buffer.view_mut(), 2).unwrap();
        assert_eq!(damage.width == layout.width, turn < 2);
        for y in 0..HEIGHT - 2 {
            for x in 20..WIDTH + 20 {
                assert_eq!(buffer.get(x + 3, y), still.get(x, y + 2), "{x} {y}");
            }
            assert_eq!(buffer.get(22, y), Some(layout.wall));
        }
    }
}

#[test]
fn a_tone_changes_each_pixel_alone_and_old_buffers_are_drawn_whole() {
    let layout = Layout::fit(WIDTH + 40, HEIGHT);
    let mut compositor = Compositor::new(&portrait(), layout).unwrap();
    let drawing = lively(1.0);
    let plain = drawn(&mut compositor, &drawing);
    let mut buffers = [plain.clone(), plain.clone()];
    let tone = Tone::new(600, [100, 120, 80]);
    compositor.set_tone(&tone);
    for turn in 0..4 {
        let buffer = &mut buffers[turn % 2];
        let damage = compositor.draw(&drawing, buffer.view_mut(), 2).unwrap();
        assert_eq!(damage.width == layout.width, turn < 2);
        for (toned, plain) in buffer.pixels().iter().zip(plain.pixels()) {
            assert_eq!(*toned, tone.of(*plain));
        }
    }
    compositor.set_tone(&Tone::default());
    assert_eq!(drawn(&mut compositor, &drawing), plain);
}

/// Paint moves into sight from parts of the region that the screen does not show.
#[test]
fn a_close_view_is_a_part_of_the_whole() {
    let part = Rect {
        x: 100,
        y: 100,
        width: 80,
        height: 80,
    };
    let layout = Layout {
        placement: Placement::Crop(part),
        ..Layout::fit(80, 80)
    };
    let mut close = Compositor::new(&portrait(), layout).unwrap();
    let drawing = lively(3.0);
    let (close, whole) = (
        drawn(&mut close, &drawing),
        drawn(&mut own_size(), &drawing),
    );
    for y in 0..80 {
        for x in 0..80 {
            assert_eq!(close.get(x, y), whole.get(100 + x, 100 + y), "{x} {y}");
        }
    }
}

#[test]
fn buffers_of_another_size_are_refused() {
    let mut picture = Picture::new(WIDTH, HEIGHT - 1, 0);
    let result = own_size().draw(&Drawing::REST, picture.view_mut(), 0);
    assert!(result.is_err());
}

/// Rows may lie farther apart than they are long, as in a screen's memory.
#[test]
fn strides_are_kept() {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let stride = width + 20;
    let mut memory = vec![7; stride * height];
    let out = PixelsMut::new(&mut memory, width, height, stride).unwrap();
    own_size().draw(&lively(0.5), out, 0).unwrap();
    let expected = drawn(&mut own_size(), &lively(0.5));
    for (y, row) in memory.chunks(stride).enumerate() {
        assert_eq!(&row[..width], expected.row(y));
        assert!(row[width..].iter().all(|&pixel| pixel == 7));
    }
}

#[test]
fn a_portrait_without_eyes_plate_or_margin_is_drawn() {
    let mut portrait = portrait();
    portrait.eyes = Default::default();
    portrait.plate = None;
    portrait.region.x = 0;
    portrait.region.y = 0;
    let mut compositor = Compositor::new(&portrait, Layout::fit(157, 211)).unwrap();
    drawn(&mut compositor, &lively(1.0));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let layout = Layout::fit(100, 100);
    let mut wrong = portrait();
    wrong.region.x = WIDTH;
    assert!(Compositor::new(&wrong, layout).is_err());
    let mut wrong = portrait();
    wrong.eyes[1].iris = Picture::new(3, 3, 0);
    assert!(Compositor::new(&wrong, layout).is_err());
    let mut wrong = portrait();
    wrong.mouth_size[0] = f32::NAN;
    assert!(Compositor::new(&wrong, layout).is_err());
    assert!(Compositor::new(&portrait(), Layout::fit(0, 100)).is_err());
    let part = Rect {
        x: 9,
        y: 9,
        width: 1,
        height: 1,
    };
    let placement = Placement::Crop(part);
    assert!(
        Compositor::new(
            &portrait(),
            Layout {
                placement,
                ..layout
            }
        )
        .is_err()
    );
}

/// Any bits at all in every number of a drawing.
fn wild(seed: u64) -> Box<Drawing> {
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut drawing = Box::new(Drawing::REST);
    // Mostly sensible numbers, some absurd ones.
    let shift = random() % 3 * 5;
    let mut any = |grid: &mut [Amount]| {
        let strange = random() % 4 == 0;
        for node in grid {
            let bits = (random() >> 32) as i32;
            *node = Amount::from_bits(if strange { bits } else { bits >> (6 + shift) });
        }
    };
    any(&mut drawing.field.flow_x);
    any(&mut drawing.field.flow_y);
    any(&mut drawing.field.occlusion);
    any(&mut drawing.field.alpha);
    drawing.field.residual.iter_mut().for_each(|grid| any(grid));
    any(&mut drawing.mouth.centre);
    any(&mut drawing.mouth.upper);
    any(&mut drawing.mouth.lower);
    any(&mut drawing.mouth.flow_x);
    any(&mut drawing.mouth.flow_y);
    drawing.mouth.colour.iter_mut().for_each(|grid| any(grid));
    for eye in &mut drawing.eyes {
        any(&mut eye.gaze);
        any(&mut eye.upper);
        any(&mut eye.lower);
        any(&mut eye.shading);
        any(&mut eye.flow_x);
        any(&mut eye.flow_y);
    }
    drawing
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every set of instructions, any number of strips: the same bytes, whatever is asked.
    #[test]
    fn all_ways_give_the_same_bytes(
        seed: u64,
        strips in 1..5_usize,
        width in 40..420_u32,
        height in 40..420_u32,
        placement in 0..4,
        shift in (-9..9_i32, -9..9_i32),
    ) {
        let placement = match placement {
            0 => Placement::Fit,
            1 => Placement::Fill,
            2 => Placement::Exact,
            _ => Placement::Crop(portrait().region),
        };
        let layout = Layout { placement, ..Layout::fit(width, height) };
        let drawing = if seed % 4 == 0 { lively(1.0) } else { wild(seed) };
        let mut plain = Compositor::new(&portrait(), layout)
            .unwrap()
            .with_instructions(Instructions::PLAIN);
        plain.set_shift(shift.0, shift.1);
        let expected = drawn(&mut plain, &drawing);

        let mut compositor = Compositor::new(&portrait(), layout).unwrap().with_strips(strips);
        compositor.set_shift(shift.0, shift.1);
        let mut picture = Picture::new(width, height, 0);
        let mut rest = picture.view_mut();
        let mut covered = 0;
        for strip in compositor.strips(&drawing, 0) {
            prop_assert_eq!(strip.rows().start, covered);
            covered = strip.rows().end;
            let (top, bottom) = rest.split_at_row(strip.rows().len());
            rest = bottom;
            strip.draw(top).unwrap();
        }
        prop_assert_eq!(covered, height);
        prop_assert!(picture == expected);
    }
}
