//! A run of floats allocates nothing, from the very first on.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod float_common;

use float_common::{Chance, Sketch, Spread};
use sfumato_engine::float::Instructions;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;

struct Counting;

thread_local! {
    // Per thread: the test runner's own threads do not count.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes everything on to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, memory: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, memory) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, memory: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, memory, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
            let before = COUNT.with(Cell::get);
            plan.run(&[&input], &mut views).unwrap();
            assert_eq!(COUNT.with(Cell::get), before, "network {seed}");
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
