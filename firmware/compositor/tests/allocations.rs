//! Drawing allocates nothing.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{HEIGHT, WIDTH, lively, portrait};
use sfumato_compositor::{Compositor, Layout, Picture};
use sfumato_core::drawing::Drawing;
use std::alloc::{GlobalAlloc, Layout as Memory, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    // Per thread: the test runner's own threads do not count.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes everything on to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Memory) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, memory: Memory) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, memory) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, memory: Memory, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, memory, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn drawing_takes_no_memory() {
    let layout = Layout::fit(WIDTH + 61, HEIGHT - 37);
    let mut compositor = Compositor::new(&portrait(), layout).unwrap().with_strips(2);
    let mut picture = Picture::new(layout.width, layout.height, 0);
    let drawings = [
        lively(1.0),
        lively(0.4),
        Box::new(Drawing::REST),
        lively(2.0),
    ];
    let before = COUNT.with(Cell::get);
    // From the very first frame on: nothing needs to warm up.
    for (drawing, age) in drawings.iter().zip([0, 1, 1, 2]) {
        compositor.draw(drawing, picture.view_mut(), age).unwrap();
        let mut rest = picture.view_mut();
        for strip in compositor.strips(drawing, 1) {
            let (top, bottom) = rest.split_at_row(strip.rows().len());
            rest = bottom;
            strip.draw(top).unwrap();
        }
        compositor.set_shift(1, -1);
    }
    assert_eq!(COUNT.with(Cell::get) - before, 0);
    assert!(before > 0, "the counter does not count");
}
