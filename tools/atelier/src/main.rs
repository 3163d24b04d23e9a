//! The host tool: prepares, previews and measures living paintings.

fn main() {}
