//! What the front door and the whole-system tests share.
//!
//! `cargo xtask` is the one command a newcomer needs ([`prerequisites`], and the binary's own
//! modules for `demo`, `test`, `models`). Two of its checks are useful to tests as well: the
//! table of who may depend on whom ([`architecture`]) and what Cargo says is really the case
//! ([`workspace`]).

#![forbid(unsafe_code)]

pub mod architecture;
pub mod licences;
pub mod prerequisites;
pub mod workspace;
