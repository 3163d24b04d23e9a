//! One clip: from its file to the record of its main face.
//!
//! The clip is decoded twice. First every face is followed; the *main* one is that which is widest for longest, the sum of its
//! widths over all frames. It is one face from one cut of the film to the next: who comes after a cut is somebody else.
//! Then, when it is known where it will be, its crops are cut out. So memory is in proportion to the number of frames, not
//! to their size.
//!
//! Motion is what the device would make of the face with the personality that copies (`mirror`). It is relative to the
//! person's rest, which the device learns while it looks; here the whole clip is shown to it first, and then once more for the
//! motion that is kept, so that the first frames know the rest as well as the last.

use crate::clip;
use anyhow::{Result, anyhow};
use sfumato_camera::{CameraError, Frame as Picture};
use sfumato_core::face::{Face, TrackId};
use sfumato_core::motion::Motion;
use sfumato_core::pixels::Rgb;
use sfumato_core::time::{Micros, Moment};
use sfumato_corpus::align::{self, SIDE, Transform};
use sfumato_corpus::cuts::Cuts;
use sfumato_corpus::record::{Content, Frame, Seen};
use sfumato_corpus::{Cache, Clip, Digest, Reason, Record, Skip, crop, skip};
use sfumato_faces::Perception;
use sfumato_motion::{Measurement, Mover, Personality, Placement, measure};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

/// What came of a clip.
#[derive(Debug)]
pub enum Made {
    /// A record and its crops' file.
    Recorded {
        /// The record.
        record: Record,
        /// JPEG after JPEG.
        crops: Vec<u8>,
    },
    /// Nothing is kept of it.
    Skipped(Skip),
    /// All has to stop.
    Stopped,
}

/// Why work on a clip ended early.
pub(crate) enum End {
    /// The clip is of no use, and why.
    Skip(Reason, String),
    /// All has to stop.
    Stopped,
    /// Not the clip's fault.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> End {
        End::Failed(error)
    }
}

/// All faces of a frame.
struct Faces {
    captured: Moment,
    /// How many cuts came before.
    shot: u32,
    faces: Vec<Box<Face>>,
}

/// A clip that was looked at.
struct Looked {
    size: (u32, u32),
    frames: Vec<Faces>,
}

/// The main face in one frame.
pub(crate) struct Main {
    /// Its points in pixels of the frame.
    pub face: Box<Face>,
    /// What was measured of it there.
    pub measured: Measurement,
    /// Where its crop lies.
    pub transform: Transform,
}

/// The main face of a clip, frame by frame.
pub(crate) struct Followed {
    /// Columns and rows of the frames.
    pub size: (u32, u32),
    /// The usual time between two frames.
    pub interval: Micros,
    /// When each frame was taken.
    pub times: Vec<Moment>,
    /// The face; none where it is not seen.
    pub main: Vec<Option<Main>>,
}

/// What of a clip is looked at, and what is refused.
pub(crate) struct Limits {
    /// From when until before when.
    pub part: Range<Moment>,
    /// The least time for which the face must be seen, milliseconds.
    pub shortest: u32,
    /// The most frames.
    pub longest: u32,
}

/// All of a clip.
pub(crate) const EVER: Range<Moment> = Moment(0)..Moment(u64::MAX);

impl Main {
    fn seen(&self, motion: Motion) -> Box<Seen> {
        let pose = self.measured.pose;
        Box::new(Seen::new(&self.face, self.transform, pose, motion))
    }
}

/// Follows the main face of a clip.
pub(crate) fn follow(
    clip: &Clip,
    limits: &Limits,
    perception: &mut Perception,
    stopped: &dyn Fn() -> bool,
) -> Result<Followed, End> {
    let looked = look(clip, limits, perception, stopped)?;
    let interval = interval(&looked.frames);
    Ok(Followed {
        size: looked.size,
        interval,
        times: looked.frames.iter().map(|frame| frame.captured).collect(),
        main: main_face(looked, interval, limits.shortest)?,
    })
}

