//! A mailbox of one: the newest message wins, and nobody waits to deliver.
//!
//! Between two threads a queue stores nothing but latency: a visitor's face of a third of a second
//! ago is worth less than none. So a [`Mailbox`] holds one message. A sender *swaps* its filled
//! buffer for whichever lies in the box; a receiver swaps its used one for the fresh one. Three
//! buffers circulate, nothing is allocated, nothing is copied, and how many messages were
//! overtaken is counted.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What came of waiting for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A message nobody took before; the receiver's buffer now holds it.
    Fresh,
    /// Nothing new within the time given.
    TimedOut,
    /// The sender is gone and everything it sent was taken.
    Closed,
}

#[derive(Debug)]
struct Slot<T> {
    message: T,
    fresh: bool,
    closed: bool,
    sent: u64,
    overtaken: u64,
}

/// Room for one message between two threads; see the module text.
#[derive(Debug)]
pub struct Mailbox<T> {
    slot: Mutex<Slot<T>>,
    arrived: Condvar,
}

impl<T> Mailbox<T> {
    /// An empty box. `spare` is the buffer that the first sender gets back.
    pub fn new(spare: T) -> Self {
        Mailbox {
            slot: Mutex::new(Slot {
                message: spare,
                fresh: false,
                closed: false,
                sent: 0,
                overtaken: 0,
            }),
            arrived: Condvar::new(),
        }
    }

    /// A panic while swapping two buffers leaves both whole, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts `message` in and leaves an old buffer in its place. Never waits for a receiver.
    pub fn send(&self, message: &mut T) {
        {
            let mut slot = self.lock();
            std::mem::swap(&mut slot.message, message);
            slot.sent += 1;
            if slot.fresh {
                slot.overtaken += 1;
            }
            slot.fresh = true;
        }
        self.arrived.notify_one();
    }

    /// Says that no more will be sent; what lies in the box can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Takes the newest message if there is one, without waiting.
    pub fn try_take(&self, into: &mut T) -> Taken {
        Self::take_from(&mut self.lock(), into)
    }

    /// Waits for a message nobody took before, at most `patience`.
    pub fn take(&self, into: &mut T, patience: Duration) -> Taken {
        let deadline = Instant::now() + patience;
        let mut slot = self.lock();
        loop {
            match Self::take_from(&mut slot, into) {
                Taken::TimedOut => {}
                taken => return taken,
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::TimedOut;
            }
            slot = self
                .arrived
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn take_from(slot: &mut Slot<T>, into: &mut T) -> Taken {
        if slot.fresh {
            slot.fresh = false;
            std::mem::swap(&mut slot.message, into);
            Taken::Fresh
        } else if slot.closed {
            Taken::Closed
        } else {
            Taken::TimedOut
        }
    }

    /// Messages sent so far.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// Messages that a newer one replaced before anybody took them.
    pub fn overtaken(&self) -> u64 {
        self.lock().overtaken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn newest_wins_and_the_overtaken_are_counted() {
        let mailbox = Mailbox::new(0);
        for message in 1..=3 {
            mailbox.send(&mut { message });
        }
        let mut got = 0;
        assert_eq!(mailbox.try_take(&mut got), Taken::Fresh);
        assert_eq!(got, 3);
        assert_eq!(mailbox.try_take(&mut got), Taken::TimedOut);
        assert_eq!((mailbox.sent(), mailbox.overtaken()), (3, 2));
    }

    #[test]
    fn the_last_message_is_taken_before_the_end_is_seen() {
        let mailbox = Mailbox::new(0);
        mailbox.send(&mut 7);
        mailbox.close();
        let mut got = 0;
        assert_eq!(mailbox.take(&mut got, Duration::ZERO), Taken::Fresh);
        assert_eq!(
            mailbox.take(&mut got, Duration::from_secs(60)),
            Taken::Closed
        );
    }

    #[test]
    fn buffers_circulate() {
        let mailbox = Mailbox::new(vec![0; 3]);
        let mut sender = vec![1; 3];
        let mut receiver = vec![2; 3];
        let mut homes: Vec<*const i32> = vec![sender.as_ptr(), receiver.as_ptr()];
        for _ in 0..10 {
            mailbox.send(&mut sender);
            assert_eq!(mailbox.try_take(&mut receiver), Taken::Fresh);
            homes.extend([sender.as_ptr(), receiver.as_ptr()]);
        }
        homes.sort();
        homes.dedup();
        assert_eq!(homes.len(), 3);
    }

    #[test]
    fn across_threads_messages_come_in_order_and_the_last_one_comes() {
        let mailbox = Arc::new(Mailbox::new(0_u64));
        let sender = {
            let mailbox = Arc::clone(&mailbox);
            std::thread::spawn(move || {
                for message in 1..=10_000 {
                    mailbox.send(&mut { message });
                }
                mailbox.close();
            })
        };
        let (mut last, mut taken) = (0, 0);
        loop {
            let mut got = 0;
            match mailbox.take(&mut got, Duration::from_secs(60)) {
                Taken::Fresh => {
                    assert!(got > last, "{got} came after {last}");
                    last = got;
                    taken += 1;
                }
                Taken::Closed => break,
                Taken::TimedOut => panic!("the sender is stuck"),
            }
        }
        sender.join().unwrap();
        assert_eq!(last, 10_000);
        assert_eq!(taken + mailbox.overtaken(), mailbox.sent());
    }
}
