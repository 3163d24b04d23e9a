//! What a camera went through, as plain numbers that only grow.

/// Counted events of one camera since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames handed out.
    pub frames: u64,
    /// Frames that were there but were passed over because a newer one was, too.
    pub skipped: u64,
    /// Frames the source itself lost, seen as gaps in its numbering.
    pub dropped: u64,
    /// Frames that arrived damaged (flagged by the driver, or not decodable) and were not shown.
    pub corrupt: u64,
    /// Waits that ended without a frame.
    pub timeouts: u64,
    /// Times the source failed in the middle of the show (unplugged, I/O error, stuck).
    pub lost: u64,
    /// Times it was opened again after that.
    pub reopened: u64,
}

impl Counters {
    /// Both counts together, for a source that was opened more than once.
    #[must_use]
    pub fn plus(self, other: Counters) -> Counters {
        Counters {
            frames: self.frames + other.frames,
            skipped: self.skipped + other.skipped,
            dropped: self.dropped + other.dropped,
            corrupt: self.corrupt + other.corrupt,
            timeouts: self.timeouts + other.timeouts,
            lost: self.lost + other.lost,
            reopened: self.reopened + other.reopened,
        }
    }
}
