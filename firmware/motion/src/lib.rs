//! From landmarks to motion: pose, expression, smoothing, behaviour, personality.
