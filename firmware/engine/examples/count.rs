//! One network, run a few times: what `cargo xtask test instructions` counts.
//!
//! ```sh
//! cargo run --release -p sfumato-engine --example count -- NETWORK INSTRUCTIONS RUNS
//! ```
//!
//! NETWORK is the name of a case of the `bench` example, INSTRUCTIONS a name as
//! [`Instructions::name`] gives it. Weights and inputs are the same every time. It prints how many runs were
//! made and a check sum of what they gave, which depends on the network alone.

#![allow(clippy::unwrap_used)] // the networks are known to be good

#[path = "bench/networks.rs"]
mod networks;

use sfumato_engine::{Instructions, Output, Plan};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match count(&arguments) {
        Ok((runs, sum)) => {
            println!("{runs} runs, check sum {sum:016x}");
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            eprintln!("count: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn count(arguments: &[String]) -> Result<(usize, u64), String> {
    let [network, wanted, runs] = arguments else {
        return Err("it takes NETWORK INSTRUCTIONS RUNS".to_owned());
    };
    let runs = runs
        .parse()
        .map_err(|error| format!("RUNS is a whole number, not `{runs}`: {error}"))?;
    let case = networks::all()
        .into_iter()
        .find(|case| case.name == *network)
        .ok_or_else(|| format!("`bench` has no case `{network}`"))?;
    let instructions = Instructions::all()
        .find(|set| set.name() == wanted)
        .ok_or_else(|| {
            let names: Vec<&str> = Instructions::all().map(Instructions::name).collect();
            let names = names.join(", ");
            format!("this processor has no instructions `{wanted}`; it has: {names}")
        })?;
    let mut plan = case
        .network
        .build(instructions)
        .map_err(|error| error.to_string())?;
    let input: Vec<u8> = plan
        .inputs()
        .map(|shape| shape.len())
        .take(1)
        .flat_map(|length| (0..length).map(|at| (at * 7919 % 251) as u8))
        .collect();
    let length = plan.outputs().map(|shape| shape.len()).sum();
    let (mut bytes, mut fixed) = (Vec::new(), Vec::new());
    let output = if case.heads == 0 {
        bytes.resize(length, 0);
        Output::Bytes(&mut bytes)
    } else {
        fixed.resize(length, 0);
        Output::Fixed(&mut fixed)
    };
    let mut outputs = [output];
    for _ in 0..runs {
        counted(&mut plan, &input, &mut outputs)?;
    }
    let numbers = bytes.into_iter().map(i32::from).chain(fixed);
    Ok((runs, check_sum(numbers)))
}

/// What is counted; the counter finds it by its name.
#[inline(never)]
fn counted(plan: &mut Plan, input: &[u8], outputs: &mut [Output<'_>]) -> Result<(), String> {
    plan.run(&[input], outputs)
        .map_err(|error| error.to_string())
}

/// FNV-1a over the numbers.
fn check_sum(numbers: impl Iterator<Item = i32>) -> u64 {
    numbers.fold(0xcbf2_9ce4_8422_2325, |sum, number| {
        (sum ^ u64::from(number as u32)).wrapping_mul(0x0100_0000_01b3)
    })
}
