//! Finding painted faces, also small ones in large paintings.

use anyhow::Result;
use sfumato_core::face::Face;
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_faces::Perception;

/// All faces of a picture, widest first.
///
/// A sitter's face may be a twentieth of a full-length portrait: where the whole picture shows
/// none to the detectors, its parts are looked at, from halves down to eighths.
pub fn faces(whole: Pixels<'_, Rgb>, perception: &mut Perception) -> Result<Vec<Face>> {
    let mut found: Vec<Face> = perception.look(whole)?.faces.iter().cloned().collect();
    for parts in [2, 4, 8] {
        if !found.is_empty() {
            break;
        }
        let side = (whole.width().max(whole.height()) / parts).max(1);
        if side < 192 {
            break;
        }
        // Parts overlap by half, so that no face is cut by every one of them.
        for top in (0..whole.height()).step_by((side / 2).max(1)) {
            for left in (0..whole.width()).step_by((side / 2).max(1)) {
                look_at(whole, left, top, side, perception, &mut found)?;
            }
        }
    }
    found.sort_by(|a, b| b.bounds.width().total_cmp(&a.bounds.width()));
    Ok(found)
}

/// Where a face lies, for a message.
pub fn place(face: &Face) -> String {
    let bounds = &face.bounds;
    format!(
        "{:.0},{:.0} to {:.0},{:.0}",
        bounds.left, bounds.top, bounds.right, bounds.bottom
    )
}

fn look_at(
    whole: Pixels<'_, Rgb>,
    left: usize,
    top: usize,
    side: usize,
    perception: &mut Perception,
    found: &mut Vec<Face>,
) -> Result<()> {
    let width = side.min(whole.width() - left);
    let height = side.min(whole.height() - top);
    let start = top * whole.stride() + left;
    let part = Pixels::new(&whole.data()[start..], width, height, whole.stride())?;
    for face in &perception.look(part)?.faces {
        let mut face = face.clone();
        let (dx, dy) = (left as f32, top as f32);
        for landmark in face
            .landmarks
            .iter_mut()
            .chain(face.irises.as_flattened_mut())
        {
            landmark.x += dx;
            landmark.y += dy;
        }
        face.bounds.left += dx;
        face.bounds.right += dx;
        face.bounds.top += dy;
        face.bounds.bottom += dy;
        let known = |other: &Face| other.bounds.intersection_over_union(&face.bounds) > 0.3;
        if !found.iter().any(known) {
            found.push(face);
        }
    }
    Ok(())
}
