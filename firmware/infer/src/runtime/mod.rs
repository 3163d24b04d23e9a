//! Baked networks on ONNX Runtime, for boards whose GPU TensorRT can use.
//!
//! ```text
//! network-tensorrt.onnx --TensorRT, else CUDA, else CPU--> session --held to our engine--> Runtime
//! ```
//!
//! The library is opened when it is asked for, and belongs to the board's image, not to this program. TensorRT
//! builds an engine for its GPU the first time, which takes minutes, and keeps it in a folder.
//!
//! A network of another painting would run as well and draw nonsense. So whatever comes out is
//! compared with what our engine makes of the pack's own network before it may draw.
//!
//! ONNX Runtime allocates while it runs; what it allocates is not hidden.

mod library;

use crate::InferError;
use crate::network::length;
use crate::quantised::{Description, FRACTION_BITS, Head, Instructions, Quantised, Runner};
use ort::ep::{CPU, CUDA, ExecutionProviderDispatch, TensorRT};
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// How far a part's outputs may be from our engine's, of their size. TensorRT has a bit less between layers, which makes a
/// tenth in networks with weights by chance; another painting's network is off by as much as there is.
const MOST_OFF: f64 = 0.2;

/// Inputs for which they are compared.
const PROBES: usize = 6;

/// Who computes, behind ONNX Runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// TensorRT: int8 and fp16, an engine built for the GPU at hand.
    TensorRt,
    /// CUDA.
    Cuda,
    /// The processor.
    Cpu,
}

impl Provider {
    /// All, the fastest first.
    pub const ALL: [Provider; 3] = [Provider::TensorRt, Provider::Cuda, Provider::Cpu];

    /// For reports.
    pub fn name(self) -> &'static str {
        match self {
            Provider::TensorRt => "TensorRT",
            Provider::Cuda => "CUDA",
            Provider::Cpu => "CPU",
        }
    }

    fn dispatch(self, cache: &Path) -> ExecutionProviderDispatch {
        let cache = cache.to_string_lossy();
        match self {
            Provider::TensorRt => TensorRT::default()
                .with_int8(true)
                .with_fp16(true)
                .with_engine_cache(true)
                .with_engine_cache_path(&cache)
                .with_timing_cache(true)
                .with_timing_cache_path(&cache)
                .build(),
            Provider::Cuda => CUDA::default().build(),
            Provider::Cpu => CPU::default().build(),
        }
        .error_on_failure()
    }
}

/// A baked network run by ONNX Runtime.
#[derive(Debug)]
pub struct Runtime {
    session: Session,
    provider: Provider,
    /// Why better providers do not run it.
    declined: Vec<String>,
    heads: Vec<Head>,
    scale: f32,
    input: Vec<f32>,
}

impl Runtime {
    /// Opens ONNX Runtime's `library` and loads `onnx` into it, for the first of `providers` that can run it.
    ///
    /// `onnx` is the pack's network, or what `atelier export --tensorrt` wrote of it; `pack` is the pack's, to which
    /// it is held. Engines are kept in the folder `cache`. A program opens one library; another that is named
    /// later is not opened.
    pub fn load(
        library: &Path,
        onnx: &[u8],
        pack: &Description,
        cache: &Path,
        providers: &[Provider],
    ) -> Result<Runtime, InferError> {
        open(library)?;
        let reference = Quantised::new(pack, Instructions::best())?;
        let mut declined = Vec::new();
        for &provider in providers {
            match Runtime::with(onnx, &reference, provider, cache) {
                Ok(runtime) => {
                    return Ok(Runtime {
                        declined,
                        ..runtime
                    });
                }
                Err(cause) => declined.push(format!("{}: {cause}", provider.name())),
            }
        }
        Err(fault(format!(
            "no provider runs it: {}",
            declined.join("; ")
        )))
    }

    fn with(
        onnx: &[u8],
        reference: &Quantised,
        provider: Provider,
        cache: &Path,
    ) -> Result<Runtime, String> {
        let session = session(onnx, provider, cache)
            .map_err(|error| first_line(&error.to_string()).to_owned())?;
        let names: Vec<&str> = session.outputs().iter().map(|o| o.name()).collect();
        let wanted: Vec<&str> = reference.heads().iter().map(|h| h.name.as_str()).collect();
        if names != wanted || session.inputs().len() != 1 {
            return Err(format!("its outputs are {names:?}, the pack's {wanted:?}"));
        }
        let mut runtime = Runtime {
            session,
            provider,
            declined: Vec::new(),
            heads: reference.heads().to_vec(),
            scale: reference.input_scale(),
            input: vec![0.0; reference.input_numbers()],
        };
        runtime.hold_to(&mut reference.clone())?;
        Ok(runtime)
    }

