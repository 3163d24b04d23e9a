//! A run allocates nothing, from the very first on.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;
mod counting;

use common::{Chance, Spread, random_inputs, random_network, room, views};
use counting::allocations;
use sfumato_engine::{Input, Instructions};

#[test]
fn running_takes_no_memory() {
    let mut kernels = std::collections::BTreeSet::new();
    for seed in 0..60 {
        let mut chance = Chance(seed, [Spread::Even, Spread::Small][chance_bit(seed)]);
        let network = random_network(&mut chance, 14).unwrap();
        for instructions in Instructions::all() {
            let mut plan = network.clone().build(instructions).unwrap();
            let (bytes, words) = random_inputs(&mut chance, &plan);
            let inputs = [Input::Bytes(&bytes), Input::Words(&words)];
            let mut answers = room(&plan, 1);
            let mut outputs = views(&mut answers);
            let before = allocations();
            plan.run(&inputs, &mut outputs).unwrap();
            assert_eq!(allocations(), before, "network {seed}");
            kernels.extend(plan.kernels().map(|(name, _)| name));
        }
    }
    // The networks have exercised every kernel there is.
    let names: Vec<&str> = Instructions::all().map(Instructions::name).collect();
    let mut all = vec!["plain"];
    if names.contains(&"avx2") || names.contains(&"neon") {
        all.extend([
            "add",
            "depthwise",
            "direct bytes",
            "direct words",
            "rescale",
            "wide",
            "winograd",
        ]);
    }
    let dots = |name: &&str| name.ends_with("vnni") || name.ends_with("with dot products");
    if names.iter().any(dots) {
        all.push("direct dots");
    }
    if names.contains(&"neon with dot products") {
        all.push("depthwise dots");
    }
    all.sort_unstable();
    assert!(kernels.iter().eq(all.iter()), "{kernels:?}");
}

fn chance_bit(seed: u64) -> usize {
    (seed % 2) as usize
}
