//! `atelier faces`: what the perception sees, one line a frame.
//!
//! A picture is looked at by itself. A clip is followed from frame to frame, as the device does, and
//! so is a folder whose pictures are all of one size; a folder of pictures of different sizes is a
//! collection, and each is looked at by itself.

use crate::clip;
use crate::picture::Picture;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Map, Value};
use sfumato_core::face::{Face, Faces, Landmark, TrackId};
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_core::time::Moment;
use sfumato_faces::{Perception, store};
use sfumato_motion::{Mover, Personality, Placement, measure};
use std::collections::BTreeMap;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What `atelier faces` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A picture, a folder of pictures, or a clip.
    pub input: PathBuf,
    /// Print JSON, one object a frame, with all landmarks; otherwise a line for people.
    #[arg(long)]
    pub json: bool,
    /// Look at each picture of a folder by itself, even if they are of one size.
    #[arg(long)]
    pub each: bool,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Runs `atelier faces`.
pub fn run(arguments: Arguments) -> Result<()> {
    let input = &arguments.input;
    let kind =
        std::fs::metadata(input).with_context(|| format!("cannot open {}", input.display()))?;
    let folder = arguments.models.unwrap_or_else(store::default_folder);
    let mut perception = Perception::load(&folder)?;
    let mut report = Report {
        out: BufWriter::new(std::io::stdout().lock()),
        json: arguments.json,
        movers: BTreeMap::new(),
        frame: 0,
    };
    if kind.is_dir() {
        let pictures = pictures_in(input)?;
        let sizes: Vec<_> = pictures
            .iter()
            .map(|path| Picture::stored_size(path))
            .collect();
        if arguments.each || sizes.windows(2).any(|pair| pair[0] != pair[1]) {
            for path in &pictures {
                single(path, &mut perception, &mut report)?;
            }
            return report.finish();
        }
        return of_clip(input, &mut perception, report);
    }
    if Picture::is_picture(input) {
        single(input, &mut perception, &mut report)?;
        return report.finish();
    }
    of_clip(input, &mut perception, report)
}

fn single(path: &Path, perception: &mut Perception, report: &mut Report<'_>) -> Result<()> {
    let picture = Picture::read(path)?;
    let faces = perception.look(picture.pixels()?)?;
    // Each picture is a world of its own: nobody in it was ever seen before.
    report.movers.clear();
    report.line(faces)
}

fn of_clip(path: &Path, perception: &mut Perception, mut report: Report<'_>) -> Result<()> {
    clip::each_frame(path, |frame| {
        let faces = perception.see(frame.pixels(), frame.captured)?;
        report.line(faces)
    })?;
    report.finish()
}

/// The pictures of a folder in the order of their names.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let list =
        std::fs::read_dir(folder).with_context(|| format!("cannot open {}", folder.display()))?;
    let mut pictures = Vec::new();
    for entry in list {
        let path = entry?.path();
        if path.is_file() && Picture::is_picture(&path) {
            pictures.push(path);
        }
    }
    if pictures.is_empty() {
        bail!(
            "{} holds no pictures; JPEG and PNG are read",
            folder.display()
        );
    }
    pictures.sort();
    Ok(pictures)
}

struct Report<'a> {
    out: BufWriter<std::io::StdoutLock<'a>>,
    json: bool,
    /// One for each visitor, so that everybody's motion is measured from their own rest.
    movers: BTreeMap<TrackId, Mover>,
    frame: u64,
}

