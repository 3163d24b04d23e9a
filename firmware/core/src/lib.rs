//! The words every Sfumato crate shares.
//!
//! A *visitor* stands before the painting. The camera delivers pictures ([`pixels`]), the
//! perception finds *faces* in them ([`face`]), their movement becomes *motion* ([`motion`]), a
//! generator turns motion into a *drawing* ([`drawing`]): how the paint moves and the little
//! that must be painted anew; and the compositor applies it to the painting.
//!
//! This crate holds the types alone. It does no I/O, knows no clock (time is a parameter,
//! [`time`]), allocates nothing and runs on bare metal.

#![no_std]
#![forbid(unsafe_code)]

pub mod canonical;
pub mod drawing;
pub mod face;
pub mod geometry;
pub mod health;
pub mod motion;
pub mod pixels;
pub mod time;