    /// Compares outputs with those of our engine.
    fn hold_to(&mut self, reference: &mut Quantised) -> Result<(), String> {
        let room = |heads: &[Head]| -> Vec<Vec<i32>> {
            heads.iter().map(|head| vec![0; head.numbers()]).collect()
        };
        let (mut ours, mut theirs) = (room(&self.heads), room(&self.heads));
        let names: Vec<String> = self.heads.iter().map(|head| head.name.clone()).collect();
        let mut parts: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        for probe in 0..PROBES {
            let input = probe_of(probe, self.input.len(), self.scale);
            let run = |runner: &mut dyn Runner, out: &mut [Vec<i32>]| {
                let mut out: Vec<&mut [i32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
                runner.run(&input, &mut out).map_err(|e| e.to_string())
            };
            run(reference, &mut ours)?;
            run(self, &mut theirs)?;
            for (name, (ours, theirs)) in names.iter().zip(ours.iter().zip(&theirs)) {
                let sums = parts.entry(part_of(name)).or_default();
                for (&ours, &theirs) in ours.iter().zip(theirs) {
                    let (ours, theirs) = (f64::from(ours), f64::from(theirs));
                    sums[0] += (ours - theirs).powi(2);
                    sums[1] += ours.powi(2);
                }
            }
        }
        for (part, [off, size]) in parts {
            let off = (off / size.max(1e-9)).sqrt();
            if off.is_nan() || off > MOST_OFF {
                return Err(format!(
                    "its {part} is {:.1} % off the pack's network; export the pack again",
                    100.0 * off
                ));
            }
        }
        Ok(())
    }

    /// Who computes.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Why the providers asked for before it do not.
    pub fn declined(&self) -> &[String] {
        &self.declined
    }

    fn try_run(&mut self, outputs: &mut [&mut [i32]]) -> ort::Result<()> {
        let shape = [1, self.input.len()];
        let input = TensorRef::from_array_view((shape, self.input.as_slice()))?;
        let results = self.session.run(ort::inputs![input])?;
        for (index, (out, head)) in outputs.iter_mut().zip(&self.heads).enumerate() {
            let (_, numbers) = results[index].try_extract_tensor::<f32>()?;
            let places = head.height * head.width;
            if numbers.len() != head.numbers() {
                return Err(ort::Error::new(format!(
                    "{} numbers for {}",
                    numbers.len(),
                    head.name
                )));
            }
            // From channel by channel to pixel by pixel.
            for (place, pixel) in out.chunks_exact_mut(head.channels).enumerate() {
                for (channel, number) in pixel.iter_mut().enumerate() {
                    let real = f64::from(numbers[channel * places + place]);
                    // Out of range stays at the limit, no number becomes 0.
                    *number = (real * f64::from(1u32 << FRACTION_BITS)).round() as i32;
                }
            }
        }
        Ok(())
    }
}

impl Runner for Runtime {
    fn name(&self) -> String {
        format!("ONNX Runtime, {}", self.provider.name())
    }

    fn input_numbers(&self) -> usize {
        self.input.len()
    }

    fn input_scale(&self) -> f32 {
        self.scale
    }

    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn run(&mut self, input: &[i16], outputs: &mut [&mut [i32]]) -> Result<(), InferError> {
        length(NAME, "the input", self.input.len(), input.len())?;
        length(NAME, "the list of outputs", self.heads.len(), outputs.len())?;
        for (output, head) in outputs.iter().zip(&self.heads) {
            length(NAME, "an output", head.numbers(), output.len())?;
        }
        for (real, &number) in self.input.iter_mut().zip(input) {
            *real = f32::from(number) * self.scale;
        }
        self.try_run(outputs).map_err(|error| InferError::Failed {
            name: NAME.to_owned(),
            cause: first_line(&error.to_string()).to_owned(),
        })
    }
}

/// What messages call a network of this kind.
const NAME: &str = "generator on ONNX Runtime";

/// Whether the library has been opened.
static OPENED: Mutex<bool> = Mutex::new(false);

fn open(library: &Path) -> Result<(), InferError> {
    let mut opened = OPENED.lock().unwrap_or_else(|broken| broken.into_inner());
    if !*opened {
        let unusable = |cause: &str| {
            let path = library.display();
            fault(format!(
                "{path} is none that can be opened: {}",
                first_line(cause)
            ))
        };
        library::probe(library).map_err(|cause| unusable(&cause))?;
        let environment = ort::init_from(library).map_err(|error| unusable(&error.to_string()))?;
        environment.with_telemetry(false).commit();
        *opened = true;
    }
    Ok(())
}

fn session(onnx: &[u8], provider: Provider, cache: &Path) -> ort::Result<Session> {
    let builder = Session::builder()?
        .with_execution_providers([provider.dispatch(cache)])?
        .with_intra_threads(1)?
        .with_optimization_level(GraphOptimizationLevel::All)?;
    let mut builder = builder.with_intra_op_spinning(false)?;
    builder.commit_from_memory(onnx)
}

/// Inputs by chance, rest first, up to a unit.
fn probe_of(probe: usize, numbers: usize, scale: f32) -> Vec<i16> {
    let mut state = probe as u32;
    let mut next = || {
        // Numerical Recipes' generator; the low bits are poor.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 24)
    };
    let unit = 1.0 / f64::from(scale);
    (0..numbers)
        .map(|_| match probe {
            0 => 0,
            _ => (next() * unit).clamp(0.0, f64::from(i16::MAX)) as i16,
        })
        .collect()
}

/// The part of the drawing that a head is of. What is fine is added to what is broad and may be next to nothing beside
/// it: the noise of bytes is measured against both.
fn part_of(head: &str) -> &str {
    head.trim_end_matches("_broad").trim_end_matches("_fine")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn fault(cause: String) -> InferError {
    InferError::Runtime { cause }
}
