//! The device binary: a living painting on a kiosk board.

fn main() {}
