//! The real perception behind [`Perceive`], and where its networks come from.

use crate::perceive::{Perceive, PerceiveError};
use serde_json::{Map, Value};
use sfumato_core::face::Faces;
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::Moment;
use sfumato_faces::store::{self, Model};
use sfumato_faces::{Perception, PerceptionError};

/// Loads the networks. Missing or damaged ones are an error that names the cure.
pub fn load() -> Result<Networks, PerceptionError> {
    Perception::load(&store::default_folder()).map(Networks)
}

/// The perception by networks.
#[derive(Debug)]
pub struct Networks(Perception);

impl Networks {
    /// Name of each network and which engine runs it.
    pub fn engines(&self) -> Map<String, Value> {
        let engines = self.0.engines().into_iter();
        engines
            .map(|(model, engine)| (model.name().to_owned(), engine.into()))
            .collect()
    }
}

impl Perceive for Networks {
    fn see(
        &mut self,
        picture: Pixels<'_, Rgb>,
        captured: Moment,
        faces: &mut Faces,
    ) -> Result<(), PerceiveError> {
        let seen = self
            .0
            .see(picture, captured)
            .map_err(|error| PerceiveError(error.to_string()))?;
        faces.captured = seen.captured;
        faces.width = seen.width;
        faces.height = seen.height;
        faces.faces.clear();
        // Same capacity on both sides: all fit.
        let _ = faces.faces.extend_from_slice(&seen.faces);
        Ok(())
    }
}

/// Name and sha256 of each network in use.
pub fn hashes() -> Map<String, Value> {
    let folder = store::default_folder();
    Model::ALL
        .iter()
        .filter_map(|&model| {
            let bytes = store::read(&folder, model).ok()?;
            Some((model.name().to_owned(), store::sha256(&bytes).into()))
        })
        .collect()
}

/// What the networks are, for `sfumato check`.
pub fn describe() -> Result<String, String> {
    let folder = store::default_folder();
    for model in Model::ALL {
        store::read(&folder, model).map_err(|error| error.to_string())?;
    }
    Ok(format!(
        "{} networks, {}, {}",
        Model::ALL.len(),
        sfumato_infer::engine_version(),
        folder.display()
    ))
}
