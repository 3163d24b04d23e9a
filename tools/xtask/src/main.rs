//! The project's front door: demo, test, models.

fn main() {}
