//! The motions that visitors in clips give a portrait.

use crate::clip;
use anyhow::{Result, bail};
use sfumato_core::motion::Motion;
use sfumato_faces::{Choice, Perception, store};
use sfumato_motion::{Mover, Personality, Placement};
use std::path::{Path, PathBuf};

/// Plays each clip to a portrait of every built-in personality and notes what it would do.
///
/// Numbers alone are kept; no picture of anyone leaves this function.
pub fn recorded(clips: &[PathBuf], models: Option<&Path>) -> Result<Vec<Motion>> {
    let mut motions = Vec::new();
    if clips.is_empty() {
        return Ok(motions);
    }
    let folder = models.map_or_else(store::default_folder, Path::to_path_buf);
    for clip in clips {
        let before = motions.len();
        one(clip, &folder, &mut motions)?;
        println!("{}: {} motions", clip.display(), motions.len() - before);
    }
    Ok(motions)
}

fn one(path: &Path, models: &Path, motions: &mut Vec<Motion>) -> Result<()> {
    let mut perception = Perception::load(models)?;
    let mut choice = Choice::new();
    let mut movers: Vec<Mover> = Personality::BUILT_IN
        .into_iter()
        .map(|personality| Mover::new(personality, Placement::default(), 1))
        .collect();
    let mut seen = false;
    clip::each_frame(path, |frame| {
        let faces = perception.see(frame.pixels(), frame.captured)?;
        let id = choice.choose(faces);
        let face = faces.faces.iter().find(|face| Some(face.track) == id);
        seen |= face.is_some();
        let size = (frame.width() as u32, frame.height() as u32);
        for mover in &mut movers {
            mover.observe(face, size, frame.captured);
            motions.push(mover.at(frame.captured).motion);
        }
        Ok(())
    })?;
    if !seen {
        bail!("{}: nobody is seen in it", path.display());
    }
    Ok(())
}
