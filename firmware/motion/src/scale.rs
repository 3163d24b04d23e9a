//! What a coefficient of 1 means on a face: the ruler shared by measuring and drawing.
//!
//! Motion is measured on the visitor and drawn on the painting. Both sides use these
//! numbers, so that a mouth opened by half of the visitor's opens by half on the portrait.
//! Coefficients are linear in between. Ratios are those of an upright, frontal face.

/// `jawOpen` = 1: inner-lip height over inner-lip width grows by this much over rest.
pub const JAW_OPEN_RATIO_AT_ONE: f32 = 0.75;

/// `mouthSmileLeft` and `mouthSmileRight` = 1: the mouth is this many times as wide as at rest.
pub const SMILE_WIDTH_RATIO_AT_ONE: f32 = 1.25;

/// `mouthStretchLeft` and `mouthStretchRight` = 1: this many times as wide, corners not raised.
pub const STRETCH_WIDTH_RATIO_AT_ONE: f32 = 1.25;

/// `mouthPucker` = 1: the mouth is this many times as wide as at rest.
pub const PUCKER_WIDTH_RATIO_AT_ONE: f32 = 0.7;

/// `browInnerUp`, `browOuterUp…` = 1: brow rise in outer-eye-corner distances.
pub const BROW_UP_AT_ONE: f32 = 0.10;

/// `browDown…` = 1: brow descent in outer-eye-corner distances.
pub const BROW_DOWN_AT_ONE: f32 = 0.06;

/// `mouthSmile…` = 1: rise of that mouth corner in outer-eye-corner distances.
pub const SMILE_CORNER_RISE_AT_ONE: f32 = 0.08;

/// `mouthFrown…` = 1: descent of that mouth corner in outer-eye-corner distances.
pub const FROWN_CORNER_FALL_AT_ONE: f32 = 0.06;

/// `mouthLeft`, `mouthRight` = 1: shift of the mouth in outer-eye-corner distances.
pub const MOUTH_SHIFT_AT_ONE: f32 = 0.08;

/// `jawLeft`, `jawRight` = 1: shift of the chin in outer-eye-corner distances.
pub const JAW_SHIFT_AT_ONE: f32 = 0.08;

/// Share of a person's open eye-aspect ratio at which the 468-point model means shut.
pub const SHUT_SHARE: f32 = 0.52;
