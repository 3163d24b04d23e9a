//! The preview of a bake under way: the rig's pictures above, the network's below.

use crate::preview::{contact_sheet, expressions, write_png};
use anyhow::Result;
use sfumato_bake::bake::Bake;
use sfumato_bake::student::Student;
use sfumato_compositor::Picture;
use sfumato_generator::rig::model::Model;
use sfumato_generator::{Generator, Rig};
use sfumato_pack::Pack;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between two previews.
const PAUSE: Duration = Duration::from_secs(20);

/// Expressions that are shown.
const SHOWN: [&str; 6] = [
    "yaw left",
    "smile",
    "eyes closed",
    "laugh",
    "brows up",
    "turned, smiling",
];

/// Pixels of a picture's side.
const SIDE: u32 = 256;

/// Writes previews.
pub struct Preview<'a> {
    path: PathBuf,
    pack: &'a Pack,
    model: &'a Model,
    next: Instant,
    rig: Picture,
}

impl<'a> Preview<'a> {
    /// For a pack; draws the rig's row.
    pub fn new(path: &Path, pack: &'a Pack, model: &'a Model) -> Result<Preview<'a>> {
        let mut rig = Rig::new(model.clone());
        Ok(Preview {
            path: path.to_path_buf(),
            pack,
            model,
            next: Instant::now() + PAUSE,
            rig: row(pack, &mut rig)?,
        })
    }

    /// Writes a new one, when it is time.
    pub fn renew(&mut self, bake: &Bake) -> Result<()> {
        if Instant::now() < self.next {
            return Ok(());
        }
        let mut student = Student::new(bake.learners(), Rig::new(self.model.clone()))?;
        let below = row(self.pack, &mut student)?;
        let pixels = [self.rig.pixels(), below.pixels()].concat();
        let both = Picture::from_pixels(below.width(), self.rig.height() + below.height(), pixels)?;
        write_png(&self.path, &both)?;
        self.next = Instant::now() + PAUSE;
        Ok(())
    }
}

fn row(pack: &Pack, generator: &mut dyn Generator) -> Result<Picture> {
    let mut shown = expressions();
    shown.retain(|expression| SHOWN.contains(&expression.name));
    let columns = shown.len() as u32;
    let region = pack.portrait.region;
    contact_sheet(&pack.portrait, generator, &shown, region, SIDE, columns)
}
