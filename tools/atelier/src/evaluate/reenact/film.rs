//! A film: what a method shows at the judged frames, cropped and looked at as the truth is.
//!
//! The truth is cropped where its own face is, smoothed. Every other film is cropped by the same rule where *its* own face is:
//! otherwise a portrait whose head turns about its neck would be held against a truth whose crop has followed the
//! head, and the difference would be the crop's. What a film does wrong with its face stays in.

use super::driver::{DETAIL, Seen, WIDE};
use anyhow::Result;
use sfumato_core::face::Face;
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::Moment;
use sfumato_corpus::align::{self, SIDE, Transform};
use sfumato_corpus::crop;
use sfumato_faces::Perception;
use sfumato_motion::{Measurement, measure};

/// One frame of a film.
#[derive(Clone, Debug)]
pub struct Shown {
    /// [`SIDE`] rows of [`SIDE`] pixels.
    pub crop: Vec<Rgb>,
    /// The face in it; none where none is found.
    pub seen: Option<Seen>,
}

/// Looks at crops one after the other, as at a film.
pub fn look_at(
    crops: impl IntoIterator<Item = (Moment, Vec<Rgb>)>,
    eyes: &mut Perception,
) -> Result<Vec<Shown>> {
    eyes.forget();
    let mut film = Vec::new();
    for (captured, crop) in crops {
        let picture = Pixels::new(&crop, SIDE, SIDE, SIDE)?;
        let face = eyes.see(picture, captured)?.faces.first();
        let seen = face.and_then(|face| Seen::of(Box::new(face.landmarks), &face.irises));
        film.push(Shown { crop, seen });
    }
    Ok(film)
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
        places.push((captured, face.map(|face: &Face| measure(&face.landmarks))));
    }
    let transforms = without_gaps(align::align(&places));
    let mut crops = Vec::with_capacity(times.len());
    for (index, (&captured, transform)) in times.iter().zip(&transforms).enumerate() {
        draw(index, &mut wide)?;
        let picture = Pixels::new(&wide, WIDE, WIDE, WIDE)?;
        crops.push((captured, crop::cut_out(picture, transform)));
    }
    look_at(crops, eyes)
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
    fn the_middle_is_the_middle() {
        let [x, y] = middle().to_picture(0.5 * SIDE as f32, 0.5 * SIDE as f32);
        assert_eq!([x, y], [0.5 * WIDE as f32; 2]);
    }
}
