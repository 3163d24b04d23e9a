//! How fast the engine is on this machine, on one thread.
//!
//! Every case takes its turn in every round, and the median over the rounds counts. Time is the thread's own
//! time on the processor, so that other programs disturb little. Beside each layer stands what the
//! multiplying instructions alone could do here, measured in the same rounds.
//!
//! ```sh
//! cargo run --release -p sfumato-engine --example bench -- [rounds] [--avx2] [--two] [TEXT]
//! ```
//!
//! `--avx2` uses no instructions beyond AVX2, where the processor has more.
//! TEXT takes only the cases whose names contain it.
//! `--two` adds the whole networks on two threads, in wall time.

#![allow(clippy::unwrap_used)] // a measurement that cannot go on shall panic

#[path = "bench/limits.rs"]
mod limits;
#[path = "bench/networks.rs"]
mod networks;

use networks::Case;
use rustix::time::{ClockId, clock_gettime};
use sfumato_engine::{Instructions, OneThread, Output, Plan, Workers};
use std::time::Instant;

/// Milliseconds that this thread has had a processor.
fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// A plan with its inputs and room for its outputs.
struct Runner {
    plan: Plan,
    inputs: Vec<Vec<u8>>,
    bytes: Vec<Vec<u8>>,
    fixed: Vec<Vec<i32>>,
    heads: usize,
}

impl Runner {
    fn new(case: &Case, instructions: Instructions) -> Runner {
        let plan = case.network.clone().build(instructions).unwrap();
        let noise = |length: usize| (0..length).map(|i| (i * 7919 % 251) as u8).collect();
        let lengths: Vec<usize> = plan.outputs().map(|shape| shape.len()).collect();
        let bytes = lengths.len() - case.heads;
        Runner {
            inputs: plan.inputs().map(|shape| noise(shape.len())).collect(),
            bytes: lengths[..bytes].iter().map(|&n| vec![0; n]).collect(),
            fixed: lengths[bytes..].iter().map(|&n| vec![0; n]).collect(),
            heads: case.heads,
            plan,
        }
    }

    fn run<W: Workers>(&mut self, workers: &W) {
        let inputs: Vec<&[u8]> = self.inputs.iter().map(Vec::as_slice).collect();
        let bytes = self.bytes.iter_mut().map(|out| Output::Bytes(out));
        let fixed = self.fixed.iter_mut().map(|out| Output::Fixed(out));
        let mut outputs: Vec<Output<'_>> = bytes.chain(fixed).collect();
        self.plan.run_on(workers, &inputs, &mut outputs).unwrap();
        assert_eq!(self.fixed.len(), self.heads);
    }
}

/// The middle of some measurements, and the lowest.
fn middle(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = arguments
        .iter()
        .find_map(|text| text.parse().ok())
        .unwrap_or(15);
    let avx2 = |_: &Instructions| arguments.iter().any(|text| text == "--avx2");
    let instructions = Instructions::all().filter(|set| !avx2(set) || set.name() == "avx2");
    let instructions = instructions.last().unwrap_or(Instructions::PLAIN);
    let mut cases = networks::all();
    let text = |text: &&String| !text.starts_with("--") && text.parse::<usize>().is_err();
    if let Some(text) = arguments.iter().find(text) {
        cases.retain(|case| case.name.contains(text.as_str()));
    }
    let mut runners: Vec<Runner> = cases
        .iter()
        .map(|case| Runner::new(case, instructions))
        .collect();
    let mut times = vec![Vec::new(); cases.len()];
    let mut peaks = vec![Vec::new(); limits::NAMES.len()];
    for _ in 0..rounds {
        for (limit, peak) in peaks.iter_mut().enumerate() {
            let start = thread_time();
            let products = limits::run(limit);
            peak.push((thread_time() - start) / products as f64);
        }
        for (runner, times) in runners.iter_mut().zip(&mut times) {
            runner.run(&OneThread);
            // About five milliseconds a turn.
            let turns = (2e8 / runner.plan.multiplications() as f64).clamp(1.0, 50.0) as usize;
            let start = thread_time();
            for _ in 0..turns {
                runner.run(&OneThread);
            }
            times.push((thread_time() - start) / turns as f64);
        }
    }
    println!(
        "instructions: {}, {rounds} rounds, one thread",
        instructions.name()
    );
    // A loop that the processor cannot run has computed nothing, in no time.
    let known = |peak: &Vec<f64>| peak.iter().all(|time| time.is_finite());
    for (name, peak) in limits::NAMES
        .iter()
        .zip(peaks)
        .filter(|(_, peak)| known(peak))
    {
        println!("limit of {name}: {:.1} GMAC/s", 1e-6 / middle(peak).0);
    }
    println!(
        "{:34} {:>9} {:>9} {:>8}",
        "case", "median ms", "least ms", "GMAC/s"
    );
    for ((case, runner), times) in cases.iter().zip(&runners).zip(times) {
        let (median, least) = middle(times);
        let products = runner.plan.multiplications() as f64;
        println!(
            "{:34} {median:9.4} {least:9.4} {:8.1}  {}",
            case.name,
            products / median / 1e6,
            kernels(&runner.plan),
        );
    }
    if arguments.iter().any(|text| text == "--two") {
        two_threads(&cases, instructions, rounds);
    }
}

/// Which kernels a plan uses, and how many of each.
fn kernels(plan: &Plan) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for (name, _) in plan.kernels() {
        *counts.entry(name).or_insert(0) += 1;
    }
    let words = counts.iter().map(|(name, count)| format!("{count} {name}"));
    words.collect::<Vec<_>>().join(", ")
}

/// The caller's two threads: a pool's.
struct Pool;

impl Workers for Pool {
    const COUNT: usize = 2;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        rayon::join(first, second);
    }
}

fn two_threads(cases: &[Case], instructions: Instructions, rounds: usize) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    println!("two threads, wall time:");
    for case in cases.iter().filter(|case| case.whole) {
        let mut runner = Runner::new(case, instructions);
        let (mut one, mut two) = (Vec::new(), Vec::new());
        pool.install(|| {
            for _ in 0..rounds {
                let wall = |runner: &mut Runner, two: bool| {
                    let start = Instant::now();
                    for _ in 0..20 {
                        if two {
                            runner.run(&Pool)
                        } else {
                            runner.run(&OneThread)
                        }
                    }
                    start.elapsed().as_secs_f64() * 1e3 / 20.0
                };
                one.push(wall(&mut runner, false));
                two.push(wall(&mut runner, true));
            }
        });
        let (one, two) = (middle(one), middle(two));
        println!(
            "{:34} {:.3} ms and {:.3} ms: {:.2}x (least {:.2}x)",
            case.name,
            one.0,
            two.0,
            one.0 / two.0,
            one.1 / two.1
        );
    }
}