/// Makes the record of a clip. Fails only for reasons that are not the clip's.
pub fn make(
    clip: &Clip,
    cache: &Cache,
    perception: &mut Perception,
    stopped: &dyn Fn() -> bool,
) -> Result<Made> {
    let (source, end) = match Content::of_file(&clip.file) {
        Ok(source) => (source, recorded(clip, source, cache, perception, stopped)),
        Err(error) => {
            let because = format!("it cannot be read: {error}");
            let nothing = Content::default();
            (nothing, Err(End::Skip(Reason::Damaged, because)))
        }
    };
    match end {
        Ok(made) => Ok(made),
        Err(End::Failed(error)) => Err(error),
        // A decoder that Ctrl-C reached before us has not found damage.
        Err(End::Stopped) => Ok(Made::Stopped),
        Err(End::Skip(..)) if stopped() => Ok(Made::Stopped),
        Err(End::Skip(reason, because)) => Ok(Made::Skipped(Skip {
            clip: clip.path.clone(),
            reason,
            because,
            source_bytes: source.bytes,
            source_sha256: source.digest,
            recipe: cache.recipe_digest(),
        })),
    }
}

fn recorded(
    clip: &Clip,
    source: Content,
    cache: &Cache,
    perception: &mut Perception,
    stopped: &dyn Fn() -> bool,
) -> Result<Made, End> {
    let recipe = cache.recipe();
    let limits = Limits {
        part: EVER,
        shortest: recipe.shortest,
        longest: recipe.longest,
    };
    let Followed {
        size,
        interval,
        times,
        main,
    } = follow(clip, &limits, perception, stopped)?;
    let count = times.len();
    let motions = motions(&times, &main, size);
    let step = recipe.crops.step(interval.0);
    let wanted: Vec<Option<Transform>> = (main.iter().enumerate())
        .map(|(index, main)| Some(main.as_ref()?.transform).filter(|_| index % step == 0))
        .collect();
    let pictures = cut_out(clip, &wanted, recipe.quality, stopped)?;

    let mut crops = Vec::new();
    let mut frames = Vec::with_capacity(count);
    let rows = times.iter().zip(main).zip(motions).zip(pictures);
    for (((captured, main), motion), picture) in rows {
        let seen = main.map(|main| main.seen(motion));
        frames.push(Frame {
            captured: *captured,
            crop: picture
                .as_ref()
                .and_then(|jpeg| u32::try_from(jpeg.len()).ok()),
            seen,
        });
        crops.extend(picture.unwrap_or_default());
    }
    let record = Record {
        path: clip.path.clone(),
        width: size.0,
        height: size.1,
        source,
        recipe: cache.recipe_digest(),
        crops: Digest::of(&crops),
        frames,
    };
    Ok(Made::Recorded { record, crops })
}

/// What the main face of one clip does, without crops: for whoever needs no cache.
///
/// # Errors
/// A clip that cannot be read or that shows nobody for long enough, by name and with the reason.
pub fn frames(path: &Path, part: Range<Moment>, perception: &mut Perception) -> Result<Vec<Frame>> {
    let limits = Limits {
        part,
        shortest: SHORTEST,
        longest: u32::MAX,
    };
    let clip = of_file(path);
    let followed = follow(&clip, &limits, perception, &|| false);
    let followed = followed.map_err(|end| told(&clip, end))?;
    let motions = motions(&followed.times, &followed.main, followed.size);
    let rows = followed.times.into_iter().zip(followed.main).zip(motions);
    let frame = |((captured, main), motion): ((Moment, Option<Main>), Motion)| Frame {
        captured,
        crop: None,
        seen: main.map(|main| main.seen(motion)),
    };
    Ok(rows.map(frame).collect())
}

/// A clip that belongs to no folder of clips.
pub(crate) fn of_file(path: &Path) -> Clip {
    Clip {
        path: path.display().to_string(),
        file: path.to_owned(),
        bytes: 0,
        modified: SystemTime::UNIX_EPOCH,
    }
}

