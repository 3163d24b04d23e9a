//! What the multiplying instructions can do when nothing else is in their way.

/// The loops that [`run`] knows.
#[cfg(target_arch = "x86_64")]
pub const NAMES: &[&str] = &["vpmaddwd", "vpmaddubsw and vpmaddwd", "vpdpbusd"];
#[cfg(not(target_arch = "x86_64"))]
pub const NAMES: &[&str] = &[];

/// Turns of a loop.
#[cfg(target_arch = "x86_64")]
const TURNS: usize = 400_000;

/// Runs a loop and says how many products it computed; none where the processor cannot.
#[cfg(target_arch = "x86_64")]
pub fn run(limit: usize) -> usize {
    if !std::is_x86_feature_detected!("avx2") {
        return 0;
    }
    // SAFETY: the processor has the instructions; for dot products it is asked first.
    #[allow(unsafe_code)]
    unsafe {
        match limit {
            0 => words(),
            1 => bytes(),
            _ if !dots_found() => 0,
            _ => dots(),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub fn run(_limit: usize) -> usize {
    0
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;
#[cfg(target_arch = "x86_64")]
use std::hint::black_box;

/// Products and sums of words, all in registers; twelve chains.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn words() -> usize {
    let mut sums = [_mm256_setzero_si256(); 12];
    let mut input = black_box(_mm256_set1_epi16(3));
    let step = black_box(_mm256_set1_epi16(1));
    for _ in 0..TURNS {
        input = _mm256_xor_si256(input, step);
        for (lane, sum) in sums.iter_mut().enumerate() {
            let other = if lane % 2 == 0 { input } else { step };
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(*sum, other));
        }
    }
    black_box(sums);
    TURNS * 12 * 16
}

/// Products and sums of bytes, all in registers; ten chains.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn bytes() -> usize {
    let mut sums = [_mm256_setzero_si256(); 10];
    let mut input = black_box(_mm256_set1_epi8(3));
    let step = black_box(_mm256_set1_epi8(1));
    let ones = black_box(_mm256_set1_epi16(1));
    for _ in 0..TURNS {
        input = _mm256_xor_si256(input, step);
        for (lane, sum) in sums.iter_mut().enumerate() {
            let other = if lane % 2 == 0 { input } else { step };
            let pairs = _mm256_maddubs_epi16(*sum, other);
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
        }
    }
    black_box(sums);
    TURNS * 10 * 32
}

#[cfg(target_arch = "x86_64")]
fn dots_found() -> bool {
    std::is_x86_feature_detected!("avx512vl") && std::is_x86_feature_detected!("avx512vnni")
}

/// Dot products of bytes, all in registers; twelve chains.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512vl,avx512vnni")]
fn dots() -> usize {
    let mut sums = [_mm256_setzero_si256(); 12];
    let mut input = black_box(_mm256_set1_epi8(3));
    let step = black_box(_mm256_set1_epi8(1));
    for _ in 0..TURNS {
        input = _mm256_xor_si256(input, step);
        for (lane, sum) in sums.iter_mut().enumerate() {
            let other = if lane % 2 == 0 { input } else { step };
            *sum = _mm256_dpbusd_epi32(*sum, input, other);
        }
    }
    black_box(sums);
    TURNS * 12 * 32
}
