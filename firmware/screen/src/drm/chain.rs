//! Which of a display's buffers is drawn, which waits for its flip, and which is visible.
//!
//! Normally two buffers take turns: one is visible, the other is painted, and presenting waits
//! until they have changed places. The third is for a flip that is not confirmed in time: painting
//! goes on without touching a buffer that the display may be reading.

/// The state of `N` buffers; knows nothing of their content.
#[derive(Clone, Debug)]
pub(super) struct Chain<const N: usize> {
    /// For each buffer, the present (counted from 1) that it holds; 0 for none.
    holds: [u64; N],
    presents: u64,
    drawn: Option<usize>,
    pending: Option<usize>,
    front: Option<usize>,
}

impl<const N: usize> Chain<N> {
    pub(super) fn new() -> Self {
        Chain {
            holds: [0; N],
            presents: 0,
            drawn: None,
            pending: None,
            front: None,
        }
    }

    /// The buffer to paint, and how many presents ago it was shown (0: content undefined).
    ///
    /// Among those that the display does not read, the one with the newest content.
    pub(super) fn draw(&mut self) -> Option<(usize, u32)> {
        if let Some(index) = self.drawn {
            return Some((index, 0));
        }
        let free =
            (0..N).filter(|index| Some(*index) != self.pending && Some(*index) != self.front);
        let index = free.max_by_key(|index| self.holds.get(*index).copied())?;
        let held = self.holds.get_mut(index)?;
        let age = match *held {
            0 => 0,
            held => u32::try_from(self.presents - held + 1).unwrap_or(0),
        };
        // Whatever it held is painted over.
        *held = 0;
        self.drawn = Some(index);
        Some((index, age))
    }

    /// The buffer that presenting would show: the one drawn, or the last one again.
    pub(super) fn to_present(&self) -> Option<usize> {
        self.drawn.or(self.pending).or(self.front)
    }

    /// Whether a flip is still to be confirmed.
    pub(super) fn pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Notes that the buffer from [`Chain::to_present`] was handed to the display.
    pub(super) fn submitted(&mut self, index: usize) {
        self.presents += 1;
        if let Some(holds) = self.holds.get_mut(index) {
            *holds = self.presents;
        }
        self.drawn = None;
        self.pending = Some(index);
    }

    /// Notes that the pending flip happened.
    pub(super) fn flipped(&mut self) {
        if let Some(index) = self.pending.take() {
            self.front = Some(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_buffers_take_turns() {
        let mut chain = Chain::<3>::new();
        let mut ages = Vec::new();
        let mut used = Vec::new();
        for _ in 0..6 {
            let (index, age) = chain.draw().unwrap();
            ages.push(age);
            used.push(index);
            chain.submitted(index);
            chain.flipped();
        }
        assert_eq!(ages, [0, 0, 2, 2, 2, 2]);
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), 2);
    }

    #[test]
    fn drawing_twice_is_one_buffer_of_unknown_content() {
        let mut chain = Chain::<2>::new();
        let (first, _) = chain.draw().unwrap();
        assert_eq!(chain.draw(), Some((first, 0)));
        assert_eq!(chain.to_present(), Some(first));
    }

    proptest! {
        /// Whatever the order of events: no buffer is painted that the display may read, and the
        /// age is the truth about the content.
        #[test]
        fn ages_are_true(events in proptest::collection::vec(0u8..3, 1..60)) {
            let mut chain = Chain::<3>::new();
            let mut content = [None; 3];
            let mut presented: Vec<usize> = Vec::new();
            let (mut front, mut pending, mut painted) = (None, None, 0);
            for event in events {
                match event {
                    0 => {
                        let (index, age) = chain.draw().unwrap();
                        prop_assert!(Some(index) != front && Some(index) != pending);
                        if age > 0 {
                            prop_assert_eq!(content[index], Some(presented[presented.len() - age as usize]));
                        }
                        painted += 1;
                        content[index] = Some(painted);
                    }
                    // As `present` does it: a flip needs the one before it to be over.
                    1 if pending.is_none() => {
                        if let Some(index) = chain.to_present() {
                            chain.submitted(index);
                            presented.push(content[index].unwrap());
                            pending = Some(index);
                        }
                    }
                    1 => {}
                    _ => {
                        chain.flipped();
                        front = pending.take().or(front);
                    }
                }
                prop_assert_eq!(chain.pending(), pending.is_some());
            }
        }
    }
}
