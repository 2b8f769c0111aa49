//! Depth as a pair of infrared imagers measures it.
//!
//! Distance is `focal * baseline / disparity`. A matcher finds the disparity to a part of a pixel, so noise and steps lie in disparity, and in depth both grow
//! with the square of the distance: root mean square error = distance² * subpixel / (focal * baseline) (Intel, *Best-Known-Methods for Tuning Intel RealSense
//! D400 Depth Cameras for Best Performance*, 2017, which gives 0.08 pixels for a well-lit textured wall). The imagers are taken to have the colour lens.

use super::super::random::Random;
use super::super::settings::Faults;
use super::Normals;

/// Between the two imagers of a D435, in metres (datasheet).
const BASELINE: f32 = 0.05;

/// Root mean square error of a match, in pixels.
const SUBPIXEL: f32 = 0.08;

/// Matches come in steps of a part of a pixel: five bits.
const STEPS: f32 = 32.0;

/// The matcher looks at windows, so neighbours err together: shares of the error by pixel and by patch of so many pixels. Their squares sum to 1.
const ALONE: f32 = 0.6;
const TOGETHER: f32 = 0.8;
const PATCH: usize = 6;

/// Disparities that differ by more than this from one pixel to the next are an edge, where matches fail with this probability.
const EDGE: f32 = 0.45;
const EDGE_FAILS: f32 = 0.55;

/// Single pixels, and patches, that fail without a cause to be seen.
const FAILS: f32 = 0.0012;
const BLOTCH: usize = 10;
const BLOTCH_ABOVE: f32 = 2.75;

/// Metres; what is further off is not measured.
const FURTHEST: f32 = 10.0;

/// Millimetres in a metre: the unit of the counts.
const COUNTS: f32 = 1000.0;

/// The depth imagers of one camera.
#[derive(Debug)]
pub(in crate::synthetic) struct Stereo {
    faults: Faults,
    seed: u64,
    width: usize,
    height: usize,
    /// Focal length times baseline: disparity in pixels at one metre.
    at_one_metre: f32,
    normals: Normals,
}

/// Normal numbers on a coarse grid, and the straight lines between them; everywhere of standard deviation 1.
#[derive(Debug)]
struct Field {
    columns: usize,
    nodes: Vec<f32>,
    /// For each place between two nodes: the shares of both.
    shares: Vec<(f32, f32)>,
}

// === impl Stereo ===

impl Stereo {
    /// `focal` is in pixels.
    pub(in crate::synthetic) fn new(faults: Faults, seed: u64, width: usize, height: usize, focal: f32) -> Self {
        Self { faults, seed, width, height, at_one_metre: focal * BASELINE, normals: Normals::new() }
    }

    /// Distances along the optical axis in metres, infinite where nothing is, become counts of a millimetre, 0 where there is no reading.
    pub(in crate::synthetic) fn take(&self, scene: &[f32], number: u64) -> Vec<u16> {
        let mut random = Random::keyed(self.seed, 22, number);
        let patches = Field::new(PATCH, self.width, self.height, &mut random);
        let blotches = Field::new(BLOTCH, self.width, self.height, &mut random);
        let mut counts = vec![0u16; scene.len()];
        // Disparities of the rows above, here and below.
        let mut rows = [vec![0.0f32; self.width], vec![0.0; self.width], vec![0.0; self.width]];
        self.disparities(scene, 0, &mut rows[1]);
        rows[0] = rows[1].clone();
        let (mut together, mut blotch) = (vec![0.0f32; self.width], vec![0.0f32; self.width]);
        let mut hidden = vec![false; self.width];
        let least = self.at_one_metre / FURTHEST;
        let of_24_bits = |share: f32| (share * (1u32 << 24) as f32) as u32;
        let (fails, edge_fails) = (of_24_bits(FAILS), of_24_bits(EDGE_FAILS));
        for y in 0..self.height {
            self.disparities(scene, (y + 1).min(self.height - 1), &mut rows[2]);
            let [above, here, below] = &rows;
            if self.faults.depth_noise {
                patches.row(y, &mut together);
            }
            if self.faults.depth_holes {
                shadow(here, &mut hidden);
                blotches.row(y, &mut blotch);
            }
            let counts = &mut counts[y * self.width..(y + 1) * self.width];
            for (x, count) in counts.iter_mut().enumerate() {
                let exact = here[x];
                let bits = random.bits();
                if exact <= least {
                    continue;
                }
                if self.faults.depth_holes {
                    let (left, right) = (here[x.saturating_sub(1)], here[(x + 1).min(self.width - 1)]);
                    let (low, high) = (exact - EDGE, exact + EDGE);
                    let near = |other: f32| (other >= low) & (other <= high);
                    let plain = near(left) & near(right) & near(above[x]) & near(below[x]);
                    let fails = if plain { fails } else { edge_fails };
                    if hidden[x] | (blotch[x] > BLOTCH_ABOVE) | ((bits >> 40) as u32 <= fails) {
                        continue;
                    }
                }
                let found = if self.faults.depth_noise {
                    let noise = ALONE * self.normals.at(bits) + TOGETHER * together[x];
                    // Rounding to steps; a cast is much quicker than a call of `round`.
                    ((exact + SUBPIXEL * noise) * STEPS + 0.5) as i32 as f32
                } else {
                    exact * STEPS
                };
                // A disparity of nothing is an infinite distance: no reading.
                let metres = self.at_one_metre * STEPS / found;
                *count = if metres < 65.0 { (metres * COUNTS + 0.5) as u16 } else { 0 };
            }
            rows.rotate_left(1);
        }
        counts
    }

