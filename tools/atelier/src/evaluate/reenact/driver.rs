//! The clip: what its main face does in every frame, the given pictures, and the truth.
//!
//! Every frame is cut out as `sfumato_corpus::align` lays it: 256 pixels for 25 cm of an average face, upright, in a place, size
//! and lean smoothed over 0.3 seconds. So slow shifting, zooming and leaning are gone from the truth, for everybody alike. A
//! given picture is cut out by the same rule but wider and finer, 37.5 cm at two pixels to one of the truth: a painting has
//! surroundings, and its face has pixels. All methods get this same picture.
//!
//! The face's motion is read off the crops, with the same eyes that look at what is shown: read off the whole frames it
//! differs, by degrees of pitch where an opened mouth's chin leaves the frame, and the difference would be laid to the portrait.

use super::film::{self, Shown};
use crate::corpus::face::{self, Followed, Limits};
use anyhow::{Result, bail};
use sfumato_core::face::{IRIS, LANDMARKS, Landmark};
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_corpus::align::{self, SIDE, Transform};
use sfumato_corpus::{Clip, crop};
use sfumato_faces::Perception;
use sfumato_motion::{Look, Measurement, measure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Pixels of a given picture to one of the truth.
pub const DETAIL: usize = 2;

/// Pixels of the truth that a given picture is wide.
pub const AROUND: usize = SIDE + SIDE / 2;

/// Columns and rows of a given picture.
pub const WIDE: usize = DETAIL * AROUND;

/// More frames than this are not held in memory: ten minutes at 25 a second.
const LONGEST: u32 = 15_000;

/// What the face does in one frame, in pixels of that frame's crop.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The landmarks.
    pub landmarks: Box<[Landmark; LANDMARKS]>,
    /// What was measured of them.
    pub measured: Measurement,
    /// Where the eyes stand.
    pub look: Look,
}

impl Seen {
    /// Of landmarks and irises; none where they are no face.
    pub fn of(
        landmarks: Box<[Landmark; LANDMARKS]>,
        irises: &[[Landmark; IRIS]; 2],
    ) -> Option<Seen> {
        let measured = measure(&landmarks);
        let look = Look::of(&landmarks, irises)?;
        measured.is_plausible().then_some(Seen {
            landmarks,
            measured,
            look,
        })
    }
}

/// A given picture: a frame, cut out wide.
#[derive(Clone, Debug)]
pub struct Given {
    /// Which frame it is.
    pub frame: usize,
    /// [`WIDE`] rows of [`WIDE`] pixels.
    pub wide: Vec<Rgb>,
    /// The face, in pixels of the frame's crop.
    pub seen: Seen,
}

/// A place of the crop, in the wide picture.
pub fn to_wide(point: &Landmark) -> Landmark {
    let (detail, margin) = (DETAIL as f32, 0.5 * (AROUND - SIDE) as f32);
    Landmark {
        x: detail * (point.x + margin),
        y: detail * (point.y + margin),
        z: detail * point.z,
    }
}

/// A frame as the camera took it.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its pixels.
    pub pixels: Vec<Rgb>,
    /// Its columns.
    pub width: usize,
    /// Its rows.
    pub height: usize,
    /// Where its crop lies.
    pub transform: Transform,
}

/// Where the main face of a clip is.
pub struct Driver {
    /// When each frame was taken.
    pub times: Vec<Moment>,
    /// The usual time between two.
    pub interval: Micros,
    transforms: Vec<Option<Transform>>,
    clip: Clip,
}

/// What is cut out of a clip.
#[derive(Debug, Default)]
pub struct Cut {
    /// What the face does in every frame; none where it is not seen.
    pub seen: Vec<Option<Seen>>,
    /// The truth, by frame.
    pub truth: BTreeMap<usize, Shown>,
    /// The given pictures, by frame.
    pub given: BTreeMap<usize, Given>,
    /// The frame that is frozen.
    pub frozen: Option<Taken>,
}

impl Driver {
    /// Looks at a whole clip.
    pub fn look(path: &Path, perception: &mut Perception) -> Result<Driver> {
        let clip = face::of_file(path);
        let limits = Limits {
            part: face::EVER,
            shortest: face::SHORTEST,
            longest: LONGEST,
        };
        let followed = face::follow(&clip, &limits, perception, &|| false);
        let Followed {
            interval,
            times,
            main,
            ..
        } = followed.map_err(|end| face::told(&clip, end))?;
        let places: Vec<_> = (times.iter().zip(&main))
            .map(|(at, main)| {
                (
                    *at,
                    main.as_ref().map(|main| film::steady(&main.face.landmarks)),
                )
            })
            .collect();
        let transforms = align::align(&places);
        Ok(Driver {
            times,
            interval,
            transforms,
            clip,
        })
    }

    /// The frames in which the face is seen.
    pub fn seen(&self) -> Vec<bool> {
        self.transforms.iter().map(Option::is_some).collect()
    }

    /// Decodes the clip once more, cuts out what is wanted, and reads the face's motion off every crop.
    pub fn cut_out(
        &self,
        judged: &[usize],
        given: &BTreeSet<usize>,
        frozen: usize,
        eyes: &mut Perception,
    ) -> Result<Cut> {
        let mut cut = Cut {
            seen: vec![None; self.times.len()],
            ..Cut::default()
        };
        let mut frame = 0;
        let judged: BTreeSet<usize> = judged.iter().copied().collect();
        eyes.forget();
        let played = face::play(&self.clip, &|| false, |picture| {
            let index = frame;
            frame += 1;
            let Some(transform) = self.transforms.get(index).copied().flatten() else {
                return Ok(());
            };
            let pixels = picture.pixels();
            let around = film::cut_out(pixels, &transform);
            let seen = film::face_in(&around, picture.captured, eyes)?;
            if let Some(slot) = cut.seen.get_mut(index) {
                slot.clone_from(&seen);
            }
            if let (true, Some(seen)) = (given.contains(&index), &seen) {
                let given = Given {
                    frame: index,
                    wide: wide(pixels, &transform),
                    seen: seen.clone(),
                };
                cut.given.insert(index, given);
            }
            if judged.contains(&index) {
                cut.truth.insert(index, Shown::new(&around, seen));
            }
            if index == frozen {
                let rows = (0..pixels.height()).flat_map(|y| pixels.row(y).iter().copied());
                cut.frozen = Some(Taken {
                    pixels: rows.collect(),
                    width: pixels.width(),
                    height: pixels.height(),
                    transform,
                });
            }
            Ok(())
        });
        played.map_err(|end| face::told(&self.clip, end))?;
        if cut.truth.len() != judged.len() {
            bail!(
                "{}: it has another number of frames each time it is decoded; encode it anew with ffmpeg",
                self.clip.path
            );
        }
        if let Some(lost) = given.iter().find(|frame| !cut.given.contains_key(frame)) {
            bail!(
                "{}: the face is lost in frame {lost}, which is given; cut the clip where the face is seen well",
                self.clip.path
            );
        }
        Ok(cut)
    }
}

/// Cuts a given picture out.
fn wide(picture: Pixels<'_, Rgb>, transform: &Transform) -> Vec<Rgb> {
    let margin = 0.5 * (AROUND - SIDE) as f32;
    let [x0, y0] = transform.to_picture(-margin, -margin);
    let finer = Transform {
        a: transform.a / DETAIL as f32,
        b: transform.b / DETAIL as f32,
        x0,
        y0,
    };
    crop::cut_out_square(picture, &finer, WIDE)
}
