//! A run of floats allocates nothing, from the very first on.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod counting;
mod float_common;

use counting::allocations;
use float_common::{Chance, Sketch, Spread};
use sfumato_engine::float::Instructions;
use std::collections::BTreeSet;

#[test]
fn running_takes_no_memory() {
    let mut kernels = BTreeSet::new();
    for seed in 0..60 {
        let mut chance = Chance(seed, Spread::Even);
        let sketch = Sketch::random(&mut chance, 12);
        let input = sketch.random_input(&mut chance);
        for instructions in Instructions::all() {
            let mut plan = sketch.builder().build(instructions).unwrap();
            let mut outputs: Vec<Vec<f32>> = plan.outputs().map(|count| vec![0.0; count]).collect();
            let mut views: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            let before = allocations();
            plan.run(&[&input], &mut views).unwrap();
            assert_eq!(allocations(), before, "network {seed}");
            kernels.extend(plan.steps().map(|(name, ..)| name));
        }
    }
    // The networks have exercised every kernel there is.
    let all = [
        "copy",
        "depthwise",
        "max-pool",
        "patches",
        "planar",
        "point",
        "scatter",
        "separable",
        "upsample",
    ];
    assert!(kernels.iter().eq(all.iter()), "{kernels:?}");
}