    fn disparities(&self, scene: &[f32], y: usize, row: &mut [f32]) {
        for (disparity, metres) in row.iter_mut().zip(&scene[y * self.width..]) {
            *disparity = self.at_one_metre / metres;
        }
    }
}

/// What the left imager sees and the right one does not: a pixel at x lies at x - disparity in the right picture, and is hidden when something further
/// to the right lies at or before that place.
fn shadow(row: &[f32], hidden: &mut [bool]) {
    let mut nearest = f32::INFINITY;
    for (x, (disparity, hidden)) in row.iter().zip(hidden).enumerate().rev() {
        let place = x as f32 - disparity;
        *hidden = place >= nearest;
        nearest = nearest.min(place);
    }
}

// === impl Field ===

impl Field {
    fn new(side: usize, width: usize, height: usize, random: &mut Random) -> Self {
        let (columns, rows) = (width / side + 2, height / side + 2);
        let nodes = (0..columns * rows).map(|_| random.normal()).collect();
        let shares = (0..side).map(|at| at as f32 / side as f32);
        let shares = shares.map(|share| ((1.0 - share) * norm(share), share * norm(share))).collect();
        Self { columns, nodes, shares }
    }

    /// The values of one row of pixels.
    fn row(&self, y: usize, values: &mut [f32]) {
        let side = self.shares.len();
        let (node, (upper_share, lower_share)) = (y / side, self.shares[y % side]);
        let (upper, lower) = (&self.nodes[node * self.columns..], &self.nodes[(node + 1) * self.columns..]);
        for (column, run) in values.chunks_mut(side).enumerate() {
            let at = |column: usize| upper[column] * upper_share + lower[column] * lower_share;
            let (left, right) = (at(column), at(column + 1));
            for (value, shares) in run.iter_mut().zip(&self.shares) {
                *value = left * shares.0 + right * shares.1;
            }
        }
    }
}

/// A mean of two independent numbers is less spread than either; this makes up for it.
fn norm(share: f32) -> f32 {
    1.0 / ((1.0 - share) * (1.0 - share) + share * share).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (320, 240);

    fn stereo(faults: Faults) -> Stereo {
        Stereo::new(faults, 4, SIZE.0, SIZE.1, 615.0)
    }

    /// Root mean square error at a wall, in metres.
    fn error_at(metres: f32) -> f32 {
        let only = Faults { depth_noise: true, ..Faults::NONE };
        let counts = stereo(only).take(&vec![metres; SIZE.0 * SIZE.1], 0);
        let square = |count: &u16| (f32::from(*count) / COUNTS - metres).powi(2);
        (counts.iter().map(square).sum::<f32>() / counts.len() as f32).sqrt()
    }

    #[test]
    fn noise_grows_with_the_square_of_the_distance() {
        for metres in [1.0, 2.0, 4.0] {
            let expected = metres * metres * SUBPIXEL / (615.0 * BASELINE);
            let found = error_at(metres);
            assert!((found / expected - 1.0).abs() < 0.12, "{found} m at {metres} m, {expected} expected");
        }
    }

    #[test]
    fn neighbours_err_together() {
        let only = Faults { depth_noise: true, ..Faults::NONE };
        let counts = stereo(only).take(&vec![3.0; SIZE.0 * SIZE.1], 0);
        let off: Vec<f32> = counts.iter().map(|c| f32::from(*c) - 3000.0).collect();
        let product = |by: usize| off.iter().zip(&off[by..]).map(|(a, b)| a * b).sum::<f32>() / off.len() as f32;
        assert!(product(1) > 0.3 * product(0) && product(4 * PATCH) < 0.1 * product(0));
    }

    #[test]
    fn depth_comes_in_steps_of_disparity() {
        let only = Faults { depth_noise: true, ..Faults::NONE };
        let counts = stereo(only).take(&vec![4.0; SIZE.0 * SIZE.1], 0);
        let mut different: Vec<u16> = counts;
        different.sort_unstable();
        different.dedup();
        let least = different.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
        // 4² / (615 * 0.05 * 32) is 16 mm; nearer readings are a little closer together.
        assert!((10..20).contains(&least), "{least} mm between steps");
    }

    #[test]
    fn holes_lie_at_edges_and_to_the_left_of_what_is_near() {
        let only = Faults { depth_holes: true, ..Faults::NONE };
        let near = |i: usize| (120..200).contains(&(i % SIZE.0));
        let scene: Vec<f32> = (0..SIZE.0 * SIZE.1).map(|i| if near(i) { 1.5 } else { 3.5 }).collect();
        let counts = stereo(only).take(&scene, 0);
        let missing = |columns: std::ops::Range<usize>| {
            let all = columns.len() * SIZE.1;
            let none =
                (0..SIZE.1).flat_map(|y| columns.clone().map(move |x| y * SIZE.0 + x)).filter(|i| counts[*i] == 0);
            none.count() as f32 / all as f32
        };
        // The shadow is as wide as the disparities differ: 615 * 0.05 * (1 / 1.5 - 1 / 3.5) = 11.7 pixels.
        assert!(missing(109..120) > 0.99, "{} of the shadow", missing(109..120));
        assert!(missing(199..201) > 0.4, "{} of the other edge", missing(199..201));
        assert!(missing(20..100) < 0.03 && missing(130..190) < 0.03 && missing(210..300) < 0.03);
    }

    #[test]
    fn without_faults_depth_is_exact() {
        let counts = stereo(Faults::NONE).take(&vec![2.5; SIZE.0 * SIZE.1], 0);
        assert!(counts.iter().all(|count| *count == 2500));
        assert!(stereo(Faults::ALL).take(&vec![f32::INFINITY; SIZE.0 * SIZE.1], 0).iter().all(|count| *count == 0));
    }
}
