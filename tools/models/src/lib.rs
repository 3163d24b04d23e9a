//! Fetches, checks and converts the face models.
