//! The record of a clip: its main face in every frame. Format, version 1.
//!
//! All numbers are little-endian. A *number* of no stated size is written by sevens of bits (LEB128), a *difference* is
//! a number too, folded (0, -1, 1, -2, … as 0, 1, 2, 3, …), to the last frame in which the face was seen, or to zero.
//! There is one way only to write a record.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `SfCorpus` |
//! | 2 | version, 1 |
//! | 2 | points of a face, 478 |
//! | 4, 4 | columns and rows of the clip's pictures |
//! | 8, 32 | the clip's file: size in bytes, SHA-256 |
//! | 32 | SHA-256 of the recipe |
//! | 4, 4, 4 | frames; those in which the face is seen; those with a crop |
//! | 8, 32 | the file of crops: size in bytes, SHA-256 |
//! | 2, n | the clip's path: length, UTF-8 |
//! | … | every frame |
//! | 32 | SHA-256 of all before |
//!
//! A frame:
//!
//! | bytes | what |
//! |---|---|
//! | number | microseconds since the frame before; of the first, since the clip's start |
//! | 1 | bits: 1, the face is seen; 2, there is a crop |
//! | number | with a crop only: its length in bytes |
//! | | the rest only where the face is seen: |
//! | 2 | how sure the network is, in 65535ths |
//! | 4 × 4 | the transform from crop to picture: `a`, `b`, `x0`, `y0`, 32-bit floats |
//! | 3 differences | pose: yaw, pitch, roll in hundredths of a degree |
//! | 59 differences | motion: head yaw, pitch, roll; gaze yaw, pitch; eye openness right, left; 52 coefficients; in 65536ths |
//! | 478 × 3 differences | points: x, y, z in 32nds of a crop's pixel, within ±32767 |
//!
//! The points are the 468 landmarks of the mesh, then right and left iris, five each, in pixels of the crop (of
//! [`SIDE`](crate::align::SIDE) pixels) whether or not this frame has one; the transform leads to pixels of the picture. A 32nd of a pixel is
//! a quarter of what landmarks tremble by, or less.

use crate::align::Transform;
use crate::digest::{Digest, Sum};
use crate::varint;
use sfumato_core::face::{Face, IRIS, LANDMARKS, Landmark};
use sfumato_core::motion::{EXPRESSIONS, Motion, Real};
use sfumato_core::time::Moment;
use sfumato_motion::measure::Pose;
use std::io::{self, Read};

/// The version written and read.
pub const VERSION: u16 = 1;

/// Points of a face: landmarks, then both irises.
pub const POINTS: usize = LANDMARKS + 2 * IRIS;

/// Steps that a crop's pixel is divided into for a point.
pub const STEPS: f32 = 32.0;

/// Numbers of a motion.
const MOTIONS: usize = 7 + EXPRESSIONS;

const MAGIC: &[u8; 8] = b"SfCorpus";
/// Bytes of the head before the path.
const FIXED: usize = 146;
const DIGEST: usize = 32;

/// Longer paths are no file's.
pub const LONGEST_PATH: usize = 4096;

/// What is wrong with a record or with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Too short, or too long, for what it says of itself.
    #[error("it ends too early or goes on too long")]
    Length,
    /// Another kind of file.
    #[error("it is no record of a clip")]
    Kind,
    /// Of a later or earlier program.
    #[error("it is of version {0}, and only {VERSION} is read")]
    Version(u16),
    /// Its bytes are not those that were written.
    #[error("its SHA-256 is not the one in it")]
    Digest,
    /// Something in it cannot be.
    #[error("its {0} cannot be")]
    Content(&'static str),
    /// The crops beside it are gone.
    #[error("the crops that belong to it are not there")]
    NoCrops,
    /// The crops beside it are others.
    #[error("the crops that belong to it are others, by their SHA-256")]
    Crops,
}

/// A file, by size and content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of it.
    pub digest: Digest,
}

impl Content {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Content {
        Content {
            bytes: bytes.len() as u64,
            digest: Digest::of(bytes),
        }
    }

    /// Of a file.
    pub fn of_file(path: &std::path::Path) -> io::Result<Content> {
        let (digest, bytes) = Digest::of_all(&mut std::fs::File::open(path)?)?;
        Ok(Content { bytes, digest })
    }
}

