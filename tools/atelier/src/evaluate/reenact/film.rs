//! A film: what a method shows at the judged frames, cropped and looked at as the truth is.
//!
//! The truth is cropped where its own face is, smoothed. Every other film is cropped by the same rule where *its* own face is:
//! otherwise a portrait whose head turns about its neck would be held against a truth whose crop has followed the
//! head, and the difference would be the crop's. What a film does wrong with its face stays in.
//!
//! A face's size is that of its upper half here, for the truth and for films alike: a jaw that is drawn to drop too far would
//! else zoom its whole picture out.
//!
//! Pictures are compared over the crop alone. Faces are looked at with half a crop of surroundings ([`AROUND`]), because an opened
//! mouth's chin lies at the crop's edge, where the mesh sees less well; their points count from the crop's corner.

use super::driver::{AROUND, DETAIL, Seen, WIDE};
use anyhow::Result;
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{Face, LANDMARKS, Landmark};
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::Moment;
use sfumato_corpus::align::{self, SIDE, Transform};
use sfumato_corpus::crop;
use sfumato_faces::Perception;
use sfumato_motion::{Measurement, measure, rigid};

/// What lies around a crop, its pixels.
const MARGIN: f32 = 0.5 * (AROUND - SIDE) as f32;

/// One frame of a film.
#[derive(Clone, Debug)]
pub struct Shown {
    /// [`SIDE`] rows of [`SIDE`] pixels.
    pub crop: Vec<Rgb>,
    /// The face in it; none where none is found.
    pub seen: Option<Seen>,
}

impl Shown {
    /// Of a crop with its surroundings and the face seen in it.
    pub fn new(around: &[Rgb], seen: Option<Seen>) -> Shown {
        let margin = MARGIN as usize;
        let rows = around.chunks_exact(AROUND).skip(margin).take(SIDE);
        let crop = rows
            .flat_map(|row| row.iter().skip(margin).take(SIDE))
            .copied();
        Shown {
            crop: crop.collect(),
            seen,
        }
    }
}

/// The points of the rigid fit that no jaw moves: eye corners, nose, forehead, temples.
const UPPER: [usize; 24] = [
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 10, 151, 9, 8, 127, 356, 234,
    454,
];

/// What is measured of a face to lay its crop.
pub fn steady(landmarks: &[Landmark; LANDMARKS]) -> Measurement {
    let to = UPPER.map(|index| {
        let Landmark { x, y, z } = landmarks[index];
        [x, -y, -z]
    });
    let mut measured = measure(landmarks);
    if let Some(fit) = rigid::fit(&UPPER.map(|index| VERTICES[index]), &to) {
        measured.pixels_per_centimetre = fit.scale;
    }
    measured
}

/// Cuts a crop out with its surroundings, [`AROUND`] pixels a side; `transform` is the crop's.
pub fn cut_out(picture: Pixels<'_, Rgb>, transform: &Transform) -> Vec<Rgb> {
    let [x0, y0] = transform.to_picture(-MARGIN, -MARGIN);
    crop::cut_out_square(
        picture,
        &Transform {
            x0,
            y0,
            ..*transform
        },
        AROUND,
    )
}

/// The widest face of a crop with its surroundings, in pixels of the crop.
pub fn face_in(around: &[Rgb], captured: Moment, eyes: &mut Perception) -> Result<Option<Seen>> {
    let picture = Pixels::new(around, AROUND, AROUND, AROUND)?;
    let face = eyes.see(picture, captured)?.faces.first();
    let inside = |point: &Landmark| Landmark {
        x: point.x - MARGIN,
        y: point.y - MARGIN,
        z: point.z,
    };
    Ok(face.and_then(|face| {
        let landmarks = std::array::from_fn(|index| inside(&face.landmarks[index]));
        let irises = face.irises.map(|iris| iris.map(|point| inside(&point)));
        Seen::of(Box::new(landmarks), &irises)
    }))
}

/// Draws a film at these moments, crops it by its own face, and looks at it.
///
/// `draw` draws the wide picture of the moment with that index; it is asked twice for each.
pub fn develop(
    times: &[Moment],
    eyes: &mut Perception,
    mut draw: impl FnMut(usize, &mut Vec<Rgb>) -> Result<()>,
) -> Result<Vec<Shown>> {
    let mut wide = Vec::new();
    let mut places: Vec<(Moment, Option<Measurement>)> = Vec::with_capacity(times.len());
    eyes.forget();
    for (index, &captured) in times.iter().enumerate() {
        draw(index, &mut wide)?;
        let picture = Pixels::new(&wide, WIDE, WIDE, WIDE)?;
        let face = eyes.see(picture, captured)?.faces.first();
        places.push((captured, face.map(|face: &Face| steady(&face.landmarks))));
    }
    let transforms = without_gaps(align::align(&places));
    let mut film = Vec::with_capacity(times.len());
    eyes.forget();
    for (index, (&captured, transform)) in times.iter().zip(&transforms).enumerate() {
        draw(index, &mut wide)?;
        let around = cut_out(Pixels::new(&wide, WIDE, WIDE, WIDE)?, transform);
        let seen = face_in(&around, captured, eyes)?;
        film.push(Shown::new(&around, seen));
    }
    Ok(film)
}

/// The middle of a wide picture.
pub fn middle() -> Transform {
    let margin = 0.5 * (WIDE - DETAIL * SIDE) as f32;
    Transform {
        a: DETAIL as f32,
        b: 0.0,
        x0: margin,
        y0: margin,
    }
}

/// Where a film's face is not found its crop stays; before it is ever found it is the middle.
fn without_gaps(transforms: Vec<Option<Transform>>) -> Vec<Transform> {
    let mut last = transforms.iter().flatten().next().copied();
    let mut follow = |transform: Option<Transform>| {
        last = transform.or(last);
        last.unwrap_or_else(middle)
    };
    transforms.into_iter().map(&mut follow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_face_leaves_the_crop_where_it_was() {
        let at = |x0: f32| Transform { x0, ..middle() };
        let filled = without_gaps(vec![None, Some(at(1.0)), None, Some(at(2.0))]);
        assert_eq!(filled, [at(1.0), at(1.0), at(1.0), at(2.0)]);
        assert_eq!(without_gaps(vec![None; 2]), [middle(); 2]);
    }

    #[test]
    fn a_dropped_jaw_does_not_zoom_out() {
        let mut landmarks = std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index].map(|value| 10.0 * value);
            Landmark { x, y: -y, z: -z }
        });
        assert!((steady(&landmarks).pixels_per_centimetre - 10.0).abs() < 1e-3);
        for index in [152, 148, 377, 172, 397] {
            landmarks[index].y += 40.0;
        }
        assert!((steady(&landmarks).pixels_per_centimetre - 10.0).abs() < 1e-3);
        assert!(measure(&landmarks).pixels_per_centimetre > 10.2);
    }

    #[test]
    fn the_middle_is_the_middle() {
        let [x, y] = middle().to_picture(0.5 * SIDE as f32, 0.5 * SIDE as f32);
        assert_eq!([x, y], [0.5 * WIDE as f32; 2]);
    }
}
