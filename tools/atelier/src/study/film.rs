//! The films: what a portrait does before a clip, picture after picture as JPEG.

use super::plan::Condition;
use crate::{clip, generator};
use anyhow::{Context, Result, bail};
use sfumato_compositor::{Compositor, Layout, Picture, Placement};
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;
use sfumato_core::pixels::rgb;
use sfumato_core::time::Moment;
use sfumato_faces::{Choice, Perception};
use sfumato_motion::{Mover, Personality, Placement as Camera};
use sfumato_pack::Pack;
use std::path::Path;

/// What comes before the film: the portrait notices its visitor, and learns the face's rest.
const BEFORE: Moment = Moment(1_000_000);
/// Films shorter than this, in seconds, cannot be judged.
const SHORTEST: f64 = 1.5;

/// What several personalities do before one clip.
#[derive(Clone, Debug)]
pub struct Acted {
    /// Pictures a second.
    pub rate: f64,
    /// For each personality the motion of each picture.
    pub motions: Vec<Vec<Motion>>,
}

/// Plays a clip to personalities, and keeps `seconds` of it after the first second.
pub fn act(
    driver: &Path,
    personalities: &[Personality],
    seconds: f64,
    seed: u64,
    perception: &mut Perception,
) -> Result<Acted> {
    let mut choice = Choice::new();
    let mover = |personality: &Personality| Mover::new(*personality, Camera::default(), seed);
    let mut movers: Vec<Mover> = personalities.iter().map(mover).collect();
    let mut motions = vec![Vec::new(); personalities.len()];
    let mut moments = Vec::new();
    let mut met = false;
    let mut first = None;
    clip::each_frame(driver, |frame| {
        let start = *first.get_or_insert(frame.captured);
        let time = Moment(frame.captured.0 - start.0);
        if time.0 as f64 > BEFORE.0 as f64 + seconds * 1e6 {
            return Ok(());
        }
        let faces = perception.see(frame.pixels(), frame.captured)?;
        let visitor = choice.choose(faces);
        met |= visitor.is_some();
        let kept = time >= BEFORE;
        if kept {
            moments.push(time);
        }
        for (mover, motions) in movers.iter_mut().zip(&mut motions) {
            mover.see(faces, visitor);
            let moved = mover.at(frame.captured);
            if kept {
                motions.push(moved.motion);
            }
        }
        Ok(())
    })?;
    let name = driver.display();
    let last = moments.last().copied().unwrap_or_default();
    let lasts = last.0.saturating_sub(BEFORE.0) as f64 / 1e6;
    if lasts < SHORTEST {
        bail!(
            "{name}: after its first second only {lasts:.1} seconds are left; take a longer clip"
        );
    }
    if !met {
        bail!(
            "{name}: no face is seen in it; take a clip of a visitor (`atelier faces` shows what is seen)"
        );
    }
    let between = last
        .0
        .saturating_sub(moments.first().map_or(0, |moment| moment.0));
    let rate = (moments.len() - 1) as f64 * 1e6 / between.max(1) as f64;
    Ok(Acted { rate, motions })
}

/// How large and how good the films are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Columns and rows of a picture.
    pub side: u32,
    /// Of JPEG, 1 to 100.
    pub quality: u8,
    /// Every how many pictures of the clip one is shown.
    pub every: usize,
}

/// From the best on.
pub const GRADES: [Grade; 6] = [
    Grade {
        side: 480,
        quality: 80,
        every: 1,
    },
    Grade {
        side: 420,
        quality: 75,
        every: 1,
    },
    Grade {
        side: 400,
        quality: 68,
        every: 1,
    },
    Grade {
        side: 360,
        quality: 62,
        every: 1,
    },
    Grade {
        side: 360,
        quality: 62,
        every: 2,
    },
    Grade {
        side: 300,
        quality: 55,
        every: 2,
    },
];

/// Draws one film: a picture for each of `motions` that the grade takes, one for a still painting.
pub fn draw(
    pack: &Pack,
    condition: &Condition,
    motions: &[Motion],
    grade: Grade,
) -> Result<Vec<Vec<u8>>> {
    let layout = Layout {
        placement: Placement::Crop(pack.portrait.region),
        ..Layout::fit(grade.side, grade.side)
    };
    let mut compositor = Compositor::new(&pack.portrait, layout)?;
    let mut picture = Picture::new(grade.side, grade.side, 0);
    let mut drawing = Box::new(Drawing::REST);
    if *condition == Condition::Still {
        compositor.draw(&drawing, picture.view_mut(), 0)?;
        return Ok(vec![jpeg(&picture, grade.quality)?]);
    }
    let drawn_by = match condition {
        Condition::ByRig(_) => generator::Choice::Rig,
        _ => generator::Choice::Best,
    };
    let mut generator = generator::of(pack, drawn_by)?;
    let mut pictures = Vec::new();
    for motion in motions.iter().step_by(grade.every.max(1)) {
        generator.generate(motion, &mut drawing)?;
        compositor.draw(
            &drawing,
            picture.view_mut(),
            u32::from(!pictures.is_empty()),
        )?;
        pictures.push(jpeg(&picture, grade.quality)?);
    }
    Ok(pictures)
}

/// A picture as a baseline JPEG.
fn jpeg(picture: &Picture, quality: u8) -> Result<Vec<u8>> {
    let bytes: Vec<u8> = picture.pixels().iter().flat_map(|&p| rgb(p)).collect();
    let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    encoder.set_size(picture.width() as usize, picture.height() as usize);
    encoder.set_fastest_defaults();
    encoder.set_optimize_coding(true);
    encoder.set_quality(f32::from(quality));
    let mut encoder = encoder.start_compress(Vec::new()).context("JPEG")?;
    encoder.write_scanlines(&bytes).context("JPEG")?;
    encoder.finish().context("JPEG")
}
