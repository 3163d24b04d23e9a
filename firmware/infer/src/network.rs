//! A loaded network, its contract and what can go wrong with it.

use crate::engine::{Engine, Tract};
use crate::float::{Float, Unsupported};
use crate::running::Running;
use sfumato_engine::float::Instructions;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a caller expects of a network file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract<'a> {
    /// A name for messages, for example `face landmarks`.
    pub name: &'a str,
    /// Shape of the one input: `[1, channels, height, width]` for pictures.
    pub input: &'a [usize],
    /// How many numbers each output holds, in the file's order of outputs.
    pub outputs: &'a [usize],
}

/// Why a network could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
    /// The file is no network that the engine understands. Cure: convert it again.
    #[error(
        "{name}: not a usable network file ({cause}); run `cargo xtask models` to make it anew"
    )]
    Unusable {
        /// Which network.
        name: String,
        /// What the engine said.
        cause: String,
    },
    /// The file is a network, but not the expected one. Cure: use the file of the manifest.
    #[error("{name}: expected {expected}, the file has {found}; run `cargo xtask models`")]
    Contract {
        /// Which network.
        name: String,
        /// What the contract says.
        expected: String,
        /// What the file says.
        found: String,
    },
    /// A generator's file is none that this version can run. Cure: bake again.
    #[error("not a generator that this version can run ({cause}); run `atelier bake` again")]
    Baked {
        /// What is wrong with it.
        cause: String,
    },
    /// ONNX Runtime cannot be used. Cure: see its installation; our engine runs the network meanwhile.
    #[error("ONNX Runtime cannot be used: {cause}")]
    Runtime {
        /// What is wrong.
        cause: String,
    },
    /// A slice handed to [`Network::run`] has the wrong length. Cure: a fault of the caller.
    #[error("{name}: {what} holds {got} numbers, {needed} are needed")]
    Length {
        /// Which network.
        name: String,
        /// Which slice.
        what: &'static str,
        /// Numbers needed.
        needed: usize,
        /// Numbers given.
        got: usize,
    },
    /// The engine gave up. The next run may work.
    #[error("{name}: the engine failed: {cause}")]
    Failed {
        /// Which network.
        name: String,
        /// What the engine said.
        cause: String,
    },
    /// The engine panicked; the panic was caught. The next run starts afresh.
    #[error("{name}: the engine panicked")]
    Panicked {
        /// Which network.
        name: String,
    },
}

/// A network ready to run.
#[derive(Debug)]
pub struct Network {
    name: String,
    input: usize,
    outputs: Vec<usize>,
    engine: Box<dyn Engine>,
}

impl Network {
    /// Loads the bytes of an ONNX file and holds it to its `contract`.
    ///
    /// Our own engine runs it if it has all its operators, tract if not; see [`Network::engine`].
    pub fn load(onnx: &[u8], contract: &Contract<'_>) -> Result<Self, InferError> {
        let ours = catch_unwind(|| Float::load(onnx, contract, Instructions::best()));
        let cause = match ours.unwrap_or_else(|_| Err(Unsupported::panic())) {
            Ok(engine) => return Ok(Self::with_engine(Box::new(engine), contract)),
            Err(cause) => cause,
        };
        // tract also says better what is wrong with a file that nobody can use.
        let engine = fenced(contract, || Tract::load(onnx, contract))?;
        Ok(Self::with_engine(Box::new(engine.instead(cause)), contract))
    }

    /// As [`load`](Network::load), always run by tract: the reference for tests and measurements.
    ///
    /// Takes a fraction of a second: tract rearranges the network for this processor.
    pub fn load_reference(onnx: &[u8], contract: &Contract<'_>) -> Result<Self, InferError> {
        let engine = fenced(contract, || Tract::load(onnx, contract))?;
        Ok(Self::with_engine(Box::new(engine), contract))
    }

    /// A network run by an engine of the caller's.
    pub fn with_engine(engine: Box<dyn Engine>, contract: &Contract<'_>) -> Self {
        Network {
            name: contract.name.to_owned(),
            input: contract.input.iter().product(),
            outputs: contract.outputs.to_vec(),
            engine,
        }
    }

