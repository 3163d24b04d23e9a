//! The channels: every number followed over time, how it is smoothed and what is usual.
//!
//! Units are those of [`Features`](crate::measure::Features): degrees, ratios and spans. Noise of
//! the landmarks on a steady face is about 0.2 degrees and 0.001 to 0.003 spans; the dead bands are
//! two to three times that.

use crate::baseline::Usual;
use crate::curve::real;
use crate::filter::Tuning;
use crate::measure::Measurement;
use sfumato_core::motion::Real;

/// What is followed. The discriminant is the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Yaw,
    Pitch,
    Roll,
    EyeOpening,
    EyeDifference,
    MouthOpening,
    MouthWidth,
    CornerRight,
    CornerLeft,
    MouthShift,
    ChinShift,
    LipArea,
    BrowInnerRight,
    BrowInnerLeft,
    BrowOuterRight,
    BrowOuterLeft,
}

/// How many channels there are.
pub(crate) const CHANNELS: usize = 16;

/// One number for each channel.
pub(crate) type Row = [Real; CHANNELS];

/// How a channel is smoothed, and what is usual.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub tuning: Tuning,
    pub usual: Usual,
}

/// The channels' numbers in one measurement.
pub(crate) fn row(measured: &Measurement) -> Row {
    let f = &measured.features;
    let angle = |degrees: f32| real(degrees, 180.0);
    let length = |spans: f32| real(spans, 8.0);
    [
        angle(measured.pose.yaw),
        angle(measured.pose.pitch),
        angle(measured.pose.roll),
        length(f.eye_opening),
        length(f.eye_difference),
        length(f.mouth_opening),
        length(f.mouth_width),
        length(f.corner_height[0]),
        length(f.corner_height[1]),
        length(f.mouth_shift),
        length(f.chin_shift),
        length(f.lip_area),
        length(f.brow_inner[0]),
        length(f.brow_inner[1]),
        length(f.brow_outer[0]),
        length(f.brow_outer[1]),
    ]
}

const fn plan(
    [rest_hertz, hertz_per_speed, band]: [&'static str; 3],
    [value, low, high]: [&'static str; 3],
    [first_impression, quantile]: [&'static str; 2],
    [fast, slow]: [&'static str; 2],
) -> Plan {
    Plan {
        tuning: Tuning {
            rest_hertz: Real::lit(rest_hertz),
            hertz_per_speed: Real::lit(hertz_per_speed),
            band: Real::lit(band),
        },
        usual: Usual {
            value: Real::lit(value),
            low: Real::lit(low),
            high: Real::lit(high),
            first_impression: Real::lit(first_impression),
            quantile: Real::lit(quantile),
            fast: Real::lit(fast),
            slow: Real::lit(slow),
        },
    }
}

const BROW_INNER: Plan = plan(
    ["4", "60", "0.002"],
    ["0.21", "0.14", "0.29"],
    ["0.7", "0.4"],
    ["0.03", "0.002"],
);
const BROW_OUTER: Plan = plan(
    ["4", "60", "0.002"],
    ["0.235", "0.16", "0.32"],
    ["0.7", "0.4"],
    ["0.03", "0.002"],
);
const CORNER: Plan = plan(
    ["2.5", "40", "0.003"],
    ["-0.015", "-0.05", "0.03"],
    ["0.5", "0.45"],
    ["0.03", "0.002"],
);

/// The plan of every channel, by its index.
#[rustfmt::skip]
pub(crate) static PLANS: [Plan; CHANNELS] = [
    // [hertz at rest, hertz per speed, dead band] [usual rest, lowest, highest]
    // [first impression, quantile] [fast, slow learning a second]
    plan(["4", "0.1", "0.15"], ["0", "-10", "10"], ["0.3", "0.5"], ["1.5", "0.2"]),
    plan(["5", "0.12", "0.18"], ["6", "-8", "18"], ["0.6", "0.5"], ["0.8", "0.12"]),
    plan(["4", "0.12", "0.12"], ["0", "-8", "8"], ["0.3", "0.5"], ["1.5", "0.2"]),
    // Lids: quick, or blinks are lost. The gap of open eyes is a high quantile.
    plan(["8", "60", "0.0004"], ["0.083", "0.05", "0.13"], ["0.5", "0.75"], ["0.012", "0.001"]),
    plan(["8", "60", "0.0012"], ["0", "-0.01", "0.01"], ["0.3", "0.5"], ["0.004", "0.0005"]),
    plan(["7", "20", "0.0025"], ["0.012", "0", "0.05"], ["0", "0.2"], ["0.015", "0.0015"]),
    plan(["4", "30", "0.003"], ["0.555", "0.46", "0.66"], ["0.6", "0.4"], ["0.05", "0.003"]),
    CORNER,
    CORNER,
    plan(["2.5", "20", "0.003"], ["0", "-0.03", "0.03"], ["0.5", "0.5"], ["0.01", "0.002"]),
    plan(["2.5", "20", "0.003"], ["0", "-0.03", "0.03"], ["0.5", "0.5"], ["0.01", "0.002"]),
    plan(["2.5", "20", "0.003"], ["0.122", "0.08", "0.17"], ["0.7", "0.5"], ["0.02", "0.002"]),
    BROW_INNER,
    BROW_INNER,
    BROW_OUTER,
    BROW_OUTER,
];
