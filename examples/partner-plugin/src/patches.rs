//! Patches of lit cells in a grid. Plain code: it knows no host, so it is tested without one.

use sluis_sdk::{Rect, Size};

/// Lit cells that touch each other, by the cells that they span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patch {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    lit: u32,
}

/// All patches, from the top.
pub(crate) fn of(lit: &[bool], columns: usize) -> Vec<Patch> {
    let mut seen = vec![false; lit.len()];
    let mut patches = Vec::new();
    for start in 0..lit.len() {
        if !lit[start] || seen[start] {
            continue;
        }
        let mut patch = Patch::at(start, columns);
        let mut waiting = vec![start];
        seen[start] = true;
        while let Some(cell) = waiting.pop() {
            patch.take(cell, columns);
            let (column, last) = (cell % columns, lit.len() - 1);
            let beside = [
                (column > 0).then(|| cell - 1),
                (column + 1 < columns && cell < last).then(|| cell + 1),
                cell.checked_sub(columns),
                Some(cell + columns).filter(|below| *below <= last),
            ];
            for next in beside.into_iter().flatten() {
                if lit[next] && !seen[next] {
                    seen[next] = true;
                    waiting.push(next);
                }
            }
        }
        patches.push(patch);
    }
    patches
}

impl Patch {
    fn at(cell: usize, columns: usize) -> Self {
        let (column, row) = ((cell % columns) as u32, (cell / columns) as u32);
        Self { left: column, top: row, right: column, bottom: row, lit: 0 }
    }

    fn take(&mut self, cell: usize, columns: usize) {
        let Self { left, top, right, bottom, .. } = Self::at(cell, columns);
        self.left = self.left.min(left);
        self.top = self.top.min(top);
        self.right = self.right.max(right);
        self.bottom = self.bottom.max(bottom);
        self.lit += 1;
    }

    fn sides(&self) -> (u32, u32) {
        (self.right - self.left + 1, self.bottom - self.top + 1)
    }

    /// How much of its box is lit, in percent.
    pub(crate) fn filled(&self) -> u8 {
        let (width, height) = self.sides();
        (self.lit * 100 / (width * height)) as u8
    }

    /// Compact, at least two cells each way, and no more than a third of the picture: else it is a lamp, or a window.
    pub(crate) fn is_screen_in(&self, cells: Size) -> bool {
        let (width, height) = self.sides();
        let window = width * 3 > cells.width || height * 3 > cells.height;
        width >= 2 && height >= 2 && !window && self.filled() >= 60
    }

    /// Where it is in the picture.
    pub(crate) fn area(&self, cells: Size, picture: Size) -> Rect {
        let (first, last) = (cells.cell(self.left, self.top, picture), cells.cell(self.right, self.bottom, picture));
        Rect::from_edges(first.x.into(), first.y.into(), last.right(), last.bottom())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lit(rows: &[&str]) -> (Vec<bool>, usize) {
        (rows.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect(), rows[0].len())
    }

    #[test]
    fn cells_that_touch_are_one_patch_and_corners_do_not_touch() {
        let (lit, columns) = lit(&["##..#", "##..#", "..#.."]);
        let patches = of(&lit, columns);
        assert_eq!(patches.iter().map(|patch| patch.lit).collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!((patches[0].filled(), patches[0].sides()), (100, (2, 2)));
    }

    #[test]
    fn the_end_of_a_row_does_not_touch_the_next_row() {
        let (lit, columns) = lit(&["..#", "#.."]);
        assert_eq!(of(&lit, columns).len(), 2);
    }

    #[test]
    fn a_line_and_a_window_are_no_screens() {
        let cells = Size::new(12, 12);
        let patch = |right, bottom, lit| Patch { left: 0, top: 0, right, bottom, lit };
        assert!(patch(2, 1, 6).is_screen_in(cells));
        assert!(!patch(2, 0, 3).is_screen_in(cells), "a line");
        assert!(!patch(6, 1, 14).is_screen_in(cells), "a window");
        assert!(!patch(3, 3, 7).is_screen_in(cells), "a scatter");
    }

    #[test]
    fn a_patch_lies_where_its_cells_lie() {
        let patch = Patch { left: 1, top: 2, right: 3, bottom: 2, lit: 3 };
        assert_eq!(patch.area(Size::new(80, 60), Size::new(640, 480)), Rect::new(8, 16, 24, 8));
    }
}
