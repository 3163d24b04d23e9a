//! The portrait of the clip's person, made from the pictures that are given.
//!
//! [`Subject::prepare`] is the one place where pictures become a portrait. One of K pictures is the painting, and the others are
//! what `atelier prepare --also` is given:
//!
//! - *Which one*: the most neutral and sharpest, see [`by_neutrality`]. Paint can be parted, but what a
//!   picture hides behind a lid or a turned cheek is not there.
//! - *What the others tell*: [`sitter::listen`], how this face moves, its light and creases, the inside of its mouth.
//! - *How strongly*: the portrait is made to act what each other given picture shows, looked at with the
//!   same eyes, and the gains are set by least squares, so that what a coefficient of one looks like is this person's.

use super::driver::{Given, Seen, WIDE, to_wide};
use crate::evaluate::metrics::faces::usually_open;
use crate::evaluate::metrics::luma::Plane;
use anyhow::{Context, Result, anyhow};
use sfumato_compositor::{Compositor, Layout, Picture, Placement};
use sfumato_core::drawing::Drawing;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::motion::Real;
use sfumato_core::pixels::{Pixels, Rgb, rgb, xrgb};
use sfumato_faces::Perception;
use sfumato_generator::{Generator as _, Rig};
use sfumato_motion::relative::{Acted, Rest, Ruler, acted};
use sfumato_motion::scale;
use sfumato_prepare::sitter::{self, Further};

/// Least and most that a gain may become.
const GAINS: [f64; 2] = [0.5, 2.0];

/// A portrait that acts.
pub struct Subject {
    /// The frame that became the portrait.
    pub frame: usize,
    /// How many of the others told more.
    pub heard: usize,
    /// The face in it.
    pub seen: Seen,
    /// How it copies.
    pub ruler: Ruler,
    rig: Rig,
    compositor: Compositor,
    drawing: Box<Drawing>,
    shown: Picture,
}

