//! From a painting and its landmarks to a portrait and its rig.
//!
//! Everything here is worked out from the painting itself, once, on the host: where the head
//! lies and how deep it is (`head`), where it ends (`silhouette`) and what is behind it
//! (`plate`), the line where the lips meet (`mouth`), lids, iris and
//! the eyeball behind them (`eye`), and the colours of the inside of a mouth that the painter
//! never painted. [`prepare`] returns the portrait for the compositor, the rig's model, and a
//! picture of every step, so that a person can judge what the program believed.

#![forbid(unsafe_code)]

mod eye;
mod frame;
mod head;
mod lid;
mod mouth;
mod pictures;
mod plane;
mod plate;
mod silhouette;
pub mod sitter;
mod skin;

pub use pictures::Proof;

use frame::Frame;
use sfumato_compositor::{Picture, Portrait};
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_generator::rig::model::{Model, VERSION};

/// Why a painting cannot be prepared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PrepareError {
    /// The painted face has too few pixels.
    #[error(
        "the painted face is only {width} pixels wide; scan the painting so that the face is at \
         least {needed} pixels wide"
    )]
    TooSmall {
        /// Width of the face in pixels.
        width: u32,
        /// Least width.
        needed: u32,
    },
    /// The face fills the picture: there is no margin to move in.
    #[error(
        "the painted face fills the picture; use a picture that shows the whole head with some \
         of its surroundings"
    )]
    NoMargin,
    /// The landmarks do not look like a face.
    #[error("the landmarks do not form a face; is this really a portrait, and upright?")]
    NoFace,
    /// The head leans too far.
    #[error("the head leans by {0} degrees; turn the picture until the face stands upright")]
    Leaning(i32),
}

/// What [`prepare`] makes of a painting.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// For the compositor.
    pub portrait: Portrait,
    /// For the generator.
    pub model: Model,
    /// Pictures of every step.
    pub proofs: Vec<Proof>,
}

/// Least width of a painted face, pixels.
pub const LEAST_FACE: u32 = 90;

/// Prepares a painting whose face has these landmarks (painting pixels).
pub fn prepare(
    painting: Picture,
    landmarks: &[Landmark; LANDMARKS],
) -> Result<Prepared, PrepareError> {
    let frame = Frame::of(&painting, landmarks)?;
    let mut head = head::shape(&frame);
    let about = head::about(&frame, silhouette::SIDE);
    let silhouette = silhouette::find(&painting, &frame, &about);
    let background = plate::paint(&painting, &frame, &silhouette);
    plate::follow_to_the_edge(&mut head, &background);
    let mouth = mouth::find(&painting, &frame);
    let eyes = eye::find(&painting, &frame);
    let model = Model {
        version: VERSION,
        landmarks: frame.landmarks.clone(),
        pose: frame.pose,
        depth: head.depth,
        head: head.follows,
        background: background.shows,
        mouth,
        eyes: [eyes[0].model.clone(), eyes[1].model.clone()],
        sitter: None,
    };
    let portrait = Portrait {
        painting,
        region: frame.region,
        plate: background.plate,
        mouth_size: model.mouth.size,
        eyes: eyes.map(|eye| eye.layers),
        grain: None,
    };
    let proofs = pictures::proofs(&portrait, &model, &silhouette);
    Ok(Prepared {
        portrait,
        model,
        proofs,
    })
}