/// What a record says before its frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The clip's path relative to ROOT, with `/` between folders.
    pub path: String,
    /// Columns of its pictures.
    pub width: u32,
    /// Rows of its pictures.
    pub height: u32,
    /// The clip's file.
    pub source: Content,
    /// SHA-256 of the recipe.
    pub recipe: Digest,
    /// Frames.
    pub frames: u32,
    /// Frames in which the face is seen.
    pub seen: u32,
    /// Frames with a crop.
    pub cropped: u32,
    /// The file of crops.
    pub crops: Content,
}

/// The main face of a clip, frame by frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The clip's path relative to ROOT, with `/` between folders.
    pub path: String,
    /// Columns of its pictures.
    pub width: u32,
    /// Rows of its pictures.
    pub height: u32,
    /// The clip's file.
    pub source: Content,
    /// SHA-256 of the recipe.
    pub recipe: Digest,
    /// SHA-256 of the file of crops; its size is the sum of the crops' lengths.
    pub crops: Digest,
    /// All frames, in order.
    pub frames: Vec<Frame>,
}

/// One frame of a clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// When it was taken, from the clip's start; not before the frame before it.
    pub captured: Moment,
    /// Its crop's length in the file of crops, bytes; such a frame is seen.
    pub crop: Option<u32>,
    /// The face; none where it was not found.
    pub seen: Option<Box<Seen>>,
}

/// A face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// How sure the network is, in 65535ths.
    pub score: u16,
    /// From crop to picture.
    pub transform: Transform,
    /// Yaw, pitch, roll in hundredths of a degree, absolute, as `sfumato_motion::measure` has them.
    pub pose: [i32; 3],
    /// What the face does relative to its rest, as the mirroring personality copies it.
    pub motion: Motion,
    /// Landmarks, then irises: x, y, z in 32nds of a crop's pixel.
    pub points: Box<[[i16; 3]; POINTS]>,
}

impl Seen {
    /// A face as the perception found it; points too far from the crop come to lie at the edge of the range.
    pub fn new(face: &Face, transform: Transform, pose: Pose, motion: Motion) -> Seen {
        let steps = |value: f32| {
            // Saturates, and takes what is no number for 0.
            libm::roundf(value * STEPS).clamp(-32767.0, 32767.0) as i16
        };
        let mut points = Box::new([[0; 3]; POINTS]);
        let found = face.landmarks.iter().chain(face.irises.iter().flatten());
        for (point, at) in points.iter_mut().zip(found) {
            *point = transform.landmark_to_crop(at).map(steps);
        }
        let hundredths = |degrees: f32| libm::roundf(degrees * 100.0) as i32;
        Seen {
            score: libm::roundf(face.score.clamp(0.0, 1.0) * 65535.0) as u16,
            transform,
            pose: [pose.yaw, pose.pitch, pose.roll].map(hundredths),
            motion,
            points,
        }
    }

    /// Absolute head pose in degrees.
    pub fn pose(&self) -> Pose {
        let [yaw, pitch, roll] = self.pose.map(|value| value as f32 / 100.0);
        Pose { yaw, pitch, roll }
    }

    /// A point in pixels of the crop; none from [`POINTS`] on.
    pub fn in_crop(&self, point: usize) -> Option<[f32; 3]> {
        Some(
            self.points
                .get(point)?
                .map(|value| f32::from(value) / STEPS),
        )
    }

    /// The landmarks in pixels of the picture.
    pub fn landmarks(&self) -> [Landmark; LANDMARKS] {
        std::array::from_fn(|index| self.in_picture(index))
    }

    /// The irises in pixels of the picture, the subject's right and left.
    pub fn irises(&self) -> [[Landmark; IRIS]; 2] {
        std::array::from_fn(|side| {
            std::array::from_fn(|index| self.in_picture(LANDMARKS + side * IRIS + index))
        })
    }

    fn in_picture(&self, point: usize) -> Landmark {
        self.transform
            .landmark_to_picture(self.in_crop(point).unwrap_or_default())
    }
}

/// A motion as numbers, in the order of the format.
fn numbers(motion: &Motion) -> [i32; MOTIONS] {
    let mut numbers = [0; MOTIONS];
    let (head, gaze) = (&motion.head, &motion.gaze);
    let first = [head.yaw, head.pitch, head.roll, gaze.yaw, gaze.pitch];
    let all = first
        .iter()
        .chain(&motion.eye_openness)
        .chain(&motion.expression);
    for (number, value) in numbers.iter_mut().zip(all) {
        *number = value.to_bits();
    }
    numbers
}

