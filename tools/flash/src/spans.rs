//! Which bytes: a set of offsets as sorted spans that neither touch nor overlap.

use std::ops::Range;

/// A set of byte offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Range<u64>>);

impl Spans {
    /// The spans, sorted; none is empty, and between two there is a gap.
    pub fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().cloned()
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|span| span.end - span.start).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a span; an empty one changes nothing.
    pub fn add(&mut self, span: Range<u64>) {
        if span.start >= span.end {
            return;
        }
        let first = self.0.partition_point(|held| held.end < span.start);
        let after = self.0.partition_point(|held| held.start <= span.end);
        let mut merged = span;
        for held in &self.0[first..after] {
            merged.start = merged.start.min(held.start);
            merged.end = merged.end.max(held.end);
        }
        self.0.splice(first..after, [merged]);
    }

    /// Whether every byte of a span is in the set.
    pub fn hold(&self, span: &Range<u64>) -> bool {
        span.start >= span.end
            || self
                .0
                .iter()
                .any(|held| held.start <= span.start && span.end <= held.end)
    }

    /// Cuts a span into pieces, in order: each with whether it is in the set.
    pub fn cut(&self, span: Range<u64>) -> Vec<(Range<u64>, bool)> {
        let mut pieces = Vec::new();
        let mut at = span.start;
        for held in &self.0 {
            let from = held.start.max(at);
            let to = held.end.min(span.end);
            if from >= to {
                continue;
            }
            if at < from {
                pieces.push((at..from, false));
            }
            pieces.push((from..to, true));
            at = to;
        }
        if at < span.end {
            pieces.push((at..span.end, false));
        }
        pieces
    }
}

impl FromIterator<Range<u64>> for Spans {
    fn from_iter<I: IntoIterator<Item = Range<u64>>>(spans: I) -> Spans {
        let mut set = Spans::default();
        spans.into_iter().for_each(|span| set.add(span));
        set
    }
}
