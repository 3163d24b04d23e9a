//! Learning a personality: from what a person's face did in films to the numbers of a personality.
//!
//! ```text
//! frames of clips --Series--> Statistics --Learned::from--> Learned --text--> NAME.toml
//! ```
//!
//! - [`Series`] is what a face did over time, as plain numbers.
//! - [`Statistics`] is what one can say of it: sway by pace, blinks, glances, ranges, what goes together. The same
//!   statistics can be taken of a portrait, which is how it is judged whether it moves like the person.
//! - [`Learned`] makes a personality of them. A short film says little, so everything is drawn towards what is
//!   usual, the more the shorter the film is, and is held within what a painting can show.
//!
//! No I/O, no clock, no picture: what comes in are motions, landmarks and irises.

mod blinks;
mod expressions;
mod glances;
mod learned;
mod pace;
mod series;
mod statistics;
mod text;

pub use blinks::Blinks;
pub use expressions::Expression;
pub use glances::Glances;
pub use learned::{LEAST_SECONDS, Learned, LearnedHabit, shown_sway};
pub use series::{Row, Series, TooLittle};
pub use statistics::{Follows, Range, Statistics};