fn motion_of(numbers: &[i32; MOTIONS]) -> Motion {
    let mut motion = Motion::REST;
    let (head, gaze) = (&mut motion.head, &mut motion.gaze);
    let first = [
        &mut head.yaw,
        &mut head.pitch,
        &mut head.roll,
        &mut gaze.yaw,
        &mut gaze.pitch,
    ];
    let all = first
        .into_iter()
        .chain(&mut motion.eye_openness)
        .chain(&mut motion.expression);
    for (value, number) in all.zip(numbers) {
        *value = Real::from_bits(*number);
    }
    motion
}

/// What differences are taken to.
#[derive(Debug)]
struct Before {
    captured: u64,
    pose: [i32; 3],
    motion: [i32; MOTIONS],
    points: Box<[[i16; 3]; POINTS]>,
}

impl Default for Before {
    fn default() -> Before {
        Before {
            captured: 0,
            pose: [0; 3],
            motion: [0; MOTIONS],
            points: Box::new([[0; 3]; POINTS]),
        }
    }
}

impl Record {
    /// What stands before the frames.
    pub fn head(&self) -> Head {
        let lengths = || self.frames.iter().filter_map(|frame| frame.crop);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Head {
            path: self.path.clone(),
            width: self.width,
            height: self.height,
            source: self.source,
            recipe: self.recipe,
            frames: count(self.frames.len()),
            seen: count(
                self.frames
                    .iter()
                    .filter(|frame| frame.seen.is_some())
                    .count(),
            ),
            cropped: count(lengths().count()),
            crops: Content {
                bytes: lengths().map(u64::from).sum(),
                digest: self.crops,
            },
        }
    }

    /// The record's file, and the SHA-256 at its end.
    ///
    /// A path of more than [`LONGEST_PATH`] bytes, times that run backwards and a crop without a face give a file that
    /// [`decode`](Record::decode) refuses.
    pub fn encode(&self) -> (Vec<u8>, Digest) {
        let mut out = Vec::with_capacity(self.frames.len() * 1800 + 256);
        self.head().put(&mut out);
        let mut before = Before::default();
        for frame in &self.frames {
            frame.put(&mut before, &mut out);
        }
        let digest = Digest::of(&out);
        out.extend(digest.0);
        (out, digest)
    }

    /// Reads a record's file: the record, and the SHA-256 at its end.
    ///
    /// Any bytes are read or refused; memory is in proportion to their number. What is read would be written as it was.
    pub fn decode(bytes: &[u8]) -> Result<(Record, Digest), Damage> {
        let (bytes, end) = bytes.split_last_chunk::<DIGEST>().ok_or(Damage::Length)?;
        let mut rest = bytes;
        let head = Head::take(&mut rest)?;
        let digest = Digest::of(bytes);
        if digest.0 != *end {
            return Err(Damage::Digest);
        }
        // Each frame has two bytes at the least, so a count alone reserves nothing.
        let least = head.frames as usize;
        if rest.len() / 2 < least {
            return Err(Damage::Length);
        }
        let mut frames = Vec::with_capacity(least);
        let mut before = Before::default();
        for _ in 0..least {
            frames.push(Frame::take(&mut before, &mut rest)?);
        }
        if !rest.is_empty() {
            return Err(Damage::Length);
        }
        let record = Record {
            path: head.path.clone(),
            width: head.width,
            height: head.height,
            source: head.source,
            recipe: head.recipe,
            crops: head.crops.digest,
            frames,
        };
        if record.head() != head {
            return Err(Damage::Content("sum of frames"));
        }
        Ok((record, digest))
    }
}

