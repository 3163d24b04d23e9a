//! Motion in, drawing out.
//!
//! A [`Generator`] belongs to one painting. It is told what the portrait shall do and answers
//! with a [`Drawing`]: how the paint moves and what must be painted anew. Two kinds exist behind
//! the trait: the [`rig`], a geometric model of the painted face, and the [`network`], a small one that has
//! learned what the rig draws.

#![forbid(unsafe_code)]

pub mod network;
mod patch;
pub mod rig;

pub use network::Network;
pub use rig::Rig;

use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;

/// Why a generator could not draw.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// The pack's rig is damaged or of another version; prepare the painting again.
    #[error("the rig is damaged or of another version ({0}); run `atelier prepare` again")]
    Damaged(String),
    /// The pack's network cannot be used; bake it again. The rig draws meanwhile.
    #[error("the network cannot be used: {0}; run `atelier bake` again")]
    Network(String),
}

/// Turns motion into drawings for one painting.
///
/// Contract: at [`Motion::REST`] the drawing changes nothing; the same sequence of motions gives
/// the same sequence of drawings, bit for bit; nothing is allocated after the first call.
pub trait Generator: Send {
    /// Draws `motion` into `drawing`, overwriting all of it.
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError>;

    /// What this generator is, for reports: `rig` or `network`.
    fn name(&self) -> &'static str;
}
