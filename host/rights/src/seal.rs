//! Sealing: each request under a random key of its own, that key under the desk's.
//!
//! AES-256-GCM with random nonces. A request's key seals each state of that request, some tens in its life; the desk's key wraps one key for each request and seals the names of folders. Both are far
//! below the 2³² that are safe under one key (NIST SP 800-38D, 8.3).

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::error::Error;

/// Bytes of a wrapped key: nonce, key, tag. Always the same, so that it can be overwritten where it stands.
pub(crate) const WRAPPED: usize = NONCE_LEN + 32 + 16;

/// Seals and opens. `Debug` shows nothing.
pub(crate) struct Sealer(LessSafeKey);

/// It was sealed under another key, for another place, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOurs;

// === impl Sealer ===

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes")))
    }

    /// Nonce, sealed bytes, tag. `context` must be the same when it is opened.
    pub(crate) fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Error::Random)?;
        // Of its full length from the start: a vector that grows leaves what it held behind.
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(context), &mut sealed[NONCE_LEN..])
            .expect("a request is shorter than AES-GCM's limit of 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOurs> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOurs)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOurs)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(context), &mut rest).map_err(|_| NotOurs)?.len();
        rest.truncate(length);
        Ok(rest)
    }

    /// A new random key, and the same, wrapped.
    pub(crate) fn new_key(&self, context: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(key.as_mut()).map_err(|_| Error::Random)?;
        Ok((Self::new(&key), self.seal(context, key.as_ref())?))
    }

    pub(crate) fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Self, NotOurs> {
        let key = self.open(context, wrapped)?;
        Ok(Self::new(key.as_slice().try_into().map_err(|_| NotOurs)?))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// What tells one key from another, without telling anything about it.
pub(crate) fn fingerprint(key: &[u8; 32]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"sluis rights desk v1").as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let desk = Sealer::new(&[1; 32]);
        let (request, wrapped) = desk.new_key(b"2026-0001").unwrap();
        assert_eq!(wrapped.len(), WRAPPED);
        let sealed = request.seal(b"here", b"red coat").unwrap();
        let again = desk.unwrap(b"2026-0001", &wrapped).unwrap();
        assert_eq!(again.open(b"here", &sealed).unwrap().as_slice(), b"red coat");

        assert_eq!(again.open(b"there", &sealed).unwrap_err(), NotOurs);
        assert_eq!(desk.unwrap(b"2026-0002", &wrapped).unwrap_err(), NotOurs);
        assert_eq!(Sealer::new(&[2; 32]).unwrap(b"2026-0001", &wrapped).unwrap_err(), NotOurs);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(again.open(b"here", &changed).unwrap_err(), NotOurs, "byte {at}");
            assert_eq!(again.open(b"here", &sealed[..at]).unwrap_err(), NotOurs, "cut at {at}");
        }
    }

    #[test]
    fn keys_and_what_tells_them_apart_show_nothing() {
        assert_ne!(fingerprint(&[1; 32]), fingerprint(&[2; 32]));
        assert_eq!(format!("{:?}", Sealer::new(&[1; 32])), "Sealer");
    }
}
