//! Who does the work: the caller's threads.

/// Two threads that can take two jobs side by side.
///
/// The engine has no threads of its own. A caller with a pool passes its `join`, for instance
/// `rayon::join`, called from inside the pool so that it starts from a thread of it.
pub trait Workers {
    /// How many jobs really run side by side, 1 or 2.
    const COUNT: usize;

    /// Does both jobs, in any order or at once, and returns when both are done.
    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send);
}

/// The caller's own thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneThread;

impl Workers for OneThread {
    const COUNT: usize = 1;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        first();
        second();
    }
}