impl Report<'_> {
    fn line(&mut self, faces: &Faces) -> Result<()> {
        let line = if self.json {
            let list = faces
                .faces
                .iter()
                .map(|face| FaceLine::new(face, &self.motion(face, faces)))
                .collect();
            serde_json::to_string(&FrameLine {
                frame: self.frame,
                width: faces.width,
                height: faces.height,
                faces: list,
            })?
        } else {
            for_people(self.frame, faces)
        };
        self.frame += 1;
        let written = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        match written {
            // Whoever read the lines has had enough, as `head` does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
            other => Ok(other?),
        }
    }

    fn finish(mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    /// How the visitor moves, copied as directly as the bounds allow.
    fn motion(&mut self, face: &Face, faces: &Faces) -> Motion {
        let mover = self
            .movers
            .entry(face.track)
            .or_insert_with(|| Mover::new(Personality::MIRROR, Placement::default(), 0));
        // A mover ignores a picture taken at the moment zero of time's own start.
        let captured = Moment(faces.captured.0.max(1));
        mover.observe(Some(face), (faces.width, faces.height), captured);
        mover.at(captured).motion
    }
}

/// One frame, in the order in which it is printed.
#[derive(Serialize)]
struct FrameLine {
    frame: u64,
    width: u32,
    height: u32,
    faces: Vec<FaceLine>,
}

/// One face of a frame: pixels, degrees, and coefficients by name.
#[derive(Serialize)]
struct FaceLine {
    score: f64,
    #[serde(rename = "box")]
    bounds: [f64; 4],
    landmarks: Vec<[f64; 3]>,
    /// The subject's right and left: middle, and four points of the rim.
    irises: Vec<Vec<[f64; 3]>>,
    pose: PoseLine,
    motion: Map<String, Value>,
}

#[derive(Serialize)]
struct PoseLine {
    yaw: f64,
    pitch: f64,
    roll: f64,
}

impl FaceLine {
    fn new(face: &Face, motion: &Motion) -> FaceLine {
        let pose = measure(&face.landmarks).pose;
        let bounds = &face.bounds;
        FaceLine {
            score: round(face.score, 4),
            bounds: [bounds.left, bounds.top, bounds.right, bounds.bottom]
                .map(|edge| round(edge, 3)),
            landmarks: face.landmarks.iter().map(place).collect(),
            irises: face
                .irises
                .iter()
                .map(|iris| iris.iter().map(place).collect())
                .collect(),
            pose: PoseLine {
                yaw: round(pose.yaw, 2),
                pitch: round(pose.pitch, 2),
                roll: round(pose.roll, 2),
            },
            motion: motion_to_json(motion),
        }
    }
}

fn place(point: &Landmark) -> [f64; 3] {
    [point.x, point.y, point.z].map(|value| round(value, 3))
}

fn round(value: f32, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (f64::from(value) * scale).round() / scale
}

fn motion_to_json(motion: &Motion) -> Map<String, Value> {
    let number = |value: Real| Value::from(round(value.to_num::<f32>(), 4));
    let mut map = Map::new();
    for (name, value) in [
        ("headYaw", motion.head.yaw),
        ("headPitch", motion.head.pitch),
        ("headRoll", motion.head.roll),
        ("gazeYaw", motion.gaze.yaw),
        ("gazePitch", motion.gaze.pitch),
        ("eyeOpennessRight", motion.eye_openness[0]),
        ("eyeOpennessLeft", motion.eye_openness[1]),
    ] {
        map.insert(name.to_owned(), number(value));
    }
    for shape in Blendshape::ALL {
        map.insert(shape.name().to_owned(), number(motion.get(shape)));
    }
    map
}

fn for_people(frame: u64, faces: &Faces) -> String {
    use std::fmt::Write as _;
    let mut line = format!("frame {frame}: ");
    if faces.faces.is_empty() {
        line.push_str("nobody");
    }
    for (index, face) in faces.faces.iter().enumerate() {
        let pose = measure(&face.landmarks).pose;
        let separator = if index == 0 { "" } else { "; " };
        let centre = face.bounds.centre();
        // Writing to a string cannot fail.
        let _ = write!(
            line,
            "{separator}visitor {} {:.0} px wide at {:.0},{:.0}, score {:.2}, yaw {:.0} pitch {:.0} roll {:.0}",
            face.track.0,
            face.bounds.width(),
            centre.x,
            centre.y,
            face.score,
            pose.yaw,
            pose.pitch,
            pose.roll,
        );
    }
    line
}