impl Head {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend((POINTS as u16).to_le_bytes());
        out.extend(self.width.to_le_bytes());
        out.extend(self.height.to_le_bytes());
        out.extend(self.source.bytes.to_le_bytes());
        out.extend(self.source.digest.0);
        out.extend(self.recipe.0);
        for count in [self.frames, self.seen, self.cropped] {
            out.extend(count.to_le_bytes());
        }
        out.extend(self.crops.bytes.to_le_bytes());
        out.extend(self.crops.digest.0);
        out.extend((self.path.len() as u16).to_le_bytes());
        out.extend(self.path.as_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Result<Head, Damage> {
        if array(bytes)? != *MAGIC {
            return Err(Damage::Kind);
        }
        let version = u16::from_le_bytes(array(bytes)?);
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        if usize::from(u16::from_le_bytes(array(bytes)?)) != POINTS {
            return Err(Damage::Content("number of points"));
        }
        let mut short = || Ok(u32::from_le_bytes(array(bytes)?));
        let (width, height) = (short()?, short()?);
        let source = Content::take(bytes)?;
        let recipe = Digest(array(bytes)?);
        let mut short = || Ok(u32::from_le_bytes(array(bytes)?));
        let (frames, seen, cropped) = (short()?, short()?, short()?);
        let crops = Content::take(bytes)?;
        let length = usize::from(u16::from_le_bytes(array(bytes)?));
        if length > LONGEST_PATH {
            return Err(Damage::Content("path's length"));
        }
        let (path, rest) = bytes.split_at_checked(length).ok_or(Damage::Length)?;
        *bytes = rest;
        let path = std::str::from_utf8(path).map_err(|_| Damage::Content("path"))?;
        Ok(Head {
            path: path.to_owned(),
            width,
            height,
            source,
            recipe,
            frames,
            seen,
            cropped,
            crops,
        })
    }

    /// Reads the head alone off the front of a file.
    pub fn read(file: &mut impl Read) -> io::Result<Result<Head, Damage>> {
        let mut bytes = Vec::with_capacity(FIXED + 256);
        file.take((FIXED + LONGEST_PATH) as u64)
            .read_to_end(&mut bytes)?;
        Ok(Head::take(&mut &bytes[..]))
    }
}

impl Content {
    fn take(bytes: &mut &[u8]) -> Result<Content, Damage> {
        Ok(Content {
            bytes: u64::from_le_bytes(array(bytes)?),
            digest: Digest(array(bytes)?),
        })
    }
}

impl Frame {
    fn put(&self, before: &mut Before, out: &mut Vec<u8>) {
        varint::put(out, self.captured.0.saturating_sub(before.captured));
        before.captured = self.captured.0;
        out.push(u8::from(self.seen.is_some()) | u8::from(self.crop.is_some()) << 1);
        if let Some(length) = self.crop {
            varint::put(out, u64::from(length));
        }
        let Some(seen) = &self.seen else { return };
        out.extend(seen.score.to_le_bytes());
        let Transform { a, b, x0, y0 } = seen.transform;
        for value in [a, b, x0, y0] {
            out.extend(value.to_le_bytes());
        }
        let motion = numbers(&seen.motion);
        let long = seen.pose.iter().zip(&before.pose);
        for (value, last) in long.chain(motion.iter().zip(&before.motion)) {
            varint::put_signed(out, i64::from(*value) - i64::from(*last));
        }
        let points = seen.points.as_flattened().iter();
        for (value, last) in points.zip(before.points.as_flattened()) {
            varint::put_signed(out, i64::from(*value) - i64::from(*last));
        }
        before.pose = seen.pose;
        before.motion = motion;
        before.points.copy_from_slice(&seen.points[..]);
    }

