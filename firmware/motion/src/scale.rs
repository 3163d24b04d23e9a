//! What a coefficient of 1 means on a face: the ruler shared by measuring and drawing.
//!
//! Motion is measured on the visitor and drawn on the painting. Both sides use these
//! numbers, so that a mouth opened by half of the visitor's opens by half on the portrait.
//! Coefficients are linear in between. Ratios are those of an upright, frontal face; *spans* are
//! distances between the outer eye corners.
//!
//! Coefficients that are never measured stay 0: `cheekPuff`, `jawForward`, `mouthClose`,
//! `mouthDimple…`, `mouthFunnel`, `mouthLowerDown…`, `mouthUpperUp…`, `mouthRoll…`,
//! `mouthShrug…`, `noseSneer…`, `eyeSquint…` and `eyeLook…`: the 468 landmarks do not show them
//! apart from their neighbours. What they would add to an opened or narrowed mouth is in `jawOpen`
//! and `mouthPucker`. `eyeBlink…` and `eyeWide…` repeat the eye openness for reports.

/// `jawOpen` = 1: inner-lip height over inner-lip width grows by this much over rest.
pub const JAW_OPEN_RATIO_AT_ONE: f32 = 0.75;

/// `jawOpen` = 1 by itself leaves the mouth this many times as wide as at rest. `mouthPucker` and
/// `mouthSmile…` are measured against that, so that together they give the visitor's width.
pub const JAW_OPEN_WIDTH_RATIO_AT_ONE: f32 = 0.90;

/// `mouthSmileLeft` and `mouthSmileRight` = 1: the mouth is this many times as wide as at rest.
pub const SMILE_WIDTH_RATIO_AT_ONE: f32 = 1.25;

/// `mouthStretchLeft` and `mouthStretchRight` = 1: this many times as wide, corners not raised.
pub const STRETCH_WIDTH_RATIO_AT_ONE: f32 = 1.15;

/// `mouthPucker` = 1: the mouth is this many times as wide as at rest.
pub const PUCKER_WIDTH_RATIO_AT_ONE: f32 = 0.7;

/// `mouthPressLeft` and `mouthPressRight` = 1: the lips are this many times as thick as at rest.
pub const PRESS_THICKNESS_RATIO_AT_ONE: f32 = 0.75;

/// `mouthSmile…` = 1: rise of that mouth corner in spans.
pub const SMILE_CORNER_RISE_AT_ONE: f32 = 0.047;

/// `mouthFrown…` = 1: descent of that mouth corner in spans.
pub const FROWN_CORNER_FALL_AT_ONE: f32 = 0.047;

/// `mouthLeft`, `mouthRight` = 1: shift of the mouth in spans.
pub const MOUTH_SHIFT_AT_ONE: f32 = 0.062;

/// `jawLeft`, `jawRight` = 1: shift of the chin in spans.
pub const JAW_SHIFT_AT_ONE: f32 = 0.067;

/// `browInnerUp`, `browOuterUp…` = 1: brow rise in spans.
pub const BROW_UP_AT_ONE: f32 = 0.10;

/// `browDown…` = 1: brow descent in spans.
pub const BROW_DOWN_AT_ONE: f32 = 0.06;

/// Eye openness 0: the lids' gap is this share of the person's open gap.
///
/// The lids' edges have a thickness: measured shut eyes stand at 0.07 to 0.22, with glasses and
/// on turned heads too, the narrow eyes of a laugh at 0.55.
pub const SHUT_SHARE: f32 = 0.18;
