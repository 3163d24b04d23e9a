//! Further pictures of the sitter: found, looked at, and listened to.

use super::search;
use crate::picture::Picture as Decoded;
use anyhow::{Context, Result, bail};
use sfumato_compositor::Picture;
use sfumato_core::face::Face;
use sfumato_faces::Perception;
use sfumato_motion::Look;
use sfumato_prepare::Prepared;
use sfumato_prepare::sitter::{self, Further, Seen};
use std::path::{Path, PathBuf};

/// Lets the pictures tell what they can of the face in the painting, and says what each was worth.
///
/// A picture that shows no face, another's, or nothing sharp is left out, with the reason. Where every one is, that is an error:
/// whoever gives pictures wants them used.
pub fn listen(
    prepared: &mut Prepared,
    face: &Face,
    paths: &[PathBuf],
    perception: &mut Perception,
) -> Result<()> {
    let paths = spread_out(paths)?;
    if paths.is_empty() {
        return Ok(());
    }
    let look = Look::of(&face.landmarks, &face.irises)
        .context("the painted eyes have no size; further pictures cannot be compared with them")?;
    let mut found = Vec::new();
    for path in &paths {
        let decoded = Decoded::read(path)?;
        let faces = search::faces(decoded.pixels()?, perception)?;
        match faces.into_iter().next() {
            Some(face) => found.push((path, decoded.painting()?, face)),
            None => eprintln!("{}: left out: no face found in it", path.display()),
        }
    }
    let mut looked_at: Vec<(&Path, &Picture, &Face, Look)> = Vec::new();
    for (path, picture, face) in &found {
        match Look::of(&face.landmarks, &face.irises) {
            Some(look) => looked_at.push((path, picture, face, look)),
            None => eprintln!("{}: left out: its eyes have no size", path.display()),
        }
    }
    let further: Vec<Further<'_>> = (looked_at.iter())
        .map(|(_, picture, face, look)| Further {
            picture,
            seen: Seen {
                landmarks: &face.landmarks,
                look: *look,
            },
        })
        .collect();
    let seen = Seen {
        landmarks: &face.landmarks,
        look,
    };
    let verdicts = sitter::listen(prepared, &seen, &further);
    let mut heard = 0;
    for ((path, ..), verdict) in looked_at.iter().zip(verdicts) {
        match verdict {
            Ok(weight) => {
                heard += 1;
                eprintln!("{}: heard, by {:.0} %", path.display(), 100.0 * weight);
            }
            Err(reason) => eprintln!("{}: left out: {reason}", path.display()),
        }
    }
    if heard == 0 {
        bail!("none of the further pictures can be used; give others, or prepare without --also");
    }
    Ok(())
}

/// The pictures themselves, those of folders in the order of their names.
fn spread_out(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("the folder {} cannot be read", path.display()))?;
        let mut inside = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("{}", path.display()))?.path();
            if entry.is_file() {
                inside.push(entry);
            }
        }
        if inside.is_empty() {
            bail!("the folder {} holds no pictures", path.display());
        }
        inside.sort();
        all.append(&mut inside);
    }
    Ok(all)
}
