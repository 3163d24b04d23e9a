//! The network: motion in, drawing out, by a small int8 network that has learned one painting.
//!
//! ```text
//! motion --inputs--> 89 numbers --engine--> seven heads --heads--> five parts, less those at rest
//!                                                                     --learned--> drawing
//! ```
//!
//! What the network says at rest is taken off what it says ever after, so that a face at rest is
//! the painting, byte for byte, whatever the training left over. The rig of the same pack gives
//! the rest its meaning: where the eyes' lids lie, where the mouth's patch lies ([`learned`]).

pub mod heads;
pub mod inputs;
pub mod learned;
pub mod turning;

pub use heads::{Grain, HEADS, Head};
pub use learned::{PARTS, Part};

use crate::rig::Rig;
use crate::{Generator, GeneratorError};
use inputs::{INPUT_BITS, INPUTS};
use learned::Room;
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;
use sfumato_infer::quantised::{self, Instructions, Quantised, Runner};

/// Key of a network's names of inputs, in the order of the numbers, among its metadata.
pub const INPUTS_KEY: &str = "inputs";

/// The network of one painting, with the painting's rig.
#[derive(Debug)]
pub struct Network {
    rig: Rig,
    engine: Box<dyn Runner>,
    input: [i16; INPUTS],
    /// What the engine said last, in the order of [`Head::ALL`].
    said: [Vec<i32>; HEADS],
    /// The parts made of that, in the order of [`Part::ALL`].
    parts: [Vec<i32>; PARTS],
    /// The parts at rest.
    at_rest: [Vec<i32>; PARTS],
    room: Room,
    rest: Box<Drawing>,
}

impl Network {
    /// A network from a pack's `network` entry, and the pack's rig.
    ///
    /// Takes a fraction of a second. A file that is no network of this kind, or one of another
    /// version's inputs or outputs, is refused; the rig can draw without it.
    pub fn load(onnx: &[u8], rig: Rig) -> Result<Network, GeneratorError> {
        let unusable = |error| GeneratorError::Network(format!("{error}"));
        let engine = Quantised::load(onnx, Instructions::best()).map_err(unusable)?;
        Network::new(Box::new(engine), rig)
    }

    /// A network that is loaded already, by our engine or another.
    pub fn new(engine: Box<dyn Runner>, mut rig: Rig) -> Result<Network, GeneratorError> {
        let scale = 1.0 / (1u32 << INPUT_BITS) as f32;
        if engine.input_numbers() != INPUTS || engine.input_scale() != scale {
            return Err(other(format!(
                "it reads {} numbers in steps of {}, this program gives {INPUTS} in steps of {scale}",
                engine.input_numbers(),
                engine.input_scale()
            )));
        }
        let wanted = Head::ALL.map(|head| (head.name(), head.shape()));
        if !engine.heads().iter().map(described).eq(wanted) {
            return Err(other("its outputs are not this program's".to_owned()));
        }
        let rest = rig.at_rest();
        let mut network = Network {
            rig,
            engine,
            input: [0; INPUTS],
            said: Head::ALL.map(|head| vec![0; head.numbers()]),
            parts: Part::ALL.map(|part| vec![0; part.numbers()]),
            at_rest: Part::ALL.map(|part| vec![0; part.numbers()]),
            rest,
            room: Room::default(),
        };
        network.ask(&Motion::REST)?;
        core::mem::swap(&mut network.parts, &mut network.at_rest);
        Ok(network)
    }

    /// What runs it, for reports.
    pub fn engine(&self) -> String {
        self.engine.name()
    }

    fn ask(&mut self, motion: &Motion) -> Result<(), GeneratorError> {
        inputs::write(&self.rig.bounded(motion), &mut self.input);
        let mut outputs = self.said.each_mut().map(Vec::as_mut_slice);
        self.engine
            .run(&self.input, &mut outputs)
            .map_err(|error| GeneratorError::Network(format!("{error}")))?;
        for part in &mut self.parts {
            part.fill(0);
        }
        for (head, said) in Head::ALL.iter().zip(&self.said) {
            let part = &mut self.parts[head.part as usize];
            match head.grain {
                Grain::Broad => heads::double(said, head.part.shape(), part),
                Grain::Fine => {
                    for (number, said) in part.iter_mut().zip(said) {
                        *number = number.saturating_add(*said);
                    }
                }
            }
        }
        Ok(())
    }
}

fn described(head: &quantised::Head) -> (&str, [usize; 3]) {
    (&head.name, [head.height, head.width, head.channels])
}

fn other(what: String) -> GeneratorError {
    GeneratorError::Network(what)
}

impl Generator for Network {
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError> {
        self.ask(motion)?;
        let parts = self.parts.iter_mut().zip(&self.at_rest);
        for (part, (said, at_rest)) in Part::ALL.into_iter().zip(parts) {
            learned::less_rest(part, &self.rest, at_rest, said);
        }
        let fixed = self.rig.fixed(motion);
        let parts = self.parts.each_ref().map(Vec::as_slice);
        let known = (&fixed, self.rig.palette());
        learned::write(parts, &self.rest, known, &mut self.room, drawing);
        self.rig.complete(motion, &mut drawing.field);
        Ok(())
    }

    fn name(&self) -> &'static str {
        "network"
    }
}
