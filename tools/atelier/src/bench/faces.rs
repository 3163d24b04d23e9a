//! `atelier bench faces`: what the face models cost in our engine and in others, on one thread.
//!
//! Engines take turns in every round. A round's figure is CPU time over a few runs; what is printed is
//! the median over the rounds, and the ratio's median and quartiles over the rounds' own ratios.

mod peers;

use peers::Peers;
use serde_json::{Map, Value, json};
use sfumato_faces::Range;
use sfumato_faces::store::{self, Model};
use sfumato_infer::{Contract, Network};
use std::path::PathBuf;

/// What `atelier bench faces` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The Python that has the other engines (`pip install onnxruntime ai-edge-litert numpy`, and for the
    /// second `pip install --no-deps mediapipe==0.10.14`).
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// Install the other engines into a scratch virtual environment, made with `--python` or `python3`.
    #[arg(long)]
    install: bool,
    /// How often every engine takes its turn.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(3..=1000))]
    rounds: u32,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Runs of an engine in a round.
const RUNS: usize = 10;

/// A model, and what is known of its inputs and outputs.
struct Case {
    model: Model,
    size: usize,
    outputs: Vec<usize>,
}

/// Figures of one engine on one model, one a round.
struct Series {
    name: String,
    version: String,
    milliseconds: Vec<f64>,
}

/// Measures and prints.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let cases = cases();
    let mut peers = match (&arguments.python, arguments.install) {
        (None, false) => Peers::none(),
        (python, install) => {
            let names: Vec<&str> = cases.iter().map(|case| case.model.name()).collect();
            Peers::start(python.as_deref(), install, &store::default_folder(), &names)?
        }
    };
    let mut models = Map::new();
    for case in &cases {
        let series = measure(case, &mut peers, arguments.rounds)?;
        if !arguments.json {
            table(case.model.name(), &series);
        }
        models.insert(case.model.name().to_owned(), engines(&series));
    }
    if arguments.json {
        println!("{}", json!({"models": models, "missing": peers.missing()}));
    } else {
        for (engine, reason) in peers.missing() {
            println!(
                "{engine} is missing: {}",
                reason.as_str().unwrap_or_default()
            );
        }
    }
    Ok(())
}

fn cases() -> [Case; 3] {
    let detector = |model, range: Range| Case {
        model,
        size: range.input_size(),
        outputs: vec![16 * range.anchors(), range.anchors()],
    };
    [
        detector(Model::DetectShort, Range::Short),
        detector(Model::DetectFull, Range::Full),
        Case {
            model: Model::Mesh,
            size: 192,
            outputs: vec![3 * sfumato_core::face::LANDMARKS, 1],
        },
    ]
}

/// Every engine's figures for one model, ours first.
fn measure(case: &Case, peers: &mut Peers, rounds: u32) -> anyhow::Result<Vec<Series>> {
    let bytes = store::read(&store::default_folder(), case.model)?;
    let contract = Contract {
        name: case.model.name(),
        input: &[1, 3, case.size, case.size],
        outputs: &case.outputs,
    };
    let mut own = [
        ("sfumato", Network::load(&bytes, &contract)?),
        ("tract", Network::load_reference(&bytes, &contract)?),
    ];
    let input: Vec<f32> = (0..3 * case.size * case.size)
        .map(|index| (index * 7919 % 251) as f32 / 251.0)
        .collect();
    let mut room: Vec<Vec<f32>> = case.outputs.iter().map(|count| vec![0.0; *count]).collect();
    let mut outputs: Vec<&mut [f32]> = room.iter_mut().map(Vec::as_mut_slice).collect();
    let series = |name: &str, version: String| Series {
        name: name.to_owned(),
        version,
        milliseconds: Vec::new(),
    };
    let mut all: Vec<Series> = own
        .iter()
        .map(|(name, network)| series(name, network.engine()))
        .collect();
    let others = peers.engines(case.model.name());
    all.extend(
        others
            .iter()
            .map(|(name, version)| series(name, version.clone())),
    );
    for round in 0..=rounds {
        for (index, series) in all.iter_mut().enumerate() {
            let time = match own.get_mut(index) {
                Some((_, network)) => {
                    let start = cpu_time();
                    for _ in 0..RUNS {
                        network.run(&input, &mut outputs)?;
                    }
                    (cpu_time() - start) / RUNS as f64
                }
                None => peers.time(case.model.name(), &series.name, RUNS)?,
            };
            // The first round warms up.
            if round > 0 {
                series.milliseconds.push(time);
            }
        }
    }
    Ok(all)
}

/// Milliseconds of CPU time of this thread so far: what others do with the machine does not count.
fn cpu_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// How many times faster ours is than `other`: lower quartile, median, upper quartile.
fn ratio(ours: &Series, other: &Series) -> [f64; 3] {
    let rounds = ours.milliseconds.iter().zip(&other.milliseconds);
    let ratios: Vec<f64> = rounds.map(|(ours, other)| other / ours).collect();
    [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part))
}

fn quantile(numbers: &[f64], part: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (part * (sorted.len().saturating_sub(1)) as f64).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn table(model: &str, all: &[Series]) {
    println!("{model}, one thread, f32; CPU time");
    let Some(ours) = all.first() else { return };
    for series in all {
        let [low, middle, high] = ratio(ours, series);
        println!(
            "  {:18} {:7.3} ms  ours is {middle:5.2} times as fast ({low:.2} to {high:.2})  {}",
            series.name,
            quantile(&series.milliseconds, 0.5),
            series.version,
        );
    }
}

fn engines(all: &[Series]) -> Value {
    let mut engines = Map::new();
    for series in all {
        if let Some(ours) = all.first() {
            let [low, middle, high] = ratio(ours, series);
            let figures = json!({
                "ms": quantile(&series.milliseconds, 0.5),
                "ratio": middle,
                "spread": [low, high],
                "version": series.version,
            });
            engines.insert(series.name.clone(), figures);
        }
    }
    json!({ "engines": engines })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(milliseconds: &[f64]) -> Series {
        Series {
            name: String::new(),
            version: String::new(),
            milliseconds: milliseconds.to_vec(),
        }
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        // A busy machine slows both down in the last round.
        let ours = series(&[1.0, 1.0, 10.0]);
        let other = series(&[2.0, 3.0, 40.0]);
        assert_eq!(ratio(&ours, &other), [3.0, 3.0, 4.0]);
    }
}