    fn take(before: &mut Before, bytes: &mut &[u8]) -> Result<Frame, Damage> {
        let since = varint::take(bytes).ok_or(Damage::Content("time"))?;
        let captured = before.captured.checked_add(since);
        before.captured = captured.ok_or(Damage::Content("time"))?;
        let [bits] = array(bytes)?;
        // A crop without a face is none.
        if !matches!(bits, 0 | 1 | 3) {
            return Err(Damage::Content("frame's kind"));
        }
        let mut crop = None;
        if bits & 2 != 0 {
            let length = varint::take(bytes).and_then(|length| u32::try_from(length).ok());
            crop = Some(length.ok_or(Damage::Content("crop's length"))?);
        }
        let seen = match bits & 1 {
            0 => None,
            _ => Some(Box::new(Seen::take(before, bytes)?)),
        };
        Ok(Frame {
            captured: Moment(before.captured),
            crop,
            seen,
        })
    }
}

impl Seen {
    fn take(before: &mut Before, bytes: &mut &[u8]) -> Result<Seen, Damage> {
        let score = u16::from_le_bytes(array(bytes)?);
        let mut float = || Ok(f32::from_le_bytes(array(bytes)?));
        let transform = Transform {
            a: float()?,
            b: float()?,
            x0: float()?,
            y0: float()?,
        };
        if !transform.is_usable() {
            return Err(Damage::Content("transform"));
        }
        for value in before.pose.iter_mut().chain(&mut before.motion) {
            let difference = varint::take_signed(bytes).ok_or(Damage::Content("motion"))?;
            let sum = i64::from(*value).checked_add(difference);
            *value = sum
                .and_then(|sum| i32::try_from(sum).ok())
                .ok_or(Damage::Content("motion"))?;
        }
        for value in before.points.as_flattened_mut() {
            let difference = varint::take_signed(bytes).ok_or(Damage::Content("points"))?;
            let sum = i64::from(*value).checked_add(difference);
            *value = sum
                .and_then(|sum| i16::try_from(sum).ok())
                .ok_or(Damage::Content("points"))?;
        }
        Ok(Seen {
            score,
            transform,
            pose: before.pose,
            motion: motion_of(&before.motion),
            points: before.points.clone(),
        })
    }
}

/// Takes so many bytes off the front.
fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Damage> {
    let (first, rest) = bytes.split_first_chunk().ok_or(Damage::Length)?;
    *bytes = rest;
    Ok(*first)
}

/// Puts the right SHA-256 at the end of bytes that are to look like a record; for whoever tests readers.
pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut sum = Sum::default();
    sum.add(&bytes);
    bytes.extend(sum.finish().0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen() -> impl Strategy<Value = Seen> {
        let transform = (1f32..5.0, -3f32..3.0, -900f32..900.0, -900f32..900.0);
        let transform = transform.prop_map(|(a, b, x0, y0)| Transform { a, b, x0, y0 });
        let motion = proptest::collection::vec(any::<i32>(), MOTIONS);
        let points = proptest::collection::vec(any::<[i16; 3]>(), POINTS);
        (any::<u16>(), transform, any::<[i32; 3]>(), motion, points).prop_map(
            |(score, transform, pose, motion, points)| Seen {
                score,
                transform,
                pose,
                motion: motion_of(&motion.try_into().unwrap()),
                points: points.into_boxed_slice().try_into().unwrap(),
            },
        )
    }

    fn record() -> impl Strategy<Value = Record> {
        let frame = (
            0u64..1 << 40,
            any::<Option<u32>>(),
            proptest::option::of(seen()),
        );
        let frames = proptest::collection::vec(frame, 0..5);
        (
            "[a-zé/]{0,20}",
            any::<[u32; 2]>(),
            any::<[u8; 32]>(),
            any::<u64>(),
            frames,
        )
            .prop_map(|(path, [width, height], digest, bytes, frames)| {
                let mut captured = 0;
                let frame = |(since, crop, seen): (u64, Option<u32>, Option<Seen>)| {
                    captured += since;
                    Frame {
                        captured: Moment(captured),
                        crop: crop.filter(|_| seen.is_some()),
                        seen: seen.map(Box::new),
                    }
                };
                Record {
                    path,
                    width,
                    height,
                    source: Content {
                        bytes,
                        digest: Digest(digest),
                    },
                    recipe: Digest::of(&digest),
                    crops: Digest::of(b"crops"),
                    frames: frames.into_iter().map(frame).collect(),
                }
            })
    }

    fn small() -> Record {
        let mut points = Box::new([[0; 3]; POINTS]);
        points[1] = [-5, 7, 32767];
        let seen = Seen {
            score: 9,
            transform: Transform::around([50.0, 60.0], 256.0, 10.0),
            pose: [100, -200, 300],
            motion: Motion::REST,
            points,
        };
        Record {
            path: "id00001/v/00001.mp4".to_owned(),
            width: 224,
            height: 200,
            source: Content::of(b"clip"),
            recipe: Digest::of(b"recipe"),
            crops: Digest::of(b"12345"),
            frames: vec![
                Frame::default(),
                Frame {
                    captured: Moment(40_000),
                    crop: Some(5),
                    seen: Some(Box::new(seen)),
                },
            ],
        }
    }

    #[test]
    fn a_record_has_the_documented_bytes() {
        let (bytes, digest) = small().encode();
        assert_eq!(&bytes[..12], b"SfCorpus\x01\0\xde\x01");
        assert_eq!(&bytes[12..20], [224, 0, 0, 0, 200, 0, 0, 0]);
        assert_eq!(&bytes[20..28], 4u64.to_le_bytes());
        assert_eq!(&bytes[28..60], Digest::of(b"clip").0);
        assert_eq!(&bytes[60..92], Digest::of(b"recipe").0);
        assert_eq!(&bytes[92..104], [2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(&bytes[104..112], 5u64.to_le_bytes());
        assert_eq!(&bytes[112..144], Digest::of(b"12345").0);
        assert_eq!(&bytes[144..146], [19, 0]);
        let frames = &bytes[146 + 19..];
        // No time, not seen; then 40000 microseconds in three bytes, seen with a crop of five bytes.
        assert_eq!(&frames[..8], [0, 0, 0xc0, 0xb8, 0x02, 3, 5, 9]);
        assert_eq!(&bytes[bytes.len() - 32..], digest.0);
        assert_eq!(seal(bytes[..bytes.len() - 32].to_vec()), bytes);
        // Two frames: the second of a few bytes a number that changed and one for each that did not.
        assert!(bytes.len() < 165 + 32 + 40 + 3 + MOTIONS + 3 * POINTS + 10);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let (bytes, _) = small().encode();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 0x10;
            assert!(Record::decode(&changed).is_err(), "byte {index}");
            assert!(Record::decode(&bytes[..index]).is_err(), "{index} bytes");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_whatever_its_digest() {
        let refused = |change: fn(&mut Record), wanted: &str| {
            let mut record = small();
            change(&mut record);
            let error = Record::decode(&record.encode().0).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        };
        refused(|record| record.frames[0].crop = Some(1), "frame's kind");
        refused(
            |record| record.path = "x".repeat(LONGEST_PATH + 1),
            "path's length",
        );
        refused(
            |record| record.frames[1].seen.as_mut().unwrap().transform.a = f32::NAN,
            "transform",
        );
        // A count that promises more than there is.
        let (bytes, _) = small().encode();
        let mut bytes = bytes[..bytes.len() - 32].to_vec();
        bytes[92..96].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Record::decode(&seal(bytes)), Err(Damage::Length));
    }

    #[test]
    fn a_face_comes_back_to_a_hundredth_of_the_crop() {
        let mut face = Face {
            track: Default::default(),
            score: 0.75,
            bounds: Default::default(),
            landmarks: [Landmark::default(); LANDMARKS],
            irises: [[Landmark::default(); IRIS]; 2],
        };
        for (index, landmark) in face.landmarks.iter_mut().enumerate() {
            let index = index as f32;
            *landmark = Landmark {
                x: 100.0 + 0.3 * index,
                y: 250.0 - 0.2 * index,
                z: 0.1 * index,
            };
        }
        face.irises[1][4] = Landmark {
            x: 130.0,
            y: 140.0,
            z: -3.0,
        };
        let transform = Transform::around([150.0, 200.0], 300.0, 12.0);
        let pose = Pose {
            yaw: 12.345,
            pitch: -3.2,
            roll: 0.0,
        };
        let seen = Seen::new(&face, transform, pose, Motion::REST);
        assert!((seen.pose().yaw - 12.345).abs() < 0.006);
        let near = |a: &Landmark, b: &Landmark| {
            let apart = (a.x - b.x)
                .abs()
                .max((a.y - b.y).abs())
                .max((a.z - b.z).abs());
            assert!(apart < 0.03, "{a:?} {b:?}");
        };
        for (a, b) in face.landmarks.iter().zip(&seen.landmarks()) {
            near(a, b);
        }
        near(&face.irises[1][4], &seen.irises()[1][4]);
        face.landmarks[0].x = f32::NAN;
        face.landmarks[1].x = 1e9;
        let seen = Seen::new(&face, transform, pose, Motion::REST);
        assert_eq!(seen.points[0][0], 0);
        assert_eq!(seen.points[1][0], 32767);
    }

    proptest! {
        #[test]
        fn written_and_read_back(record in record()) {
            let (bytes, digest) = record.encode();
            prop_assert_eq!(Head::read(&mut &bytes[..]).unwrap(), Ok(record.head()));
            prop_assert_eq!(Record::decode(&bytes), Ok((record, digest)));
        }

        #[test]
        fn any_bytes_are_refused_or_written_as_they_were(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), begun: bool) {
            if begun {
                let (whole, _) = small().encode();
                bytes.splice(0..0, whole[..146].to_vec());
            }
            let bytes = seal(bytes);
            if let Ok((record, _)) = Record::decode(&bytes) {
                prop_assert_eq!(record.encode().0, bytes);
            }
        }

        #[test]
        fn damaged_records_with_right_digests_never_panic(at in 0usize..2000, with: u8, more: u8) {
            let (bytes, _) = small().encode();
            let mut bytes = bytes[..bytes.len() - 32].to_vec();
            let at = at % bytes.len();
            bytes[at] = with;
            bytes.truncate(bytes.len() - usize::from(more) % 4);
            let bytes = seal(bytes);
            if let Ok((record, _)) = Record::decode(&bytes) {
                prop_assert_eq!(record.encode().0, bytes);
            }
        }
    }
}
