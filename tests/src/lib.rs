//! Whole-system tests: conformance suites, replays of recorded visitors, the closed loop.
