//! Finds and follows visitors' faces in camera pictures.
