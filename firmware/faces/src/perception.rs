//! The perception: pictures in, faces out.

use crate::crop::{self, Crop};
use crate::detection::{self, Detection, MOST_DETECTIONS, Range, decode};
use crate::glimpse::{self, Glimpse};
use crate::mesh::{LEAST_PRESENCE, Mesh};
use crate::sample::{Levels, Outside, sample};
use crate::store::{self, Model, StoreError};
use crate::tracks::Tracks;
use heapless::Vec as Bounded;
use sfumato_core::face::{Face, Faces, TrackId};
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_infer::{Contract, InferError, Network};
use std::path::Path;

/// Crops of two detections that overlap more than this are one face (MediaPipe's association).
const SAME_CROP: f32 = 0.5;

/// How the perception works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How many faces are followed at most, in 1..=[`MOST_FACES`](sfumato_core::face::MOST_FACES).
    pub most_faces: usize,
    /// How long to wait between looks for further faces while some are followed.
    pub beat: Micros,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            most_faces: 4,
            beat: Micros::from_millis(400),
        }
    }
}

/// Why there are no faces of a picture.
#[derive(Debug, thiserror::Error)]
pub enum PerceptionError {
    /// A network's file cannot be used; the message names the cure.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A network cannot be loaded or failed; see there. The next picture may work.
    #[error(transparent)]
    Infer(#[from] InferError),
}

/// Finds faces in pictures and follows them from one to the next.
///
/// Buffers are allocated when it is loaded and used again for every picture. Our engine allocates nothing either;
/// tract, where it has to run a network ([`Perception::engines`]), does.
#[derive(Debug)]
pub struct Perception {
    short: Detector,
    full: Detector,
    mesh: Mesh,
    tracks: Tracks,
    /// What a glimpse reads.
    glimpsed: Vec<f32>,
    faces: Faces,
    settings: Settings,
    /// When a detector last looked, and how many looks in a row found nobody.
    looked: Option<Moment>,
    empty_looks: u32,
    next_range: Range,
}

impl Perception {
    /// Loads the networks from `folder` (see [`store::default_folder`]).
    ///
    /// Takes about a second. Fails with a message that names the cure when a file is missing,
    /// damaged or of another kind.
    pub fn load(folder: &Path) -> Result<Self, PerceptionError> {
        Perception::with_settings(folder, Settings::default())
    }

    /// As [`load`](Perception::load), with settings of the caller's.
    pub fn with_settings(folder: &Path, settings: Settings) -> Result<Self, PerceptionError> {
        Ok(Perception {
            short: Detector::load(folder, Range::Short)?,
            full: Detector::load(folder, Range::Full)?,
            mesh: Mesh::load(folder)?,
            tracks: Tracks::new(),
            glimpsed: vec![0.0; glimpse::READ],
            faces: Faces::default(),
            settings,
            looked: None,
            empty_looks: 0,
            next_range: Range::Short,
        })
    }

    /// Finds the faces of the next picture of a stream, widest first, with ids that stay.
    ///
    /// `captured` must not run backwards. A face's score is the landmark network's, or the
    /// detector's in the picture in which the face is found anew.
    pub fn see(
        &mut self,
        picture: Pixels<'_, Rgb>,
        captured: Moment,
    ) -> Result<&Faces, PerceptionError> {
        self.begin(picture, captured);
        let lost = self.follow(picture)?;
        self.settle();
        let followed = self.tracks.live().len();
        let beat = self
            .looked
            .is_none_or(|looked| looked.until(captured) >= self.settings.beat);
        if followed == 0 || lost || beat {
            self.looked = Some(captured);
            self.search(picture, lost)?;
        }
        self.sort();
        Ok(&self.faces)
    }

    /// Finds the faces of a single picture, widest first, as MediaPipe's `FaceMesh` does.
    ///
    /// The short-range detector looks first, and the full-range one if it finds nobody. Ids
    /// count from 0. The faces followed by [`see`](Perception::see) are not touched. A
    /// face's score is the detector's.
    pub fn look(&mut self, picture: Pixels<'_, Rgb>) -> Result<&Faces, PerceptionError> {
        self.begin(picture, Moment::default());
        let mut crops: Bounded<(Crop, f32), MOST_DETECTIONS> = Bounded::new();
        for range in [Range::Short, Range::Full] {
            for detection in self.detect(picture, range)? {
                let crop = Crop::around_detection(detection);
                // Later ones replace those they cover, as in MediaPipe's association.
                crops.retain(|(other, _)| !same_crop(other, &crop));
                let _ = crops.push((crop, detection.score));
            }
            if !crops.is_empty() {
                break;
            }
        }
        for (crop, score) in &crops {
            if self.mesh.find(picture, crop)? >= LEAST_PRESENCE {
                let id = TrackId(self.faces.faces.len() as u32);
                self.add(id, *score);
            }
        }
        self.sort();
        Ok(&self.faces)
    }

