//! What a dashboard asks for again and again: the answer to `vitals`, a `name = value` a line.
//!
//! | name | value |
//! |---|---|
//! | `level` | `living`, `idle`, `rig-only`, `still` |
//! | `state` | `asleep`, `alone`, `drowsy`, `noticing`, `engaged`, `goodbye` |
//! | `open` | `yes`, `no`: by the opening hours |
//! | `personality` | its name |
//! | `display` | `there`, `away`, `asleep` |
//! | `camera` | `there`, `away` |
//! | `picture_rate`, `camera_rate` | pictures a second over the last seconds |
//! | `latency`, `latency_p95` | milliseconds from the camera to the screen, median and 95 of 100, over the last seconds |
//! | `brightness` | percent, now |
//! | `room_light` | lux, roughly, where brightness follows the camera |
//! | `uptime` | seconds since the program started |
//! | `memory` | megabytes resident |
//! | `temperature.SENSOR` | degrees Celsius |
//! | `visitor.N` | metres to the right of the painted eyes as visitors see it, above them, and in front; `answered` behind the one who is |
//! | `update` | `trial`: what runs has yet to prove itself; `rolled-back`: the last one did not |
//! | `fault` | a fault in words; as often as there are |
//!
//! What is not known is left out. Visitors are points in the room: nothing is told that could tell one from another.

/// Most visitors that are told of.
pub const VISITORS: usize = 8;
