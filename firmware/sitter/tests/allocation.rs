//! Drawing the sitter takes no memory from the heap once it is made.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_core::pixels::PixelsMut;
use sfumato_core::time::Moment;
use sfumato_sitter::{Script, Sitter};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

#[allow(unsafe_code)]
// SAFETY: every call is handed on to the system's allocator unchanged; counting touches only a
// thread-local cell that is initialised at compile time and so never allocates.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.with(|taken| taken.set(taken.get() + 1));
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn drawing_allocates_nothing() {
    let (width, height) = (64, 48);
    let mut sitter = Sitter::new(width, height);
    let script = Script::default();
    let mut pixels = vec![[0u8; 3]; width * height];
    let before = TAKEN.with(Cell::get);
    assert!(before > 0, "the counter does not count");
    for second in 0..24 {
        let out = PixelsMut::new(&mut pixels, width, height, width).unwrap();
        sitter.render(&script.at(Moment(second * 1_000_000)), out);
    }
    assert_eq!(TAKEN.with(Cell::get), before);
}