    /// The name the network was loaded under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which engine runs it, with its version; for tract also why it is not ours.
    pub fn engine(&self) -> String {
        self.engine.name()
    }

    /// Runs the network: reads `input`, fills `outputs` (as many and as long as the contract says).
    ///
    /// After an error the outputs hold nothing of use and the network can be run again.
    pub fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> Result<(), InferError> {
        self.check("the input", self.input, input.len())?;
        self.check("the list of outputs", self.outputs.len(), outputs.len())?;
        for (needed, output) in self.outputs.iter().zip(outputs.iter()) {
            self.check("an output", *needed, output.len())?;
        }
        let engine = &mut self.engine;
        let _running = Running::start();
        match catch_unwind(AssertUnwindSafe(|| engine.run(input, outputs))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => Err(InferError::Failed {
                name: self.name.clone(),
                cause,
            }),
            Err(_) => {
                // Whatever the panic left half done must not leak into the next frame.
                if catch_unwind(AssertUnwindSafe(|| engine.reset())).is_err() {
                    return Err(InferError::Failed {
                        name: self.name.clone(),
                        cause: "it panicked, and again while it was reset".to_owned(),
                    });
                }
                Err(panicked(&self.name))
            }
        }
    }

    fn check(&self, what: &'static str, needed: usize, got: usize) -> Result<(), InferError> {
        length(&self.name, what, needed, got)
    }
}

/// Holds a slice handed to the network `name` to the length it needs.
pub(crate) fn length(
    name: &str,
    what: &'static str,
    needed: usize,
    got: usize,
) -> Result<(), InferError> {
    if needed == got {
        return Ok(());
    }
    Err(InferError::Length {
        name: name.to_owned(),
        what,
        needed,
        got,
    })
}

/// Does what may panic in other people's code.
fn fenced<T>(
    contract: &Contract<'_>,
    work: impl FnOnce() -> Result<T, InferError>,
) -> Result<T, InferError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked(contract.name)))
}

fn panicked(name: &str) -> InferError {
    InferError::Panicked {
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Doubles its input, or misbehaves when the first number says so.
    #[derive(Debug, Default)]
    struct Moody {
        resets: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    }

    impl Engine for Moody {
        fn name(&self) -> String {
            "moody".to_owned()
        }

        fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> Result<(), String> {
            match input[0] {
                -1.0 => Err("out of sorts".to_owned()),
                -2.0 => panic!("on purpose"),
                value => {
                    outputs[0][0] = 2.0 * value;
                    Ok(())
                }
            }
        }

        fn reset(&mut self) {
            self.resets
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    const CONTRACT: Contract<'static> = Contract {
        name: "moody",
        input: &[1, 2],
        outputs: &[1],
    };

    #[test]
    fn a_panic_is_an_error_and_the_next_run_works() {
        let engine = Moody::default();
        let resets = engine.resets.clone();
        let mut network = Network::with_engine(Box::new(engine), &CONTRACT);
        let mut output = [0.0];
        let mut run = |first: f32| network.run(&[first, 0.0], &mut [&mut output]);
        assert!(matches!(run(-2.0), Err(InferError::Panicked { .. })));
        assert_eq!(resets.load(std::sync::atomic::Ordering::Relaxed), 1);
        assert!(matches!(run(-1.0), Err(InferError::Failed { .. })));
        run(3.0).unwrap();
        assert_eq!(output, [6.0]);
    }

    #[test]
    fn slices_of_other_lengths_are_refused() {
        let mut network = Network::with_engine(Box::new(Moody::default()), &CONTRACT);
        let (mut short, mut long) = ([0.0; 1], [0.0; 2]);
        let refused = |result| matches!(result, Err(InferError::Length { .. }));
        assert!(refused(network.run(&[0.0; 3], &mut [&mut short])));
        assert!(refused(network.run(&[0.0; 2], &mut [&mut long])));
        assert!(refused(network.run(&[0.0; 2], &mut [])));
    }
}
