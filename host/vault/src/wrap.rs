//! Keys of segments, wrapped.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sluis_segment::{Binding, SegmentKey};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::keyring::DayKey;
use crate::root::RootSecret;

/// Wraps and unwraps the keys of segments: AES-256-GCM under the key of a day, with a random nonce. 2³² wraps under one key are safe (NIST SP 800-38D, 8.3); a shop with 8
/// cameras needs some ten thousand a day.
pub(crate) struct Wrapping {
    key: LessSafeKey,
}

/// A wrapped key as the index stores it: 12 bytes nonce, 32 bytes encrypted, 16 bytes tag. Always of this length, so that the index can overwrite it
/// in place. `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrappedKey([u8; WrappedKey::LEN]);

// === impl Wrapping ===

impl Wrapping {
    pub(crate) fn under(day: &DayKey) -> Self {
        Self::with(day.bytes())
    }

    /// Under a key derived from the root secret, as before there was a keyring: only to open what was wrapped then.
    pub(crate) fn under_root(root: &RootSecret) -> Self {
        Self::with(&root.derive("wrapping of segment keys"))
    }

    fn with(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes");
        Self { key: LessSafeKey::new(key) }
    }

    pub(crate) fn wrap(&self, binding: &Binding, generation: u32, key: &SegmentKey) -> Result<WrappedKey, Error> {
        let mut wrapped = [0; WrappedKey::LEN];
        let (nonce, rest) = wrapped.split_at_mut(NONCE_LEN);
        let (body, tag) = rest.split_at_mut(32);
        SystemRandom::new().fill(nonce).map_err(|_| Error::Random)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("12 bytes were split off");
        body.copy_from_slice(key.expose());
        let made = self
            .key
            .seal_in_place_separate_tag(nonce, context(binding, generation), body)
            .expect("32 bytes are less than AES-GCM's limit");
        tag.copy_from_slice(made.as_ref());
        Ok(WrappedKey(wrapped))
    }

    /// # Errors
    ///
    /// [`Error::Key`] when the key was wrapped for another segment, shop, camera or generation, under another root, or was changed.
    pub(crate) fn unwrap(&self, binding: &Binding, generation: u32, wrapped: &WrappedKey) -> Result<SegmentKey, Error> {
        let refused = || Error::Key { segment: binding.segment };
        let (nonce, rest) = wrapped.0.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).expect("12 bytes were split off");
        let mut rest = Zeroizing::new(rest.to_vec());
        let plain = self.key.open_in_place(nonce, context(binding, generation), &mut rest).map_err(|_| refused())?;
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(plain);
        Ok(SegmentKey::from_bytes(*key))
    }
}

impl fmt::Debug for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wrapping")
    }
}

/// What a wrapped key is bound to, so that no entry of the index can be passed off as another's.
fn context(binding: &Binding, generation: u32) -> Aad<Vec<u8>> {
    let mut context = b"sluis-wrapped-key-v1\0".to_vec();
    context.extend(binding.associated_data());
    context.extend(generation.to_be_bytes());
    Aad::from(context)
}

// === impl WrappedKey ===

impl WrappedKey {
    pub(crate) const LEN: usize = NONCE_LEN + 32 + 16;

    /// What stands in the index where a key was destroyed.
    pub(crate) const DESTROYED: Self = Self([0; Self::LEN]);

    pub(crate) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedKey")
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::CameraId;
    use sluis_segment::SegmentId;

    use super::*;

    fn binding(shop: &str, camera: &str, segment: u8) -> Binding {
        let camera = CameraId::new(camera).unwrap();
        Binding { shop: shop.to_owned(), camera, segment: SegmentId::from_bytes([segment; 16]) }
    }

    fn key() -> SegmentKey {
        SegmentKey::from_bytes([9; 32])
    }

    #[test]
    fn a_wrapped_key_opens_for_its_own_segment_only() {
        let wrapping = Wrapping::under_root(&RootSecret::new([1; 32]));
        let own = binding("bakery", "shelf", 1);
        let wrapped = wrapping.wrap(&own, 0, &key()).unwrap();
        assert_eq!(wrapping.unwrap(&own, 0, &wrapped).unwrap().expose(), key().expose());

        for other in [binding("bakery", "shelf", 2), binding("bakery", "till", 1), binding("market", "shelf", 1)] {
            assert!(matches!(wrapping.unwrap(&other, 0, &wrapped), Err(Error::Key { .. })), "{other:?}");
        }
        assert!(wrapping.unwrap(&own, 1, &wrapped).is_err(), "a key of another generation");
    }

    #[test]
    fn a_wrapped_key_opens_under_its_own_root_only() {
        let own = binding("bakery", "shelf", 1);
        let wrapped = Wrapping::under_root(&RootSecret::new([1; 32])).wrap(&own, 0, &key()).unwrap();
        assert!(Wrapping::under_root(&RootSecret::new([2; 32])).unwrap(&own, 0, &wrapped).is_err());
    }

    #[test]
    fn a_wrapped_key_changed_in_any_byte_is_refused() {
        let wrapping = Wrapping::under_root(&RootSecret::new([1; 32]));
        let own = binding("bakery", "shelf", 1);
        let wrapped = wrapping.wrap(&own, 0, &key()).unwrap();
        for at in 0..WrappedKey::LEN {
            let mut bytes = *wrapped.as_bytes();
            bytes[at] ^= 1;
            assert!(wrapping.unwrap(&own, 0, &WrappedKey::from_bytes(bytes)).is_err(), "byte {at}");
        }
        assert!(wrapping.unwrap(&own, 0, &WrappedKey::DESTROYED).is_err());
    }

    #[test]
    fn the_same_key_is_never_wrapped_to_the_same_bytes() {
        let wrapping = Wrapping::under_root(&RootSecret::new([1; 32]));
        let own = binding("bakery", "shelf", 1);
        assert_ne!(wrapping.wrap(&own, 0, &key()).unwrap(), wrapping.wrap(&own, 0, &key()).unwrap());
    }
}