    /// Runs one detector alone over a picture: boxes and points, best first.
    pub fn detect(
        &mut self,
        picture: Pixels<'_, Rgb>,
        range: Range,
    ) -> Result<&[Detection], PerceptionError> {
        match range {
            Range::Short => self.short.detect(picture),
            Range::Full => self.full.detect(picture),
        }
    }

    /// Each network and which engine runs it.
    pub fn engines(&self) -> [(Model, String); Model::ALL.len()] {
        let [landmarks, lips, right, left] = self.mesh.engines();
        [
            (Model::DetectShort, self.short.network.engine()),
            (Model::DetectFull, self.full.network.engine()),
            (Model::Landmarks, landmarks),
            (Model::Lips, lips),
            (Model::RightEye, right),
            (Model::LeftEye, left),
        ]
    }

    /// Forgets everybody, as if newly loaded.
    pub fn forget(&mut self) {
        self.tracks = Tracks::new();
        self.looked = None;
        self.empty_looks = 0;
        self.next_range = Range::Short;
        self.faces.faces.clear();
    }

    fn begin(&mut self, picture: Pixels<'_, Rgb>, captured: Moment) {
        self.faces.captured = captured;
        self.faces.width = picture.width() as u32;
        self.faces.height = picture.height() as u32;
        self.faces.faces.clear();
    }

    /// Finds the faces of the last picture again; whether one was lost.
    fn follow(&mut self, picture: Pixels<'_, Rgb>) -> Result<bool, PerceptionError> {
        let mut lost = false;
        let mut index = 0;
        while let Some(id) = self.tracks.live().get(index).map(|track| track.id) {
            let crop = self.crop_for(picture, index);
            let presence = self.mesh.find(picture, &crop)?;
            let next = Crop::around_landmarks(self.mesh.landmarks());
            if presence < LEAST_PRESENCE || !next.is_usable() {
                self.tracks.lose(index, self.faces.captured);
                lost = true;
                continue;
            }
            let bounds = crop::bounds(self.mesh.landmarks());
            self.tracks.moved(index, bounds, next);
            self.add(id, presence);
            index += 1;
        }
        Ok(lost)
    }

    /// Where to look for the face `index`: where it was, while its picture stays the same.
    fn crop_for(&mut self, picture: Pixels<'_, Rgb>, index: usize) -> Crop {
        let Some(track) = self.tracks.live().get(index) else {
            return Crop::default();
        };
        if let Some((crop, before)) = &track.looked
            && Glimpse::take(picture, crop, &mut self.glimpsed).is_like(before)
        {
            return *crop;
        }
        let crop = track.crop;
        let glimpse = Glimpse::take(picture, &crop, &mut self.glimpsed);
        self.tracks.looked(index, crop, glimpse);
        crop
    }

    /// Drops tracks that lie on another's face.
    fn settle(&mut self) {
        while let Some(index) = self.tracks.settle() {
            let Some(id) = self.tracks.live().get(index).map(|track| track.id) else {
                break;
            };
            self.tracks.lose(index, self.faces.captured);
            self.faces.faces.retain(|face| face.track != id);
        }
    }

    /// Looks for faces that are not followed.
    ///
    /// The ranges take turns. Both look at the same picture when a face has just been lost or
    /// when nobody has been missing for long, so that a visitor is met at once; an empty room
    /// costs one detector a picture.
    fn search(&mut self, picture: Pixels<'_, Rgb>, lost: bool) -> Result<(), PerceptionError> {
        let first = self.next_range;
        let second = other(first);
        self.next_range = second;
        let mut found = self.search_range(picture, first)?;
        let eager = lost || (self.tracks.live().is_empty() && self.empty_looks < 2);
        if !found && eager {
            found = self.search_range(picture, second)?;
            self.next_range = first;
        }
        if found || !self.tracks.live().is_empty() {
            self.empty_looks = 0;
        } else {
            self.empty_looks = self.empty_looks.saturating_add(1);
        }
        Ok(())
    }

