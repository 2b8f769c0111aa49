//! HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. With empty associated data it is what Tink's keys
//! `DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_RAW` make and read: the encapsulated key, then the ciphertext.

use std::convert::Infallible;

use ::hpke::aead::AesGcm256;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::X25519HkdfSha256;
use ::hpke::rand_core::{TryCryptoRng, TryRng};
use ::hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::id::random;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// How much longer sealed bytes are than plain ones: the encapsulated key and the tag.
pub(crate) const OVERHEAD: usize = ENCAPSULATED + 16;
const ENCAPSULATED: usize = 32;

/// Random bytes that were drawn before, so that a system without randomness is an error and not a panic in the middle of sealing.
struct Drawn<'a>(&'a [u8]);

/// Why something was not sealed.
pub(crate) enum Refused {
    Random,
    Key,
}

/// The public key of a secret one.
pub(crate) fn public(secret: &[u8; 32]) -> [u8; 32] {
    X25519HkdfSha256::sk_to_pk(&private(secret)).to_bytes().into()
}

/// Whether a key can be sealed to. Keys of small order cannot (RFC 9180, 7.1.4).
pub(crate) fn is_sound(public: &[u8; 32]) -> bool {
    // Any randomness shows it.
    seal_with(&[1; 32], public, &[], &[], &[]).is_some()
}

/// Seals to a public key.
pub(crate) fn seal(public: &[u8; 32], info: &[u8], plain: &[u8]) -> Result<Vec<u8>, Refused> {
    let drawn = Zeroizing::new(random::<32>().map_err(|_: Error| Refused::Random)?);
    seal_with(&drawn, public, info, &[], plain).ok_or(Refused::Key)
}

/// Opens what was sealed to the public key of `secret`.
pub(crate) fn open(secret: &[u8; 32], info: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    open_with(secret, info, &[], sealed)
}

fn seal_with(drawn: &[u8; 32], public: &[u8; 32], info: &[u8], data: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let public = PublicKey::from_bytes(public).ok()?;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        plain,
        data,
        &mut Drawn(drawn),
    )
    .ok()?;
    Some([&encapsulated.to_bytes(), ciphertext.as_slice()].concat())
}

fn open_with(secret: &[u8; 32], info: &[u8], data: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED)?;
    let encapsulated = Encapsulated::from_bytes(encapsulated).ok()?;
    single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private(secret),
        &encapsulated,
        info,
        ciphertext,
        data,
    )
    .ok()
    .map(Zeroizing::new)
}

fn private(secret: &[u8; 32]) -> PrivateKey {
    PrivateKey::from_bytes(secret).expect("every 32 bytes are an X25519 secret (RFC 7748, section 5)")
}

// === impl Drawn ===

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// # Panics
    ///
    /// When more is asked for than was drawn: bytes that stand in for random ones would give the key away.
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at_checked(into.len()).expect("an X25519 key is made of 32 random bytes");
        into.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        hex::decode(digits).unwrap()
    }

    /// From the test vectors that RFC 9180 refers to (its text prints other suites only): mode 0, kem 32, kdf 1, aead 2, the first encryption.
    #[test]
    fn the_published_vector_of_our_suite_is_sealed_and_opened_alike() {
        let drawn =
            <[u8; 32]>::try_from(hex("2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9")).unwrap();
        let secret =
            <[u8; 32]>::try_from(hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")).unwrap();
        let receiver = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
        let encapsulated = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
        let ciphertext = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a";
        let (info, data) = (hex("4f6465206f6e2061204772656369616e2055726e"), hex("436f756e742d30"));
        let plain = hex("4265617574792069732074727574682c20747275746820626561757479");
        let sealed = hex(&format!("{encapsulated}{ciphertext}"));

        assert_eq!(hex::encode(public(&secret)), receiver);
        assert_eq!(seal_with(&drawn, &public(&secret), &info, &data, &plain).unwrap(), sealed);
        assert_eq!(*open_with(&secret, &info, &data, &sealed).unwrap(), plain);
        assert!(open_with(&secret, &info, &[], &sealed).is_none());
        assert_eq!(sealed.len(), plain.len() + OVERHEAD);
    }

    #[test]
    fn what_is_cut_short_does_not_open() {
        let secret = [3; 32];
        let Ok(sealed) = seal(&public(&secret), b"info", b"plain") else { panic!("it was not sealed") };
        assert_eq!(*open(&secret, b"info", &sealed).unwrap(), b"plain");
        for length in 0..sealed.len() {
            assert!(open(&secret, b"info", &sealed[..length]).is_none(), "{length} bytes of it opened");
        }
    }
}
