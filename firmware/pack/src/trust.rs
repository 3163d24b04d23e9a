//! Whose packs a board takes: signatures in the format of minisign.
//!
//! A museum makes a key pair once (`minisign -G`), the board's config file names the public key, and
//! whoever prepares packs signs them (`minisign -Sm girl.pack`). Only prehashed signatures count, which minisign
//! makes since version 0.8: they are checked piece by piece, whatever the pack's size.
//!
//! Format: <https://jedisct1.github.io/minisign/>.

use minisign_verify::{PublicKey, Signature};
use std::io::{self, Read};

/// Bytes of the largest signature file.
pub const MAX_SIGNATURE: u64 = 4096;

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// What is wrong with a signature.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It is no public key.
    #[error(
        "{0:?} is no minisign public key; copy the second line of the .pub file, which begins with RW"
    )]
    Key(String),
    /// The file that should be a signature is none.
    #[error("this is no minisign signature; sign the pack with `minisign -Sm PACK`")]
    Form,
    /// Signed by somebody else.
    #[error("signed by a key that this board does not trust; its config file names those it does")]
    Stranger,
    /// The pack is not what was signed.
    #[error("the pack is not what was signed; copy it again, or sign it again")]
    Mismatch,
    /// Signed in the old way, which needs the whole pack in memory.
    #[error("signed in minisign's legacy form; sign again with minisign 0.8 or newer, without -l")]
    Legacy,
    /// The pack could not be read.
    #[error("the pack cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// The keys that a board trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<PublicKey>);

impl Trust {
    /// Trusts these public keys, each as minisign prints it: 56 characters that begin with `RW`.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Trust, TrustError> {
        let key = |text: &str| {
            PublicKey::from_base64(text.trim()).map_err(|_| TrustError::Key(text.to_owned()))
        };
        Ok(Trust(keys.into_iter().map(key).collect::<Result<_, _>>()?))
    }

    /// Whether nobody is trusted: then nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that somebody trusted has signed what `pack` reads.
    pub fn check(&self, pack: &mut dyn Read, signature: &str) -> Result<(), TrustError> {
        let signature = Signature::decode(signature).map_err(|_| TrustError::Form)?;
        // The signature names its key by number.
        let mut verifier = None;
        for key in &self.0 {
            match key.verify_stream(&signature) {
                Ok(found) => verifier = Some(found),
                Err(minisign_verify::Error::UnsupportedLegacyMode) => {
                    return Err(TrustError::Legacy);
                }
                Err(_) => {}
            }
        }
        let mut verifier = verifier.ok_or(TrustError::Stranger)?;
        let mut piece = vec![0; PIECE];
        loop {
            match pack.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => verifier.update(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        verifier.finalize().map_err(|_| TrustError::Mismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minisign::KeyPair;
    use std::io::Cursor;

    fn sign(pair: &KeyPair, bytes: &[u8]) -> String {
        let made = minisign::sign(None, &pair.sk, Cursor::new(bytes), None, None);
        made.unwrap().into_string()
    }

    fn trusting(pairs: &[&KeyPair]) -> Trust {
        let keys: Vec<String> = pairs.iter().map(|pair| pair.pk.to_base64()).collect();
        Trust::new(keys.iter().map(String::as_str)).unwrap()
    }

    #[test]
    fn only_what_a_trusted_key_has_signed_is_good() {
        let ours = KeyPair::generate_unencrypted_keypair().unwrap();
        let others = KeyPair::generate_unencrypted_keypair().unwrap();
        let bytes: Vec<u8> = (0..200_000u32).map(|value| value as u8).collect();
        let signature = sign(&ours, &bytes);
        let check = |trust: &Trust, bytes: &[u8], signature: &str| {
            trust.check(&mut Cursor::new(bytes), signature)
        };
        check(&trusting(&[&others, &ours]), &bytes, &signature).unwrap();
        let stranger = check(&trusting(&[&others]), &bytes, &signature);
        assert!(matches!(stranger, Err(TrustError::Stranger)));
        assert!(matches!(
            check(&Trust::default(), &bytes, &signature),
            Err(TrustError::Stranger)
        ));
        // One bit, one byte less, one byte more.
        let mut other = bytes.clone();
        other[150_000] ^= 1;
        let longer = [&bytes[..], &[0]].concat();
        for wrong in [&other[..], &bytes[1..], &longer] {
            let outcome = check(&trusting(&[&ours]), wrong, &signature);
            assert!(matches!(outcome, Err(TrustError::Mismatch)));
        }
        for wrong in ["", "hello", &signature[..signature.len() / 2]] {
            let outcome = check(&trusting(&[&ours]), &bytes, wrong);
            assert!(matches!(outcome, Err(TrustError::Form)), "{wrong}");
        }
    }

    #[test]
    fn what_the_stock_tool_signed_is_good() {
        // minisign 0.11: `minisign -G -W`, `minisign -Sm x` with "Vermeer\n" in x.
        let trust = Trust::new([include_str!("trust/stock.key").trim()]).unwrap();
        let signature = include_str!("trust/stock.minisig");
        trust.check(&mut &b"Vermeer\n"[..], signature).unwrap();
        assert!(trust.check(&mut &b"Vermeer"[..], signature).is_err());
        // `minisign -Slm x`.
        let legacy = include_str!("trust/legacy.minisig");
        let outcome = trust.check(&mut &b"Vermeer\n"[..], legacy);
        assert!(matches!(outcome, Err(TrustError::Legacy)));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let error = Trust::new(["RWQ"]).unwrap_err().to_string();
        assert!(error.contains("RWQ") && error.contains(".pub"), "{error}");
    }
}