/// Why a clip by itself is of no use, with what to do.
pub(crate) fn told(clip: &Clip, end: End) -> anyhow::Error {
    match end {
        End::Failed(error) => error,
        End::Stopped => anyhow!("stopped"),
        End::Skip(_, because) => anyhow!(
            "{}: {because}; take a clip that shows one face, upright, for at least a second",
            clip.path
        ),
    }
}

/// Milliseconds for which a face must be seen at least.
pub(crate) const SHORTEST: u32 = 1_000;

/// Shows every frame of a clip to `each`, and sorts what can go wrong.
pub(crate) fn play(
    clip: &Clip,
    stopped: &dyn Fn() -> bool,
    mut each: impl FnMut(&Picture) -> Result<(), End>,
) -> Result<(), End> {
    let mut end = None;
    let played = clip::play(&clip.file, |picture| {
        let seen = if stopped() {
            Err(End::Stopped)
        } else {
            each(picture)
        };
        seen.map_err(|why| {
            end = Some(why);
            anyhow!("ended early")
        })
    });
    if let Some(end) = end {
        return Err(end);
    }
    let played = match played {
        Ok(played) => played,
        Err(error) => {
            return Err(match error.downcast_ref() {
                Some(error @ CameraError::Clip { .. }) => {
                    End::Skip(Reason::Damaged, because(&error.to_string(), clip))
                }
                _ => End::Failed(error),
            });
        }
    };
    // Some containers count a frame or two that they tell the player to leave out.
    let missing = played
        .promised
        .unwrap_or(0)
        .saturating_sub(played.frames as u64);
    if missing > 2 && missing * 10 > played.promised.unwrap_or(0) {
        let because = format!(
            "only {} frames of {} can be decoded; fetch it again",
            played.frames,
            played.promised.unwrap_or(0)
        );
        return Err(End::Skip(Reason::Damaged, because));
    }
    Ok(())
}

/// What the decoder said, the same on every machine.
fn because(said: &str, clip: &Clip) -> String {
    let plain = skip::plain(said, &clip.file, &clip.path);
    let named = format!("{}: ", clip.path);
    plain.strip_prefix(&named).unwrap_or(&plain).to_owned()
}

/// Follows all faces of a clip.
fn look(
    clip: &Clip,
    limits: &Limits,
    perception: &mut Perception,
    stopped: &dyn Fn() -> bool,
) -> Result<Looked, End> {
    let mut cuts = Cuts::default();
    let mut shot = 0;
    perception.forget();
    let mut looked = Looked {
        size: (0, 0),
        frames: Vec::new(),
    };
    play(clip, stopped, |picture| {
        if !limits.part.contains(&picture.captured) {
            return Ok(());
        }
        if looked.frames.len() >= limits.longest as usize {
            let longest = limits.longest;
            let because = format!("it has more than {longest} frames; cut it into pieces");
            return Err(End::Skip(Reason::TooLong, because));
        }
        let size = (picture.width() as u32, picture.height() as u32);
        if looked.frames.is_empty() {
            looked.size = size;
        } else if looked.size != size {
            let because = "its pictures change their size; cut it where they do".to_owned();
            return Err(End::Skip(Reason::Damaged, because));
        }
        if cuts.is_cut(picture.pixels()) {
            perception.forget();
            shot += 1;
        }
        let seen = perception.see(picture.pixels(), picture.captured);
        let seen = seen.map_err(|error| End::Failed(error.into()))?;
        looked.frames.push(Faces {
            captured: picture.captured,
            shot,
            faces: seen
                .faces
                .iter()
                .map(|face| Box::new(face.clone()))
                .collect(),
        });
        Ok(())
    })?;
    Ok(looked)
}

/// The usual time between two frames.
fn interval(frames: &[Faces]) -> Micros {
    let at = |frame: Option<&Faces>| frame.map_or(0, |frame| frame.captured.0);
    let all = at(frames.last()).saturating_sub(at(frames.first()));
    Micros(all / (frames.len().max(2) as u64 - 1))
}

