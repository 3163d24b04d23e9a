//! What is asked of a pair.

/// A question with two possible answers, left and right.
///
/// The first three stand for the indices of Ho and MacDorman ("Revisiting the uncanny valley
/// theory", Computers in Human Behavior 26, 2010): humanness, attractiveness, eeriness. The last
/// two have a right answer and only show whether somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Which one seems more alive? (humanness)
    Alive,
    /// Which one would you rather meet? (attractiveness)
    Meet,
    /// Which one feels wrong? (eeriness; chosen is worse)
    Wrong,
    /// Which one moves?
    Moves,
    /// Which one is upside down?
    Turned,
}

impl Question {
    /// Those that ask for an opinion.
    pub const OPINIONS: [Question; 3] = [Question::Alive, Question::Meet, Question::Wrong];
    /// Those that have a right answer.
    pub const CATCHES: [Question; 2] = [Question::Moves, Question::Turned];

    /// The name in the key and in results.
    pub fn name(self) -> &'static str {
        match self {
            Question::Alive => "alive",
            Question::Meet => "meet",
            Question::Wrong => "wrong",
            Question::Moves => "moves",
            Question::Turned => "turned",
        }
    }

    /// The question of a name.
    pub fn by_name(name: &str) -> Option<Question> {
        let mut all = Question::OPINIONS.into_iter().chain(Question::CATCHES);
        all.find(|one| one.name() == name)
    }

    /// Whether it has a right answer.
    pub fn is_catch(self) -> bool {
        Question::CATCHES.contains(&self)
    }
}
