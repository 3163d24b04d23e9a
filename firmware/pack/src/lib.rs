//! The pack: one file with everything a board needs to show one painting.
