//! `atelier bench generator`: a pack's network here, against what a user would run it with instead.
//!
//! Everybody runs on one thread and takes turns, round after round; CPU time counts, of the thread for
//! us and tract, of the whole process for the others. The table shows medians, and for each
//! engine how many times faster ours is: the median over the rounds, and the spread.

// One source with the engine's own measurements.
#[path = "../../../../../firmware/engine/examples/bench/limits.rs"]
mod limits;
mod ours;
mod peers;
mod report;

use super::python::environment;
use anyhow::{Context, Result};
use ours::{Ours, Pool};
use peers::Peers;
use report::{Layer, Measured, Report};
use sfumato_infer::quantised::{Instructions, Quantised};
use sfumato_infer::{Contract, Network};
use sfumato_models::quantised::{Description, Dialect, example, portrait, write, write_as};
use sfumato_pack::Pack;
use std::path::PathBuf;

/// What `atelier bench generator` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A baked pack; without one, a network of a portrait's shape with weights by chance.
    pub pack: Option<PathBuf>,
    /// The Python that has the other engines (`pip install onnx onnxruntime openvino ncnn ai-edge-litert`).
    #[arg(long, default_value = "python3")]
    pub python: PathBuf,
    /// Install the other engines, of known versions, into a scratch environment made with PYTHON.
    #[arg(long)]
    pub install: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Use nothing beyond AVX2 in our engine; the others have no such switch and use what they find.
    #[arg(long)]
    pub avx2: bool,
    /// How often everybody takes a turn.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(3..=1000))]
    pub rounds: u32,
}

/// About how long a turn takes, in milliseconds.
const TURN: f64 = 30.0;

/// Measures and prints.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (what, description) = match &arguments.pack {
        Some(path) => {
            let network = Pack::read(path)?.network.with_context(|| {
                format!(
                    "{0} holds no network; run `atelier bake {0}` first",
                    path.display()
                )
            })?;
            (path.display().to_string(), Description::read(&network)?)
        }
        None => (
            "a network of a portrait's shape, weights by chance".to_owned(),
            example(&portrait(), false, 1),
        ),
    };
    let instructions = Instructions::all()
        .filter(|set| !arguments.avx2 || set.name() == "avx2")
        .last()
        .unwrap_or(Instructions::PLAIN);
    let mut ours = Ours::new(Quantised::new(&description, instructions)?);
    let float = write_as(&description, Dialect::Float)?;
    let python = if arguments.install {
        environment("generator", &arguments.python, peers::PACKAGES)?
    } else {
        arguments.python.clone()
    };
    let mut peers = Peers::start(&python, [&write(&description)?, &float], &ours.real_input());
    // An engine that computes something else is not measured.
    peers.agree(&ours.planes()?);
    let mut tract = Tract::new(&float, &ours)?;
    let measured = measure(arguments.rounds, &mut ours, &mut tract, &mut peers)?;
    let report = Report {
        what,
        instructions: instructions.name(),
        rounds: arguments.rounds,
        missing: peers.missing(),
        measured,
    };
    if arguments.json {
        println!("{}", report.json());
    } else {
        report.print();
    }
    Ok(())
}

/// tract, in floats.
struct Tract {
    network: Network,
    input: Vec<f32>,
    outputs: Vec<Vec<f32>>,
}

impl Tract {
    fn new(onnx: &[u8], ours: &Ours) -> Result<Tract> {
        let input = ours.real_input();
        let outputs = ours.lengths();
        let contract = Contract {
            name: "generator",
            input: &[1, input.len()],
            outputs: &outputs,
        };
        Ok(Tract {
            network: Network::load_reference(onnx, &contract)?,
            input,
            outputs: outputs.iter().map(|&length| vec![0.0; length]).collect(),
        })
    }

    fn run(&mut self) -> Result<()> {
        let mut views: Vec<&mut [f32]> = self.outputs.iter_mut().map(Vec::as_mut_slice).collect();
        Ok(self.network.run(&self.input, &mut views)?)
    }
}

/// Milliseconds of this thread's CPU time.
fn thread_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// CPU milliseconds of one of `turns` runs.
fn time(turns: u32, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    run()?;
    let start = thread_time();
    for _ in 0..turns {
        run()?;
    }
    Ok((thread_time() - start) / f64::from(turns))
}

/// All rounds.
fn measure(rounds: u32, ours: &mut Ours, tract: &mut Tract, peers: &mut Peers) -> Result<Measured> {
    let pool = Pool::new()?;
    let turns = |once: f64| (TURN / once.max(0.01)).clamp(1.0, 500.0) as u32;
    let own = turns(time(3, || ours.run())?);
    let tracts = turns(time(1, || tract.run())?);
    let names = peers.names();
    let mut others = Vec::with_capacity(names.len());
    for number in 0..names.len() {
        others.push(turns(peers.turn(number, 1)?));
    }
    let mut measured = Measured {
        ours: Vec::new(),
        others: names.into_iter().map(|name| (name, Vec::new())).collect(),
        limits: limits::NAMES
            .iter()
            .map(|&name| (name, Vec::new()))
            .collect(),
        layers: ours
            .costs()
            .into_iter()
            .map(|cost| Layer {
                cost,
                times: Vec::new(),
            })
            .collect(),
        threads: Vec::new(),
        halves: Vec::new(),
    };
    measured
        .others
        .push((format!("{} f32", tract.network.engine()), Vec::new()));
    for _ in 0..rounds {
        for (limit, (_, found)) in measured.limits.iter_mut().enumerate() {
            let start = thread_time();
            let products = limits::run(limit);
            if products > 0 {
                found.push(products as f64 / (thread_time() - start) / 1e6);
            }
        }
        measured.ours.push(time(own, || ours.run())?);
        ours.run_watched(&mut measured.layers)?;
        let last = measured.others.len() - 1;
        for (number, (_, times)) in measured.others.iter_mut().enumerate() {
            times.push(if number < last {
                peers.turn(number, others[number])?
            } else {
                time(tracts, || tract.run())?
            });
        }
        measured.threads.push(pool.compare(ours, own)?);
        measured.halves.push(ours.two_at_best(own)?);
    }
    Ok(measured)
}
