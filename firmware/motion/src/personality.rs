//! Personality: how a visitor's motion becomes the portrait's, as data.

/// A character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Personality {
    /// Its name on the command line and in settings.
    pub name: &'static str,
}

impl Personality {
    /// Copies the visitor as directly as the bounds allow; no habits, no idle life.
    pub const MIRROR: Personality = Personality { name: "mirror" };
    /// Slow, calm, a little sad.
    pub const SERENE: Personality = Personality { name: "serene" };
    /// Leans towards visitors, brows up, glances around.
    pub const CURIOUS: Personality = Personality { name: "curious" };
    /// Answers a smile with a broader one.
    pub const PLAYFUL: Personality = Personality { name: "playful" };

    /// The built-in ones; the first is the default for a show.
    pub const BUILT_IN: [Personality; 4] =
        [Self::SERENE, Self::CURIOUS, Self::PLAYFUL, Self::MIRROR];

    /// The built-in personality of that name.
    pub fn by_name(name: &str) -> Option<Personality> {
        Self::BUILT_IN.into_iter().find(|p| p.name == name)
    }
}

impl Default for Personality {
    fn default() -> Self {
        Self::SERENE
    }
}
