//! The rig: a geometric model of the painted face.

use crate::{Generator, GeneratorError};
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;

/// The rig of one painting.
#[derive(Debug)]
pub struct Rig {}

impl Rig {
    /// Reads a rig from a pack's `rig` entry.
    pub fn decode(bytes: &[u8]) -> Result<Rig, GeneratorError> {
        let _ = bytes;
        Ok(Rig {})
    }
}

impl Generator for Rig {
    fn generate(&mut self, _motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError> {
        drawing.clone_from(&Drawing::REST);
        Ok(())
    }

    fn name(&self) -> &'static str {
        "rig"
    }
}
