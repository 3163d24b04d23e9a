//! Applies a drawing to the full-resolution painting and draws the overlay.
