//! Counts heap allocations, to prove that the frame loop makes none.
//!
//! An allocator that has to search or to ask the system can take a millisecond when it pleases,
//! and a program that runs for months must not creep. So the device binary counts every
//! allocation by thread; a stage asks before and after. What a network's engine allocates is
//! counted apart: ours allocates nothing, but tract, which runs what ours does not know, has its own habits.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    // Constant start values without `Drop`: touching these never allocates.
    static OURS: Cell<u64> = const { Cell::new(0) };
    static ENGINE: Cell<u64> = const { Cell::new(0) };
}

/// Allocations of the calling thread since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    /// Made outside the network engine.
    pub ours: u64,
    /// Made by the network engine.
    pub engine: u64,
}

impl Allocations {
    /// The count so far; stays zero in a program whose allocator is not [`CountingAllocator`].
    pub fn now() -> Self {
        Allocations {
            ours: OURS.try_with(Cell::get).unwrap_or(0),
            engine: ENGINE.try_with(Cell::get).unwrap_or(0),
        }
    }

    /// How many were made since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Allocations {
            ours: self.ours.wrapping_sub(earlier.ours),
            engine: self.engine.wrapping_sub(earlier.engine),
        }
    }
}

/// The system's allocator with a counter; a program names it its `#[global_allocator]`.
#[derive(Debug, Default)]
pub struct CountingAllocator;

fn count() {
    let counter = if sfumato_infer::engine_is_running() {
        &ENGINE
    } else {
        &OURS
    };
    // A thread that is ending has no counter any more, and no frames either.
    let _ = counter.try_with(|count| count.set(count.get().wrapping_add(1)));
}

// SAFETY: every call goes to `System` unchanged, which keeps the contract of `GlobalAlloc`.
// Counting touches thread-local numbers only: it neither allocates nor panics.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}
