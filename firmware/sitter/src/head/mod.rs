//! The head: surfaces in head coordinates (centimetres, as the canonical face) and how they move.

pub(crate) mod body;
pub(crate) mod cage;
pub(crate) mod face;
pub(crate) mod hair;
pub(crate) mod inner;
pub(crate) mod skin;
