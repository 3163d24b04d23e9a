//! Whether the calling thread is inside an engine, so that its allocations can be told apart.

use std::cell::Cell;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is inside an engine right now. Never allocates.
pub fn engine_is_running() -> bool {
    RUNNING.try_with(Cell::get).unwrap_or(false)
}

/// Marks the thread as inside an engine for as long as it lives, panics included.
pub(crate) struct Running(());

impl Running {
    pub(crate) fn start() -> Self {
        RUNNING.set(true);
        Running(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_goes_away_even_after_a_panic() {
        assert!(!engine_is_running());
        let caught = std::panic::catch_unwind(|| {
            let _running = Running::start();
            assert!(engine_is_running());
            panic!("scripted");
        });
        assert!(caught.is_err());
        assert!(!engine_is_running());
    }
}
