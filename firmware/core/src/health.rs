//! How far the show has degraded, as one ordered ladder.

/// What the painting is doing now, from best to worst.
///
/// The order is the ladder: a fault moves down one rung, recovery moves up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The painting answers a visitor.
    Living,
    /// Nobody to answer, or no camera: it breathes, blinks and glances by itself.
    #[default]
    Idle,
    /// The network failed: the rig draws in its place.
    RigOnly,
    /// No generator works: the painting is shown as it was painted.
    Still,
}

impl Level {
    /// The word used in reports and status lines.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Living => "living",
            Level::Idle => "idle",
            Level::RigOnly => "rig",
            Level::Still => "still",
        }
    }
}
