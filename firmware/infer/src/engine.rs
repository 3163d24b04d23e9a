//! What runs a network: the trait, and tract behind it.

use crate::float::{self, Unsupported};
use crate::network::{Contract, InferError};
use crate::operators;
use sfumato_engine::float::Instructions;
use std::fmt;
use std::sync::Arc;
use tract_onnx::prelude::*;

/// tract's version; a test holds it to the lock file.
pub(crate) const TRACT_VERSION: &str = "0.23.9";

/// Something that runs one loaded network.
pub trait Engine: Send + fmt::Debug {
    /// What it is, with its version, for reports.
    fn name(&self) -> String;

    /// Reads `input`, fills `outputs`; lengths have been checked. The error says why not.
    fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> Result<(), String>;

    /// Forgets everything of a run that was cut short.
    fn reset(&mut self);
}

/// The engines and their versions, for reports: our own, and the one for what ours does not know.
pub fn engine_version() -> String {
    format!(
        "{}, tract {TRACT_VERSION}",
        float::name(Instructions::best())
    )
}

/// tract in 32-bit floating point, on the calling thread.
pub(crate) struct Tract {
    plan: Arc<TypedSimplePlan>,
    state: TypedSimpleState,
    /// Handed to tract for each run and taken back after it, so that it is allocated once.
    input: Arc<Tensor>,
    /// Why our own engine does not run this network.
    instead: Option<Unsupported>,
}

impl fmt::Debug for Tract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tract")
            .field("input", &self.input.shape())
            .finish_non_exhaustive()
    }
}

impl Tract {
    /// Parses, checks and optimises an ONNX file.
    pub(crate) fn load(mut onnx: &[u8], contract: &Contract<'_>) -> Result<Self, InferError> {
        let unusable = |cause: TractError| InferError::Unusable {
            name: contract.name.to_owned(),
            cause: format!("{cause:#}"),
        };
        let mut framework = tract_onnx::onnx();
        operators::register(&mut framework);
        let mut model = framework.model_for_read(&mut onnx).map_err(unusable)?;
        let inputs = model.input_outlets().map_err(unusable)?.len();
        if inputs != 1 {
            return Err(misfit(contract, "1 input", format!("{inputs} inputs")));
        }
        // Setting the shape makes tract prove it against the file's own.
        model
            .set_input_fact(0, f32::fact(contract.input).into())
            .map_err(unusable)?;
        let plan = model
            .into_optimized()
            .and_then(|model| model.into_runnable())
            .map_err(unusable)?;
        check_outputs(plan.model(), contract).map_err(unusable)??;
        let state = TypedSimpleState::new(&plan).map_err(unusable)?;
        let input = Tensor::zero::<f32>(contract.input).map_err(unusable)?;
        Ok(Tract {
            plan,
            state,
            input: Arc::new(input),
            instead: None,
        })
    }

    /// The same, with the reason why it is used instead of our own engine.
    pub(crate) fn instead(mut self, cause: Unsupported) -> Self {
        self.instead = Some(cause);
        self
    }

    fn try_run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> TractResult<()> {
        let tensor = match Arc::get_mut(&mut self.input) {
            Some(tensor) => tensor,
            None => {
                // tract kept a reference, as after an error: leave it that tensor.
                self.input = Arc::new(Tensor::zero::<f32>(self.input.shape())?);
                Arc::get_mut(&mut self.input)
                    .ok_or_else(|| TractError::msg("a new tensor is already shared"))?
            }
        };
        tensor
            .try_as_plain_ram_mut()?
            .as_slice_mut::<f32>()?
            .copy_from_slice(input);
        let results = self
            .state
            .run(tvec!(TValue::from_const(self.input.clone())))?;
        for (result, output) in results.iter().zip(outputs) {
            output.copy_from_slice(result.try_as_plain_ram()?.as_slice::<f32>()?);
        }
        Ok(())
    }
}

impl Engine for Tract {
    fn name(&self) -> String {
        match &self.instead {
            None => format!("tract {TRACT_VERSION}"),
            Some(cause) => format!("tract {TRACT_VERSION}, because of {cause}"),
        }
    }

    fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> Result<(), String> {
        self.try_run(input, outputs).map_err(|cause| {
            let message = format!("{cause:#}");
            self.reset();
            message
        })
    }

    fn reset(&mut self) {
        // Only memory can be short here; then the old state serves on, tract resets it per run.
        if let Ok(state) = TypedSimpleState::new(&self.plan) {
            self.state = state;
        }
    }
}

fn check_outputs(
    model: &TypedModel,
    contract: &Contract<'_>,
) -> TractResult<Result<(), InferError>> {
    let outlets = model.output_outlets()?;
    let mut found = Vec::with_capacity(outlets.len());
    for outlet in outlets {
        let fact = model.outlet_fact(*outlet)?;
        let shape = fact
            .shape
            .as_concrete()
            .ok_or_else(|| TractError::msg("an output's shape is not fixed"))?;
        found.push(shape.iter().product::<usize>());
        if fact.datum_type != f32::datum_type() {
            return Ok(Err(misfit(
                contract,
                "outputs of 32-bit floats",
                format!("{:?}", fact.datum_type),
            )));
        }
    }
    if found == contract.outputs {
        return Ok(Ok(()));
    }
    Ok(Err(misfit(
        contract,
        &format!("outputs of {:?} numbers", contract.outputs),
        format!("{found:?}"),
    )))
}

fn misfit(contract: &Contract<'_>, expected: &str, found: String) -> InferError {
    InferError::Contract {
        name: contract.name.to_owned(),
        expected: expected.to_owned(),
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever changes a converter or tract must notice when the models fall back to slow operators.
    #[test]
    fn the_face_models_run_on_our_operators() {
        let home = std::env::var_os("HOME").unwrap_or_default();
        let folder = std::env::var_os("SFUMATO_CACHE").map_or_else(
            || std::path::Path::new(&home).join(".cache/sfumato/models"),
            std::path::PathBuf::from,
        );
        let count = |name: &str, size: usize, outputs: &[usize]| {
            let path = folder.join(format!("{name}.onnx"));
            let Ok(bytes) = std::fs::read(&path) else {
                eprintln!(
                    "SKIPPED: {} is not there; run `cargo xtask models`",
                    path.display()
                );
                return None;
            };
            let contract = Contract {
                name,
                input: &[1, 3, size, size],
                outputs,
            };
            let tract = Tract::load(&bytes, &contract).unwrap();
            let names = tract
                .plan
                .model()
                .nodes()
                .iter()
                .map(|node| node.op().name());
            let names: Vec<String> = names.map(|name| name.into_owned()).collect();
            let of = |kind: &str| names.iter().filter(|name| *name == kind).count();
            Some(
                [
                    "OwnConv",
                    "OwnPRelu",
                    "OwnMaxPool",
                    "OwnResize",
                    "DepthWiseConv",
                ]
                .map(of),
            )
        };
        if let Some(found) = count("face_landmark", 192, &[1404, 1]) {
            assert_eq!(found[..2], [20, 23]);
            assert_eq!(found[4], 0);
        }
        if let Some(found) = count("face_detection_full_range_sparse", 192, &[36_864, 2304]) {
            assert_eq!(found, [42, 0, 0, 3, 0]);
        }
        if let Some(found) = count("face_detection_short_range", 128, &[14_336, 896]) {
            assert_eq!(found, [16, 0, 3, 0, 0]);
        }
    }
}