impl Subject {
    /// Makes a portrait of the given pictures, of which there is at least one.
    ///
    /// `ruler` says how far the head is copied; its gains are those of one picture alone.
    pub fn prepare(given: &[&Given], ruler: Ruler, eyes: &mut Perception) -> Result<Subject> {
        let mut refused = anyhow!("no picture was given");
        for source in by_neutrality(given) {
            let others: Vec<&Given> = (given.iter().copied())
                .filter(|other| other.frame != source.frame)
                .collect();
            match Subject::of(source, &others, ruler) {
                Ok(mut subject) => {
                    subject.ruler = subject.calibrated(&others, eyes)?;
                    return Ok(subject);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// A portrait of one picture, of which the others tell more.
    fn of(source: &Given, others: &[&Given], ruler: Ruler) -> Result<Subject> {
        let side = WIDE as u32;
        let (painting, landmarks) = picture(source)?;
        let mut prepared = sfumato_prepare::prepare(painting, &landmarks)
            .with_context(|| format!("frame {} cannot be prepared", source.frame))?;
        let others: Vec<_> = (others.iter())
            .map(|other| Ok((picture(other)?, other.seen.look)))
            .collect::<Result<_>>()?;
        let further: Vec<Further<'_>> = (others.iter())
            .map(|((picture, landmarks), look)| Further {
                picture,
                seen: sitter::Seen {
                    landmarks,
                    look: *look,
                },
            })
            .collect();
        let seen = sitter::Seen {
            landmarks: &landmarks,
            look: source.seen.look,
        };
        let heard = sitter::listen(&mut prepared, &seen, &further);
        let layout = Layout {
            placement: Placement::Exact,
            ..Layout::fit(side, side)
        };
        Ok(Subject {
            frame: source.frame,
            heard: heard.iter().filter(|heard| heard.is_ok()).count(),
            seen: source.seen.clone(),
            ruler,
            rig: Rig::new(prepared.model),
            compositor: Compositor::new(&prepared.portrait, layout)?,
            drawing: Box::new(Drawing::REST),
            shown: Picture::new(side, side, 0),
        })
    }

    /// How the driver's face lies in the source frame, where all its motion starts.
    pub fn rest(&self) -> Rest {
        Rest::of(&self.seen.measured, &self.seen.look)
    }

    /// Draws the portrait acting, [`WIDE`] pixels a side.
    pub fn draw(&mut self, acted: &Acted, out: &mut Vec<Rgb>) -> Result<()> {
        let motion = self.rig.with_eyes(&acted.motion, acted.eyes);
        self.rig.generate(&motion, &mut self.drawing)?;
        self.compositor
            .draw(&self.drawing, self.shown.view_mut(), 1)?;
        out.clear();
        out.extend(self.shown.pixels().iter().map(|&pixel| rgb(pixel)));
        Ok(())
    }

    /// The ruler with the gains by which the portrait acts most like the other pictures.
    fn calibrated(&mut self, others: &[&Given], eyes: &mut Perception) -> Result<Ruler> {
        let rest = self.rest();
        let mut out = Vec::new();
        let mut face = |subject: &mut Subject, seen: &Seen| -> Result<Option<Seen>> {
            let acted = acted(&seen.measured, &seen.look, &rest, &subject.ruler);
            subject.draw(&acted, &mut out)?;
            let picture = Pixels::new(&out, WIDE, WIDE, WIDE)?;
            let face = eyes.look(picture)?.faces.first();
            Ok(face.and_then(|face| Seen::of(Box::new(face.landmarks), &face.irises)))
        };
        // What the eyes see in the portrait at rest, which is the source.
        let own = self.seen.clone();
        let Some(still) = face(self, &own)? else {
            return Ok(self.ruler);
        };
        let mut fits: [Fit; 8] = PARTS.map(|part| Fit::new(part.noise()));
        for other in others {
            let Some(shown) = face(self, &other.seen)? else {
                continue;
            };
            for (part, fit) in PARTS.into_iter().zip(&mut fits) {
                let wanted = part.moved(&other.seen, &self.seen, &self.ruler);
                let reached = part.moved(&shown, &still, &UNBOUNDED);
                for (wanted, reached) in wanted.into_iter().zip(reached) {
                    fit.add(wanted, reached);
                }
            }
        }
        let mut ruler = self.ruler;
        for (part, fit) in PARTS.into_iter().zip(&fits) {
            *part.gain(&mut ruler) = Real::from_num(fit.gain());
        }
        Ok(ruler)
    }
}

/// A given picture and its face's landmarks in its own pixels.
fn picture(given: &Given) -> Result<(Picture, Box<[Landmark; LANDMARKS]>)> {
    let side = WIDE as u32;
    let pixels = given.wide.iter().map(|&pixel| xrgb(pixel)).collect();
    let landmarks = std::array::from_fn(|index| to_wide(&given.seen.landmarks[index]));
    Ok((
        Picture::from_pixels(side, side, pixels)?,
        Box::new(landmarks),
    ))
}

/// A ruler against which nothing is bounded.
const UNBOUNDED: Ruler = Ruler {
    head_knee: Real::lit("180"),
    head_limit: Real::lit("181"),
    ..Ruler::DEVICE
};

/// What has a gain of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Yaw,
    Pitch,
    Roll,
    Jaw,
    Smile,
    Brows,
    Lids,
    Gaze,
}

const PARTS: [Part; 8] = [
    Part::Yaw,
    Part::Pitch,
    Part::Roll,
    Part::Jaw,
    Part::Smile,
    Part::Brows,
    Part::Lids,
    Part::Gaze,
];

impl Part {
    /// How far a face moves this part away from another, in the part's own units.
    ///
    /// The head as far as the ruler lets it: its bounds are a choice, not a mistake to be made good.
    fn moved(self, seen: &Seen, rest: &Seen, ruler: &Ruler) -> Vec<f64> {
        let (f, g) = (&seen.measured.features, &rest.measured.features);
        let off = |a: f32, b: f32| f64::from(a - b);
        match self {
            Part::Yaw | Part::Pitch | Part::Roll => {
                let rest = Rest::of(&rest.measured, &rest.look);
                let plain = Ruler {
                    head_knee: ruler.head_knee,
                    head_limit: ruler.head_limit,
                    ..Ruler::DEVICE
                };
                let head = acted(&seen.measured, &seen.look, &rest, &plain).motion.head;
                let angle = match self {
                    Part::Yaw => head.yaw,
                    Part::Pitch => head.pitch,
                    _ => head.roll,
                };
                vec![angle.to_num()]
            }
            Part::Jaw => vec![off(f.mouth_opening, g.mouth_opening)],
            // A jaw that opens narrows the mouth too; only what widens it is a smile's.
            Part::Smile => vec![off(f.mouth_width, g.mouth_width).max(0.0)],
            Part::Brows => [0, 1]
                .into_iter()
                .flat_map(|side| {
                    let inner = off(f.brow_inner[side], g.brow_inner[side]);
                    [inner, off(f.brow_outer[side], g.brow_outer[side])]
                })
                .collect(),
            Part::Lids => vec![off(f.eye_opening, g.eye_opening).min(0.0)],
            Part::Gaze => seen.look.turned_from(&rest.look).map(f64::from).to_vec(),
        }
    }

    /// What landmarks tremble by, and an eye cannot see: movements below it say little.
    fn noise(self) -> f64 {
        match self {
            Part::Yaw | Part::Pitch | Part::Roll => 1.5,
            Part::Jaw => 0.03,
            Part::Smile => 0.015,
            Part::Brows => 0.01,
            Part::Lids => 0.01,
            Part::Gaze => 3.0,
        }
    }

    fn gain(self, ruler: &mut Ruler) -> &mut Real {
        match self {
            Part::Yaw => &mut ruler.gains.yaw,
            Part::Pitch => &mut ruler.gains.pitch,
            Part::Roll => &mut ruler.gains.roll,
            Part::Jaw => &mut ruler.gains.jaw,
            Part::Smile => &mut ruler.gains.smile,
            Part::Brows => &mut ruler.gains.brows,
            Part::Lids => &mut ruler.lids,
            Part::Gaze => &mut ruler.gains.gaze,
        }
    }
}

/// Least squares of a gain, drawn towards 1 as if one movement of the noise's size had been copied exactly four times.
#[derive(Clone, Copy, Debug)]
struct Fit {
    wanted: f64,
    reached: f64,
}

impl Fit {
    fn new(noise: f64) -> Fit {
        let known = 4.0 * noise * noise;
        Fit {
            wanted: known,
            reached: known,
        }
    }

    fn add(&mut self, wanted: f64, reached: f64) {
        self.wanted += wanted * reached;
        self.reached += reached * reached;
    }

    fn gain(&self) -> f64 {
        (self.wanted / self.reached).clamp(GAINS[0], GAINS[1])
    }
}

/// The given pictures, the best source first.
///
/// A picture costs what it is away from a face at rest: an open mouth and shut eyes twice, since they hide what
/// a shut mouth and open eyes show; mouth width, brows, gaze and head pose as far as they are from the middle of what the
/// pictures show, since the portrait then has least far to go; and how much less sharp it is than the sharpest.
pub fn by_neutrality<'a>(given: &[&'a Given]) -> Vec<&'a Given> {
    let middle = |f: &dyn Fn(&Seen) -> f64| {
        let mut all: Vec<f64> = given.iter().map(|given| f(&given.seen)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    let open: Vec<Option<f64>> = (given.iter())
        .map(|given| Some(f64::from(given.seen.measured.features.eye_opening)))
        .collect();
    let open = usually_open(&open).unwrap_or(1.0).max(1e-6);
    let width = |seen: &Seen| f64::from(seen.measured.features.mouth_width);
    let smile = f64::from(scale::SMILE_WIDTH_RATIO_AT_ONE - 1.0) * middle(&width).max(1e-6);
    type Away<'b> = (&'b dyn Fn(&Seen) -> f64, f64);
    let aways: [Away<'_>; 6] = [
        (&width, smile),
        (
            &|seen| f64::from(seen.measured.features.brow_inner.iter().sum::<f32>()),
            2.0 * f64::from(scale::BROW_UP_AT_ONE),
        ),
        (&|seen| f64::from(seen.look.offset[0]), 1.0),
        (&|seen| f64::from(seen.measured.pose.yaw), 20.0),
        (&|seen| f64::from(seen.measured.pose.pitch), 20.0),
        (&|seen| f64::from(seen.measured.pose.roll), 20.0),
    ];
    let middles = aways.map(|(f, _)| middle(f));
    let sharp: Vec<f64> = given.iter().map(|given| sharpness(&given.wide)).collect();
    let sharpest = sharp.iter().copied().fold(1e-6, f64::max);
    let mut order: Vec<(f64, &Given)> = (given.iter().zip(&sharp))
        .map(|(given, sharp)| {
            let features = &given.seen.measured.features;
            let parted = f64::from(features.mouth_opening / scale::JAW_OPEN_RATIO_AT_ONE);
            let shut = (1.0 - f64::from(features.eye_opening) / open).max(0.0);
            let aways = aways.iter().zip(middles);
            let away = aways.map(|((f, at_one), middle)| (f(&given.seen) - middle).abs() / at_one);
            let cost = 2.0 * (parted + shut) + away.sum::<f64>() + 1.0 - sharp / sharpest;
            (cost, *given)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    order.into_iter().map(|(_, given)| given).collect()
}

/// Mean size of the Laplacian of the luma over the middle of a wide picture.
fn sharpness(wide: &[Rgb]) -> f64 {
    let luma = Plane::luma(wide, WIDE);
    let (from, to) = (WIDE / 3, 2 * WIDE / 3);
    let mut sum = 0.0;
    for y in from..to {
        for x in from..to {
            let around =
                luma.at(x - 1, y) + luma.at(x + 1, y) + luma.at(x, y - 1) + luma.at(x, y + 1);
            sum += f64::from((around - 4.0 * luma.at(x, y)).abs());
        }
    }
    sum / ((to - from) * (to - from)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_motion::measure::{Features, Pose};
    use sfumato_motion::{Look, Measurement};

    fn given(frame: usize, yaw: f32, mouth_opening: f32, eye_opening: f32, contrast: u8) -> Given {
        let features = Features {
            mouth_opening,
            eye_opening,
            mouth_width: 0.55,
            ..Features::default()
        };
        let level = |i: usize| {
            [if (i / 4 + i / WIDE / 4).is_multiple_of(2) {
                contrast
            } else {
                0
            }; 3]
        };
        Given {
            frame,
            wide: (0..WIDE * WIDE).map(level).collect(),
            seen: Seen {
                landmarks: Box::new([Default::default(); 468]),
                measured: Measurement {
                    pose: Pose {
                        yaw,
                        pitch: 6.0,
                        roll: 0.0,
                    },
                    features,
                    ..Measurement::default()
                },
                look: Look::default(),
            },
        }
    }

    #[test]
    fn the_best_source_is_shut_of_mouth_open_of_eye_straight_and_sharp() {
        let all = [
            given(0, 0.0, 0.5, 0.08, 200),
            given(1, 0.0, 0.0, 0.02, 200),
            given(2, 25.0, 0.0, 0.08, 200),
            given(3, 0.0, 0.0, 0.08, 60),
            given(4, 0.0, 0.0, 0.08, 200),
        ];
        let order: Vec<usize> = (by_neutrality(&all.iter().collect::<Vec<_>>()).iter())
            .map(|given| given.frame)
            .collect();
        assert_eq!(order[0], 4);
        assert_eq!(order[1], 3);
    }

    #[test]
    fn gains_are_what_brings_the_portrait_to_the_picture() {
        let mut fit = Fit::new(0.01);
        assert_eq!(fit.gain(), 1.0);
        for _ in 0..20 {
            fit.add(0.3, 0.2);
        }
        assert!((fit.gain() - 1.5).abs() < 0.01, "{}", fit.gain());
        // A movement below the noise says little, and nothing leaves the limits.
        let mut small = Fit::new(0.01);
        small.add(0.002, 0.001);
        assert!((small.gain() - 1.0).abs() < 0.01);
        fit.add(100.0, 1.0);
        assert_eq!(fit.gain(), GAINS[1]);
    }
}
