//! Drawing the sitter takes no memory from the heap once it is made.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

#[path = "../../engine/tests/counting/mod.rs"]
mod counting;

use counting::allocations;
use sfumato_core::pixels::PixelsMut;
use sfumato_core::time::Moment;
use sfumato_sitter::{Script, Sitter};

#[test]
fn drawing_allocates_nothing() {
    let (width, height) = (64, 48);
    let mut sitter = Sitter::new(width, height);
    let script = Script::default();
    let mut pixels = vec![[0u8; 3]; width * height];
    let before = allocations();
    assert!(before > 0, "the counter does not count");
    for second in 0..24 {
        let out = PixelsMut::new(&mut pixels, width, height, width).unwrap();
        sitter.render(&script.at(Moment(second * 1_000_000)), out);
    }
    assert_eq!(allocations(), before);
}