/// The main face in every frame, with its place in the crop.
fn main_face(looked: Looked, interval: Micros, shortest: u32) -> Result<Vec<Option<Main>>, End> {
    let mut widths: BTreeMap<(u32, TrackId), f64> = BTreeMap::new();
    for frame in &looked.frames {
        for face in &frame.faces {
            let width = f64::from(face.bounds.width());
            *widths.entry((frame.shot, face.track)).or_default() += width;
        }
    }
    let count = looked.frames.len();
    // Of two alike the one that came first, whose number is smaller.
    let widest = widths.iter().rev().max_by(|a, b| a.1.total_cmp(b.1));
    let Some((&(shot, track), _)) = widest else {
        let because = format!("nobody is seen in its {count} frames");
        return Err(End::Skip(Reason::NoFace, because));
    };
    let mut faces = Vec::with_capacity(count);
    let mut measured = Vec::with_capacity(count);
    for frame in looked.frames {
        let mut all = frame.faces.into_iter();
        let face = all.find(|face| frame.shot == shot && face.track == track);
        measured.push((
            frame.captured,
            face.as_ref().map(|face| measure(&face.landmarks)),
        ));
        faces.push(face);
    }
    let transforms = align::align(&measured);
    let seen = transforms.iter().flatten().count();
    if Micros(interval.0 * seen as u64) < Micros::from_millis(u64::from(shortest)) {
        let because = format!(
            "the face is seen in {seen} of its {count} frames, less than {} second",
            f64::from(shortest) / 1000.0
        );
        return Err(End::Skip(Reason::TooShort, because));
    }
    let rows = faces.into_iter().zip(measured).zip(transforms);
    let main = rows.map(|((face, (_, measured)), transform)| {
        Some(Main {
            face: face?,
            measured: measured?,
            transform: transform?,
        })
    });
    Ok(main.collect())
}

/// The motion of the main face in every frame; rest where it is not seen.
fn motions(times: &[Moment], main: &[Option<Main>], size: (u32, u32)) -> Vec<Motion> {
    let mut mover = Mover::new(Personality::MIRROR, Placement::default(), 0);
    // A mover ignores a picture taken at the moment zero of time's own start.
    let first = Micros(1);
    for (captured, main) in times.iter().zip(main) {
        let face = main.as_ref().map(|main| &*main.face);
        mover.observe(face, size, *captured + first);
    }
    // Long enough that filters begin anew; the rest is remembered.
    let length = times.last().map_or(0, |last| last.0);
    let again = Micros(length + Micros::from_secs(1).0);
    let motion = |(captured, main): (&Moment, &Option<Main>)| {
        let now = *captured + again;
        let Some(main) = main else {
            return Motion::REST;
        };
        mover.observe(Some(&main.face), size, now);
        // Asked only where the face is seen: who is away would ease back to rest and out of it.
        mover.at(now).motion
    };
    times.iter().zip(main).map(motion).collect()
}

/// The crops that are wanted, as JPEG.
fn cut_out(
    clip: &Clip,
    wanted: &[Option<Transform>],
    quality: u8,
    stopped: &dyn Fn() -> bool,
) -> Result<Vec<Option<Vec<u8>>>, End> {
    let mut crops = Vec::with_capacity(wanted.len());
    play(clip, stopped, |picture| {
        let transform = wanted.get(crops.len()).copied().flatten();
        let crop = match transform {
            Some(transform) => Some(jpeg(&crop::cut_out(picture.pixels(), &transform), quality)?),
            None => None,
        };
        crops.push(crop);
        Ok(())
    })?;
    if crops.len() != wanted.len() {
        let because = "it has another number of frames each time it is decoded".to_owned();
        return Err(End::Skip(Reason::Damaged, because));
    }
    Ok(crops)
}

/// A crop as a baseline JPEG, which every decoder of motion JPEG takes.
fn jpeg(pixels: &[Rgb], quality: u8) -> Result<Vec<u8>> {
    let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    encoder.set_size(SIDE, SIDE);
    encoder.set_fastest_defaults();
    encoder.set_optimize_coding(true);
    encoder.set_quality(f32::from(quality));
    let mut encoder = encoder.start_compress(Vec::new())?;
    encoder.write_scanlines(pixels.as_flattened())?;
    Ok(encoder.finish()?)
}
