//! What one shown picture is worth against the truth: small pure measures, one file each.

pub mod faces;
pub mod gradient;
pub mod interval;
pub mod luma;
pub mod noise;
pub mod psnr;
pub mod ssim;