    fn search_range(
        &mut self,
        picture: Pixels<'_, Rgb>,
        range: Range,
    ) -> Result<bool, PerceptionError> {
        let detector = match range {
            Range::Short => &mut self.short,
            Range::Full => &mut self.full,
        };
        detector.detect(picture)?;
        let mut detections = detector.detections.clone();
        // The widest faces win when there are more than can be followed.
        detections.sort_unstable_by(|a, b| b.bounds.width().total_cmp(&a.bounds.width()));
        let mut found = false;
        for detection in &detections {
            let crop = Crop::around_detection(detection);
            let known = |track: &crate::tracks::Track| {
                same_crop(&track.crop, &crop) || inside(&track.bounds, detection)
            };
            if self.tracks.live().iter().any(known) || !self.make_room(detection) {
                continue;
            }
            if self.mesh.find(picture, &crop)? < LEAST_PRESENCE {
                continue;
            }
            let bounds = crop::bounds(self.mesh.landmarks());
            let next = Crop::around_landmarks(self.mesh.landmarks());
            if !next.is_usable() {
                continue;
            }
            if let Some(id) = self.tracks.found(bounds, next, self.faces.captured) {
                let newest = self.tracks.live().len() - 1;
                let glimpse = Glimpse::take(picture, &crop, &mut self.glimpsed);
                self.tracks.looked(newest, crop, glimpse);
                self.add(id, detection.score);
                found = true;
            }
        }
        Ok(found)
    }

    /// Whether `detection` may be followed; drops a much narrower face for it when all places are
    /// taken.
    fn make_room(&mut self, detection: &Detection) -> bool {
        let most = self.settings.most_faces.max(1);
        if self.tracks.live().len() < most {
            return true;
        }
        let narrowest = self
            .tracks
            .live()
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.bounds.width().total_cmp(&b.1.bounds.width()));
        let Some((index, track)) = narrowest else {
            return false;
        };
        if detection.bounds.width() < 1.3 * track.bounds.width() {
            return false;
        }
        let id = track.id;
        self.tracks.lose(index, self.faces.captured);
        self.faces.faces.retain(|face| face.track != id);
        true
    }

    /// Adds the face whose landmarks have just been found.
    fn add(&mut self, track: TrackId, score: f32) {
        // Full only if there are as many wider faces, which win.
        let _ = self.faces.faces.push(Face {
            track,
            score,
            bounds: crop::bounds(self.mesh.landmarks()),
            landmarks: *self.mesh.landmarks(),
            irises: *self.mesh.irises(),
        });
    }

    fn sort(&mut self) {
        self.faces
            .faces
            .sort_unstable_by(|a, b| b.bounds.width().total_cmp(&a.bounds.width()));
    }
}

fn other(range: Range) -> Range {
    match range {
        Range::Short => Range::Full,
        Range::Full => Range::Short,
    }
}

fn same_crop(a: &Crop, b: &Crop) -> bool {
    a.upright().intersection_over_union(&b.upright()) > SAME_CROP
}

/// Whether the eyes' middle of a detection lies on a face that is followed.
fn inside(bounds: &sfumato_core::geometry::Box2, detection: &Detection) -> bool {
    let (right, left) = (detection.right_eye(), detection.left_eye());
    let (x, y) = (0.5 * (right.x + left.x), 0.5 * (right.y + left.y));
    (bounds.left..bounds.right).contains(&x) && (bounds.top..bounds.bottom).contains(&y)
}

/// A detector network with its buffers.
#[derive(Debug)]
struct Detector {
    range: Range,
    network: Network,
    input: Vec<f32>,
    boxes: Vec<f32>,
    scores: Vec<f32>,
    detections: Bounded<Detection, MOST_DETECTIONS>,
}

impl Detector {
    fn load(folder: &Path, range: Range) -> Result<Self, PerceptionError> {
        let (model, name) = match range {
            Range::Short => (Model::DetectShort, "short-range face detector"),
            Range::Full => (Model::DetectFull, "full-range face detector"),
        };
        let size = range.input_size();
        let anchors = range.anchors();
        let bytes = store::read(folder, model)?;
        let network = Network::load(
            &bytes,
            &Contract {
                name,
                input: &[1, 3, size, size],
                outputs: &[anchors * detection::VALUES, anchors],
            },
        )?;
        Ok(Detector {
            range,
            network,
            input: vec![0.0; 3 * size * size],
            boxes: vec![0.0; anchors * detection::VALUES],
            scores: vec![0.0; anchors],
            detections: Bounded::new(),
        })
    }

    fn detect(&mut self, picture: Pixels<'_, Rgb>) -> Result<&[Detection], PerceptionError> {
        let crop = Crop::letterbox(picture.width(), picture.height());
        let levels = Levels {
            black: -1.0,
            white: 1.0,
        };
        let size = self.range.input_size();
        self.detections.clear();
        sample(
            picture,
            &crop,
            Outside::Black,
            levels,
            size,
            &mut self.input,
        );
        self.network
            .run(&self.input, &mut [&mut self.boxes, &mut self.scores])?;
        self.detections = decode(self.range, &self.boxes, &self.scores, &crop);
        Ok(&self.detections)
    }
}
