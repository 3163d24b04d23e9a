//! From the one who unpacks to those who write: a queue for each device, within one budget of memory.
//!
//! Every device takes blocks at its own pace. A slow one makes the others wait only when the blocks that it has not taken
//! fill the budget; one that does not move at all is cut off, and its blocks are let go.

use crate::image::{Block, Content};
use crate::map::Outline;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of memory that blocks may take.
#[derive(Debug)]
pub struct Budget {
    free: Mutex<u64>,
    freed: Condvar,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(bytes: u64) -> Arc<Budget> {
        Arc::new(Budget {
            free: Mutex::new(bytes),
            freed: Condvar::new(),
        })
    }

    /// Waits until there is room for a block, and takes it. The budget must be bigger than any block.
    pub fn hold(self: &Arc<Budget>, block: Block) -> Held {
        let cost = match &block.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Zeros(_) => 0,
        };
        let mut free = lock(&self.free);
        while *free < cost {
            free = self
                .freed
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= cost;
        Held {
            block,
            cost,
            budget: Arc::clone(self),
        }
    }
}

/// A block that counts against a budget for as long as anybody has it.
#[derive(Debug)]
pub struct Held {
    /// The block.
    pub block: Block,
    cost: u64,
    budget: Arc<Budget>,
}

impl Drop for Held {
    fn drop(&mut self) {
        *lock(&self.budget.free) += self.cost;
        self.budget.freed.notify_all();
    }
}

/// What comes along a lane.
#[derive(Clone, Debug)]
pub enum Item {
    /// The next block.
    Block(Arc<Held>),
    /// That was all.
    End(Arc<Outline>),
    /// The image cannot be read on, and why.
    Broken(Arc<str>),
}

/// The queue of one device.
#[derive(Debug, Default)]
pub struct Lane {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    closed: bool,
}

impl Lane {
    /// Puts an item at the end; answers whether anybody will take it.
    pub fn put(&self, item: Item) -> bool {
        let mut state = lock(&self.state);
        if !state.closed {
            state.items.push_back(item);
            self.moved.notify_all();
        }
        !state.closed
    }

    /// Takes the next item; waits for one. Nothing once the lane is closed.
    pub fn take(&self) -> Option<Item> {
        let mut state = lock(&self.state);
        loop {
            if state.closed {
                return None;
            }
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the lane and lets go of what is in it.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let items = std::mem::take(&mut state.items);
        self.moved.notify_all();
        drop(state);
        drop(items);
    }
}

/// A lock that a thread which broke down does not take along.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
