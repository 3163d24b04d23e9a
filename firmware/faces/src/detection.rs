//! Detections: from a detector's raw numbers to boxes with six points.
//!
//! Both detectors are BlazeFace networks. For each *anchor*, a fixed point of the picture, they
//! give a score and 16 numbers relative to it. The rules are MediaPipe's
//! (`SsdAnchorsCalculator`, `TensorsToDetectionsCalculator`, `NonMaxSuppressionCalculator`):
//!
//! - Anchors lie at the cells' middles. Short range: 16 x 16 cells with 2 anchors each, then
//!   8 x 8 cells with 6. Full range: 48 x 48 cells with 1.
//! - Score: the logistic function of the raw score held within ±100; below 0.5 (short range) or 0.6
//!   (full range) it is no face.
//! - Box and points: raw pixels of the network's input, added to the anchor. The order is centre
//!   x, centre y, width, height, then x, y of the six points.
//! - *Weighted non-maximum suppression*: the best detection and all others that overlap it by
//!   more than 0.3 (intersection over union) become one, the mean weighted by score, with the
//!   best one's score. Then the best of the rest, and so on.

use crate::crop::Crop;
use heapless::Vec;
use sfumato_core::geometry::{Box2, Point};

/// Most anchors over the threshold that are looked at; a face lights up about twenty.
pub const MOST_CANDIDATES: usize = 512;

/// Most detections of one picture.
pub const MOST_DETECTIONS: usize = 32;

/// Detections that overlap more than this are one face.
const OVERLAP: f32 = 0.3;

/// Numbers per anchor: box and points.
pub(crate) const VALUES: usize = 16;

/// Points of a detection: right eye, left eye, nose tip, mouth, right ear, left ear.
pub const KEYPOINTS: usize = 6;

/// Which detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// For faces wider than about a ninth of the picture.
    Short,
    /// Also for small faces; loses some that fill the picture.
    Full,
}

/// A grid of cells with the same number of anchors in each.
struct Grid {
    cells: usize,
    anchors: usize,
}

impl Range {
    /// Pixels along a side of the network's input.
    pub const fn input_size(self) -> usize {
        match self {
            Range::Short => 128,
            Range::Full => 192,
        }
    }

    /// Scores below are no face.
    pub const fn least_score(self) -> f32 {
        match self {
            Range::Short => 0.5,
            Range::Full => 0.6,
        }
    }

    const fn grids(self) -> &'static [Grid] {
        match self {
            Range::Short => &[
                Grid {
                    cells: 16,
                    anchors: 2,
                },
                Grid {
                    cells: 8,
                    anchors: 6,
                },
            ],
            Range::Full => &[Grid {
                cells: 48,
                anchors: 1,
            }],
        }
    }

    /// How many anchors there are, and so how many scores.
    pub fn anchors(self) -> usize {
        self.grids()
            .iter()
            .map(|grid| grid.cells * grid.cells * grid.anchors)
            .sum()
    }

    /// Where anchor `index` lies, 0 to 1 both ways; none past the last.
    pub fn anchor(self, index: usize) -> Option<Point> {
        let mut first = 0;
        for grid in self.grids() {
            let count = grid.cells * grid.cells * grid.anchors;
            if index < first + count {
                let cell = (index - first) / grid.anchors;
                let cells = grid.cells as f32;
                return Some(Point {
                    x: ((cell % grid.cells) as f32 + 0.5) / cells,
                    y: ((cell / grid.cells) as f32 + 0.5) / cells,
                });
            }
            first += count;
        }
        None
    }
}

/// What a detector found: a box around a face and six points on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Detection {
    /// How sure the detector is, in [0.5, 1].
    pub score: f32,
    /// From forehead to chin, ear to ear, roughly; in pixels.
    pub bounds: Box2,
    /// Right eye, left eye, nose tip, mouth, right ear, left ear (the subject's); in pixels.
    pub keypoints: [Point; KEYPOINTS],
}

impl Detection {
    /// The subject's right eye.
    pub fn right_eye(&self) -> Point {
        self.keypoints[0]
    }

    /// The subject's left eye.
    pub fn left_eye(&self) -> Point {
        self.keypoints[1]
    }

    /// From a crop's own coordinates, 0 to 1, to pixels. The crop must be upright.
    fn to_picture(self, crop: &Crop) -> Detection {
        let Box2 {
            left,
            top,
            right,
            bottom,
        } = self.bounds;
        let first = crop.to_picture(Point { x: left, y: top });
        let last = crop.to_picture(Point {
            x: right,
            y: bottom,
        });
        Detection {
            score: self.score,
            bounds: Box2 {
                left: first.x,
                top: first.y,
                right: last.x,
                bottom: last.y,
            },
            keypoints: self.keypoints.map(|point| crop.to_picture(point)),
        }
    }
}

