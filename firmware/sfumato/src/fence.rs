//! Keeps a panic in one stage from ending the show.
//!
//! Nothing of ours panics after start-up, but drivers' bindings, decoders and the network engine
//! are other people's code. A panic is caught where it leaves the stage, counted, and treated like
//! any other fault of that stage.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A stage panicked; the message went to standard error by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of the program failed without saying why; its message is on standard error")]
pub struct Panicked;

/// Runs `work`. After [`Panicked`], throw away or reset what the work was changing.
pub fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_value() {
        assert_eq!(fenced(|| 3), Ok(3));
        assert_eq!(fenced(|| panic!("scripted")), Err::<(), _>(Panicked));
    }
}
