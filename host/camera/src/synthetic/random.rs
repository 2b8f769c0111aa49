//! Chance that comes out the same every time.

/// SplitMix64 (Steele, Lea, Flood 2014, *Fast Splittable Pseudorandom Number Generators*): small, quick, and the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

/// The odd number nearest to 2^64 divided by the golden ratio, as the paper has it.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

// === impl Random ===

impl Random {
    /// The sequence that belongs to a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A sequence of its own for the `key`th thing of a kind, so that what one draws does not move what another draws.
    pub(super) fn keyed(seed: u64, kind: u64, key: u64) -> Self {
        let mut start = Self(seed ^ kind.rotate_left(24) ^ key.wrapping_mul(STEP));
        Self(start.bits())
    }

    /// 64 evenly spread bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but not, 1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// From `low` up to `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A whole number below `count`, which is above 0 and small against 2^64.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Normal distribution, mean 0, standard deviation 1 (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_seed_is_the_published_one() {
        // The first numbers for seed 1234567 in the reference implementation's test.
        let mut random = Random::new(1_234_567);
        assert_eq!(
            [random.bits(), random.bits(), random.bits()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_normal_distribution_has_its_moments() {
        let mut random = Random::new(5);
        let drawn: Vec<f32> = (0..20_000).map(|_| random.normal()).collect();
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        let variance = drawn.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / drawn.len() as f32;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "mean {mean}, variance {variance}");
    }
}