/// Reads a detector's outputs, best face first.
///
/// `boxes` holds 16 numbers and `scores` one for each anchor of `range`; `crop` is the upright
/// square of the picture that the network saw. Anchors missing from short slices are passed over,
/// numbers that make no box too.
pub fn decode(
    range: Range,
    boxes: &[f32],
    scores: &[f32],
    crop: &Crop,
) -> Vec<Detection, MOST_DETECTIONS> {
    let mut candidates = Vec::new();
    for (index, (values, raw)) in boxes.chunks_exact(VALUES).zip(scores).enumerate() {
        let score = logistic(*raw);
        // Written so that a score that is no number fails too.
        #[allow(clippy::neg_cmp_op_on_partial_ord)]
        if !(score >= range.least_score()) {
            continue;
        }
        let Some(anchor) = range.anchor(index) else {
            break;
        };
        if let Some(detection) = at_anchor(values, anchor, score, range.input_size() as f32) {
            // A picture with more candidates than that is no picture of people.
            if candidates.push(detection).is_err() {
                break;
            }
        }
    }
    let mut detections = suppress(&mut candidates);
    for detection in &mut detections {
        *detection = detection.to_picture(crop);
    }
    detections
}

/// The probability that a raw score of a network stands for.
pub fn logistic(raw: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-raw.clamp(-100.0, 100.0)))
}

/// The detection of one anchor, in coordinates from 0 to 1; none if it has no area.
fn at_anchor(values: &[f32], anchor: Point, score: f32, size: f32) -> Option<Detection> {
    let point = |index: usize| {
        Some(Point {
            x: values.get(index)? / size + anchor.x,
            y: values.get(index + 1)? / size + anchor.y,
        })
    };
    let centre = point(0)?;
    let (half_width, half_height) = (0.5 * values.get(2)? / size, 0.5 * values.get(3)? / size);
    let bounds = Box2 {
        left: centre.x - half_width,
        top: centre.y - half_height,
        right: centre.x + half_width,
        bottom: centre.y + half_height,
    };
    let mut keypoints = [Point::default(); KEYPOINTS];
    for (index, keypoint) in keypoints.iter_mut().enumerate() {
        *keypoint = point(4 + 2 * index)?;
    }
    let sound = half_width > 0.0
        && half_height > 0.0
        && keypoints
            .iter()
            .chain([
                &centre,
                &Point {
                    x: half_width,
                    y: half_height,
                },
            ])
            .all(|point| point.x.is_finite() && point.y.is_finite());
    sound.then_some(Detection {
        score,
        bounds,
        keypoints,
    })
}

/// Weighted non-maximum suppression; empties `candidates`.
fn suppress(candidates: &mut Vec<Detection, MOST_CANDIDATES>) -> Vec<Detection, MOST_DETECTIONS> {
    // Equal scores keep the anchors' order, so that the result does not depend on the sort.
    insertion_sort(candidates);
    let mut merged = Vec::new();
    while let Some(best) = candidates.first().copied() {
        let mut mean = Mean::default();
        candidates.retain(|candidate| {
            let same = candidate.bounds.intersection_over_union(&best.bounds) > OVERLAP;
            if same {
                mean.add(candidate);
            }
            !same
        });
        let Some(detection) = mean.finish(best.score) else {
            // The best one does not even overlap itself: a box too small for arithmetic.
            candidates.remove(0);
            continue;
        };
        if merged.push(detection).is_err() {
            break;
        }
    }
    candidates.clear();
    merged
}

fn insertion_sort(candidates: &mut [Detection]) {
    for end in 1..candidates.len() {
        let mut at = end;
        while at > 0 && candidates[at - 1].score < candidates[at].score {
            candidates.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// A mean of detections, weighted by their scores.
#[derive(Default)]
struct Mean {
    weight: f32,
    sum: Detection,
}

impl Mean {
    fn add(&mut self, detection: &Detection) {
        let weight = detection.score;
        self.weight += weight;
        self.sum.bounds.left += weight * detection.bounds.left;
        self.sum.bounds.top += weight * detection.bounds.top;
        self.sum.bounds.right += weight * detection.bounds.right;
        self.sum.bounds.bottom += weight * detection.bounds.bottom;
        for (sum, point) in self.sum.keypoints.iter_mut().zip(&detection.keypoints) {
            sum.x += weight * point.x;
            sum.y += weight * point.y;
        }
    }

    fn finish(self, score: f32) -> Option<Detection> {
        if self.weight <= 0.0 {
            return None;
        }
        let scale = 1.0 / self.weight;
        let Box2 {
            left,
            top,
            right,
            bottom,
        } = self.sum.bounds;
        Some(Detection {
            score,
            bounds: Box2 {
                left: left * scale,
                top: top * scale,
                right: right * scale,
                bottom: bottom * scale,
            },
            keypoints: self.sum.keypoints.map(|point| Point {
                x: point.x * scale,
                y: point.y * scale,
            }),
        })
    }
}
