//! Runs neural networks; the only crate that names tract.
