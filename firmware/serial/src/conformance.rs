//! What every port is held to, whatever it is made of.

use crate::Port;
use std::time::{Duration, Instant};

/// Somebody at the other end of the line.
pub trait Peer {
    /// Sends bytes to the port.
    fn send(&mut self, bytes: &[u8]);

    /// What the port has sent so far; waits a little for it.
    fn received(&mut self) -> Vec<u8>;
}

/// Holds a port to what [`Port`] promises; `peer` is at the other end.
///
/// # Panics
///
/// When it does not keep a promise.
pub fn check(port: &mut dyn Port, peer: &mut dyn Peer) {
    let patience = Duration::from_millis(100);
    let mut buffer = [0; 16];

    // Nothing comes: the wait has an end.
    let begun = Instant::now();
    assert_eq!(port.read(&mut buffer, patience), Ok(0));
    assert!(begun.elapsed() < Duration::from_secs(10));

    // Every byte comes through as it is: none is a signal, an end or a line's.
    let all: Vec<u8> = (0..=255).collect();
    peer.send(&all);
    let mut found = Vec::new();
    let begun = Instant::now();
    while found.len() < all.len() && begun.elapsed() < Duration::from_secs(10) {
        match port.read(&mut buffer, patience) {
            Ok(count) => found.extend_from_slice(&buffer[..count]),
            Err(error) => panic!("{}: {error}", port.description()),
        }
    }
    assert_eq!(found, all, "{}", port.description());

    // The same the other way, and nothing of it is echoed.
    assert_eq!(port.write(&all, Duration::from_secs(10)), Ok(()));
    assert_eq!(peer.received(), all, "{}", port.description());
    assert_eq!(port.read(&mut buffer, patience), Ok(0));
    assert!(!port.description().is_empty());
}
