//! Ed25519 (RFC 8032), on `ring`.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::Fingerprint;

/// A seed to sign with. Zeroed on drop; what `ring` makes of it lives for the moment of signing, and `ring` does not zero it.
pub(crate) struct Seed(Zeroizing<[u8; 32]>);

/// A key to verify with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Verifier([u8; 32]);

// === impl Seed ===

impl Seed {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair().sign(message).as_ref());
        signature
    }

    pub(crate) fn verifier(&self) -> Verifier {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair().public_key().as_ref());
        Verifier(key)
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(self.0.as_ref()).expect("every 32 bytes are a seed (RFC 8032, 5.1.5)")
    }
}

// === impl Verifier ===

impl Verifier {
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_vector_of_rfc_8032_is_signed_alike() {
        let mut seed = [0; 32];
        hex::decode_to_slice("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", &mut seed).unwrap();
        let seed = Seed::new(Zeroizing::new(seed));
        let public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
        assert_eq!(hex::encode(seed.verifier().as_bytes()), public);
        assert_eq!(
            hex::encode(seed.sign(&[0xaf, 0x82])),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        );
    }
}
