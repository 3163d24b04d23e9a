//! What files of the store are called by those who send and fetch them.

/// Bytes of the longest name of a pack.
pub const MAX_NAME: usize = 48;

/// Which file of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The pack itself.
    Pack,
    /// Its signature.
    Signature,
}

impl Piece {
    /// The file's name in the pack's folder.
    pub const fn file(self) -> &'static str {
        match self {
            Piece::Pack => "painting.pack",
            Piece::Signature => "painting.pack.minisig",
        }
    }
}

/// A file of the store: `/packs/girl.pack` or `/packs/girl.pack.minisig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The pack's name: 1 to [`MAX_NAME`] small letters, digits and hyphens.
    pub name: &'a str,
    /// Which of its files.
    pub piece: Piece,
}

impl<'a> Address<'a> {
    /// Reads an address; none if it is none. The first slash may be left out.
    pub fn parse(path: &'a str) -> Option<Address<'a>> {
        let file = path.strip_prefix('/').unwrap_or(path);
        let file = file.strip_prefix("packs/")?;
        let (name, piece) = match file.strip_suffix(".pack.minisig") {
            Some(name) => (name, Piece::Signature),
            None => (file.strip_suffix(".pack")?, Piece::Pack),
        };
        is_name(name).then_some(Address { name, piece })
    }
}

/// Whether a pack may be called so. Nothing that leads out of a folder may.
pub fn is_name(name: &str) -> bool {
    let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_signatures_have_addresses() {
        let girl = |piece| {
            Some(Address {
                name: "girl-2",
                piece,
            })
        };
        assert_eq!(Address::parse("/packs/girl-2.pack"), girl(Piece::Pack));
        let signature = Address::parse("packs/girl-2.pack.minisig");
        assert_eq!(signature, girl(Piece::Signature));
    }

    #[test]
    fn nothing_leads_elsewhere() {
        let long = format!("/packs/{}.pack", "a".repeat(MAX_NAME + 1));
        for path in [
            "",
            "/packs/",
            "/packs/.pack",
            "/packs/../settings-a.pack",
            "/packs/a/b.pack",
            "/packs/a.zip",
            "/packs/A.pack",
            "/packs/.incoming.pack",
            "/etc/passwd",
            "girl.pack",
            &long,
        ] {
            assert_eq!(Address::parse(path), None, "{path}");
        }
    }
}
