//! What the runtime asks of the perception, so narrow that a test can play it by script.

use sfumato_core::face::Faces;
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::Moment;

/// Why no faces could be looked for in a picture; the show goes on with idle life.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PerceiveError(pub String);

/// Finds and follows faces.
pub trait Perceive: Send {
    /// Looks at the picture taken at `captured` and fills `faces`.
    fn see(
        &mut self,
        picture: Pixels<'_, Rgb>,
        captured: Moment,
        faces: &mut Faces,
    ) -> Result<(), PerceiveError>;
}
