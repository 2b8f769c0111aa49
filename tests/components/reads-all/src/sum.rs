//! A number that depends on everything that was read (FNV-1a, 64 bits).

pub struct Sum(u64);

impl Default for Sum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Sum {
    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn numbers(&mut self, numbers: impl IntoIterator<Item = i64>) {
        numbers.into_iter().for_each(|number| self.bytes(&number.to_le_bytes()));
    }

    /// A pixel of the picture, and a share of 100.
    pub fn place(&self, width: u32, height: u32) -> (i32, i32, u8) {
        let part = |shift: u32, of: u32| (self.0 >> shift) % u64::from(of);
        (part(0, width) as i32, part(20, height) as i32, part(40, 101) as u8)
    }
}
