//! Drawing allocates nothing.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;
#[path = "../../engine/tests/counting/mod.rs"]
mod counting;

use common::{HEIGHT, WIDTH, lively, portrait};
use counting::allocations;
use sfumato_compositor::{Compositor, Layout, Picture};
use sfumato_core::drawing::Drawing;

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
    let before = allocations();
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
    assert_eq!(allocations() - before, 0);
    assert!(before > 0, "the counter does not count");
}
