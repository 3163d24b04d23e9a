//! Our own engine in 32-bit floats: a compiler from ONNX files to its plans.
//!
//! `file` reads a file's nodes, attributes and weights from the protobuf types that tract has for them; `lower`
//! turns node after node into operators of `sfumato_engine::float`. The file and not tract's model is read,
//! because the file says what is meant (one node is one operator, with the names of the standard), where
//! tract's model says how tract would do it, differently with each version. Whatever is not
//! known here is [`Unsupported`], and tract runs the network instead.

mod file;
mod lower;

use crate::engine::Engine;
use crate::network::Contract;
use sfumato_engine::float::{Instructions, Plan};
use std::fmt;

/// Why a network is left to another engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsupported(pub String);

impl Unsupported {
    fn new(cause: impl Into<String>) -> Unsupported {
        Unsupported(cause.into())
    }

    /// A fault of ours.
    pub(crate) fn panic() -> Unsupported {
        Unsupported::new("a panic of the compiler")
    }
}

/// A plan of ours behind the trait.
pub(crate) struct Float(Plan);

impl fmt::Debug for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Float")
            .field("instructions", &self.0.instructions().name())
            .finish_non_exhaustive()
    }
}

impl Float {
    /// Compiles a file that fits the contract.
    pub(crate) fn load(
        onnx: &[u8],
        contract: &Contract<'_>,
        instructions: Instructions,
    ) -> Result<Float, Unsupported> {
        if !instructions.are_fused() {
            return Err(Unsupported::new(
                "this processor does not multiply and add in one instruction",
            ));
        }
        let plan = lower::compile(onnx, contract.input)?
            .build(instructions)
            .map_err(|error| Unsupported(error.to_string()))?;
        if !plan.outputs().eq(contract.outputs.iter().copied()) {
            return Err(Unsupported::new("the outputs are not the expected ones"));
        }
        Ok(Float(plan))
    }
}

impl Engine for Float {
    fn name(&self) -> String {
        name(self.0.instructions())
    }

    fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> Result<(), String> {
        self.0
            .run(&[input], outputs)
            .map_err(|error| error.to_string())
    }

    fn reset(&mut self) {
        // Every run writes all that it reads.
    }
}

/// The engine's name and version with these instructions, for reports.
pub(crate) fn name(instructions: Instructions) -> String {
    format!(
        "sfumato {} f32 {}",
        env!("CARGO_PKG_VERSION"),
        instructions.name()
    )
}
