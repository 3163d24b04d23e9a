//! The built-in sitter: a ray-marched head that acts a script.
