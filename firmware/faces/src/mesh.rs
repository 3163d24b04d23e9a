//! The landmarks of one face: four networks, one after the other.

use crate::crop::Crop;
use crate::detection::logistic;
use crate::perception::PerceptionError;
use crate::regions::{ACROSS, FEATURES, LEFT_EYE, LIPS, RIGHT_EYE, Region, SIDE, Window};
use crate::sample::{Levels, Outside, sample};
use crate::store::{self, Model};
use sfumato_core::face::{IRIS, LANDMARKS, Landmark};
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_infer::{Contract, Network};
use std::path::Path;

/// Pixels along a side of the first network's input.
const INPUT: usize = 192;

/// Faces that the first network believes in less are dropped.
pub(crate) const LEAST_PRESENCE: f32 = 0.5;

/// The networks with their buffers and their last result.
#[derive(Debug)]
pub(crate) struct Mesh {
    network: Network,
    /// Lips, right eye, left eye.
    regions: [Close; 3],
    input: Vec<f32>,
    /// x, y, z of each landmark in pixels of the first network's input.
    raw: Vec<f32>,
    features: Vec<f32>,
    landmarks: [Landmark; LANDMARKS],
    irises: [[Landmark; IRIS]; 2],
}

impl Mesh {
    pub fn load(folder: &Path) -> Result<Self, PerceptionError> {
        let network = Network::load(
            &store::read(folder, Model::Landmarks)?,
            &Contract {
                name: "face landmarks",
                input: &[1, 3, INPUT, INPUT],
                outputs: &[3 * LANDMARKS, 1, FEATURES * ACROSS * ACROSS],
            },
        )?;
        Ok(Mesh {
            network,
            regions: [
                Close::load(folder, Model::Lips, "lips", LIPS)?,
                Close::load(folder, Model::RightEye, "right eye", RIGHT_EYE)?,
                Close::load(folder, Model::LeftEye, "left eye", LEFT_EYE)?,
            ],
            input: vec![0.0; 3 * INPUT * INPUT],
            raw: vec![0.0; 3 * LANDMARKS],
            features: vec![0.0; FEATURES * ACROSS * ACROSS],
            landmarks: [Landmark::default(); LANDMARKS],
            irises: [[Landmark::default(); IRIS]; 2],
        })
    }

    /// Each network's engine: the first's, the lips', the right eye's, the left eye's.
    pub fn engines(&self) -> [String; 4] {
        let [lips, right, left] = &self.regions;
        [&self.network, &lips.network, &right.network, &left.network].map(Network::engine)
    }

    /// Where the last face's landmarks are; unspecified where there was none.
    pub fn landmarks(&self) -> &[Landmark; LANDMARKS] {
        &self.landmarks
    }

    /// The irises of the last face, right and left.
    pub fn irises(&self) -> &[[Landmark; IRIS]; 2] {
        &self.irises
    }

    /// Finds the landmarks of the face in `crop`; the answer is how sure the network is that
    /// there is one, in [0, 1].
    pub fn find(&mut self, picture: Pixels<'_, Rgb>, crop: &Crop) -> Result<f32, PerceptionError> {
        if !crop.is_usable() {
            return Ok(0.0);
        }
        let levels = Levels {
            black: 0.0,
            white: 1.0,
        };
        sample(
            picture,
            crop,
            Outside::Nearest,
            levels,
            INPUT,
            &mut self.input,
        );
        let mut presence = [0.0];
        self.network.run(
            &self.input,
            &mut [&mut self.raw, &mut presence, &mut self.features],
        )?;
        let presence = logistic(presence[0]);
        // Without a face the rest would only cost time.
        if presence >= LEAST_PRESENCE {
            for region in &mut self.regions {
                region.look(&self.features, &mut self.raw)?;
            }
        }
        let [_, right, left] = &self.regions;
        crop.project(&self.raw, INPUT as f32, &mut self.landmarks);
        for (eye, iris) in [right, left].into_iter().zip(&mut self.irises) {
            crop.project(&eye.iris, INPUT as f32, iris);
        }
        Ok(presence)
    }
}

/// The network of a region with its buffers and what it found.
#[derive(Debug)]
struct Close {
    region: Region,
    network: Network,
    input: Vec<f32>,
    points: Vec<f32>,
    rim: Vec<f32>,
    /// x, y, z of each point in pixels of the first network's input.
    iris: [f32; 3 * IRIS],
}

impl Close {
    fn load(
        folder: &Path,
        model: Model,
        name: &str,
        region: Region,
    ) -> Result<Self, PerceptionError> {
        let points = 2 * region.points.len();
        let rim = if region.iris { 2 * IRIS } else { 0 };
        let outputs = [points, rim];
        let network = Network::load(
            &store::read(folder, model)?,
            &Contract {
                name,
                input: &[1, FEATURES, SIDE, SIDE],
                outputs: if region.iris { &outputs } else { &outputs[..1] },
            },
        )?;
        Ok(Close {
            region,
            network,
            input: vec![0.0; FEATURES * SIDE * SIDE],
            points: vec![0.0; points],
            rim: vec![0.0; rim],
            iris: [0.0; 3 * IRIS],
        })
    }

    /// Finds its landmarks again; where there is no telling where it is, they stay those of the mesh.
    fn look(&mut self, features: &[f32], raw: &mut [f32]) -> Result<(), PerceptionError> {
        let Some(window) = Window::around(&self.region, raw) else {
            self.region.guess(raw, &mut self.iris);
            return Ok(());
        };
        window.cut(features, &mut self.input);
        let outputs: &mut [&mut [f32]] = &mut [&mut self.points, &mut self.rim];
        let outputs = if self.region.iris {
            outputs
        } else {
            &mut outputs[..1]
        };
        self.network.run(&self.input, outputs)?;
        let found = [self.points.as_slice(), self.rim.as_slice()];
        self.region.refine(&window, found, raw, &mut self.iris);
        Ok(())
    }
}
