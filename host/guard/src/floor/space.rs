//! Between cells and places in the shop.

use ndarray::Array2;

use super::grid::Grid;
use crate::vantage::Vantage;

/// How much a distance errs, as a share of its square, in 1/m: a match of a stereo sensor with a baseline of 5 cm errs by 0.08 pixels (Intel,
/// *Best-Known-Methods for Tuning Intel RealSense D400 Depth Cameras for Best Performance*, 2017), so that the error is distance² * 0.08 / (615 * 0.05).
const ERROR: f32 = 0.0026;
/// What lies so far below the shop's floor, in metres, lies nowhere: the camera does not stand where it is said to.
const BELOW_FLOOR: f32 = -0.4;
/// Share of readings that may lie there: floors that shine show what hangs above them.
const MOST_BELOW: f32 = 0.05;

/// A place in the shop, in metres: along the floor, and up from it.
pub(super) type Point = [f32; 3];

/// A camera's cells as rays through the shop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space {
    position: Point,
    /// Right, down and forward.
    axes: [Point; 3],
    focal: [f32; 2],
    centre: [f32; 2],
    /// Pixels along a cell's side.
    cell: f32,
}

/// Where a place appears: pixels, and metres along the optical axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) pixel: [f32; 2],
    pub(super) distance: f32,
}

// === impl Space ===

impl Space {
    pub(super) fn new(grid: &Grid, Vantage { pose, lens }: &Vantage) -> Self {
        Self {
            position: pose.position.map(|v| v as f32),
            axes: pose.axes().map(|axis| axis.map(|v| v as f32)),
            focal: [lens.fx as f32, lens.fy as f32],
            centre: [lens.cx as f32, lens.cy as f32],
            cell: grid.cell as f32,
        }
    }

    /// The place that each cell shows; meaningless where it has no reading.
    pub(super) fn lift(&self, distances: &Array2<f32>) -> Array2<Point> {
        let [right, down, forward] = self.axes;
        let mut points = Array2::from_elem(distances.dim(), self.position);
        for (row, (mut points, distances)) in points.rows_mut().into_iter().zip(distances.rows()).enumerate() {
            let y = ((row as f32 + 0.5) * self.cell - self.centre[1]) / self.focal[1];
            let line: Point = std::array::from_fn(|i| forward[i] + down[i] * y);
            for (column, (point, distance)) in points.iter_mut().zip(distances).enumerate() {
                let x = ((column as f32 + 0.5) * self.cell - self.centre[0]) / self.focal[0];
                for (i, value) in point.iter_mut().enumerate() {
                    *value += (line[i] + right[i] * x) * distance;
                }
            }
        }
        points
    }

    /// Where a place appears, perhaps beyond the picture; `None` behind the camera.
    pub(super) fn see(&self, point: Point) -> Option<Seen> {
        let from: Point = std::array::from_fn(|i| point[i] - self.position[i]);
        let [x, y, distance] = self.axes.map(|axis| (0..3).map(|i| axis[i] * from[i]).sum::<f32>());
        (distance > 0.05).then(|| Seen {
            pixel: [self.focal[0] * x / distance + self.centre[0], self.focal[1] * y / distance + self.centre[1]],
            distance,
        })
    }

    /// The cell that a pixel lies in; `None` beyond the picture.
    pub(super) fn cell_at(&self, [x, y]: [f32; 2], (rows, columns): (usize, usize)) -> Option<(usize, usize)> {
        let (row, column) = (y / self.cell, x / self.cell);
        let inside = row >= 0.0 && column >= 0.0 && row < rows as f32 && column < columns as f32;
        inside.then_some((row as usize, column as usize))
    }

    /// Cells that a metre is long across the picture, at this distance.
    pub(super) fn cells_per_metre(&self, distance: f32) -> f32 {
        self.focal[0] / (self.cell * distance.max(0.05))
    }

    /// Pixels that a metre is long, both ways.
    pub(super) fn pixels_per_metre(&self, distance: f32) -> [f32; 2] {
        self.focal.map(|focal| focal / distance.max(0.05))
    }

    /// The direction along the floor from the camera to a place, of length 1; nothing straight below it.
    pub(super) fn away(&self, [x, y, _]: Point) -> [f32; 2] {
        let (x, y) = (x - self.position[0], y - self.position[1]);
        let length = x.hypot(y);
        if length < 0.3 { [0.0, 0.0] } else { [x / length, y / length] }
    }

    /// How far it is along the floor from the camera to a place, against how far down.
    pub(super) fn slope(&self, [x, y, z]: Point) -> f32 {
        let along = (x - self.position[0]).hypot(y - self.position[1]);
        along / along.hypot(self.position[2] - z).max(0.05)
    }

    /// Whether what is seen lies where a shop can be: a camera that was turned or hangs elsewhere sees things below the floor.
    pub(super) fn is_credible(distances: &Array2<f32>, points: &Array2<Point>) -> bool {
        let read = distances.iter().zip(points).filter(|(distance, _)| **distance > 0.0);
        let (all, below) =
            read.fold((0u32, 0u32), |(all, below), (_, point)| (all + 1, below + u32::from(point[2] < BELOW_FLOOR)));
        below as f32 <= all as f32 * MOST_BELOW
    }
}

/// How much a distance errs, in metres, root mean square.
pub(super) fn error(distance: f32) -> f32 {
    ERROR * distance * distance
}

/// How far apart two places are along the floor, in metres.
pub(super) fn along_floor(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// How far apart two places are, in metres.
pub(super) fn apart(a: Point, b: Point) -> f32 {
    along_floor(a, b).hypot(a[2] - b[2])
}
