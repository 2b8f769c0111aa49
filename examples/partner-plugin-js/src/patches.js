// Which patches of a small picture are bright and without colour: paper, and screens that are lit.

/// What a patch must be like. `brightness`: the least of its red, green and blue, 0 to 255. `smallest` and `largest`: cells.
/// Answers the patches as boxes in cells, the largest first, with the share of their cells that are bright.
export function patches(rgb, width, height, { brightness, smallest, largest }) {
  const bright = new Uint8Array(width * height);
  for (let cell = 0; cell < bright.length; cell++) {
    const [red, green, blue] = [rgb[cell * 3], rgb[cell * 3 + 1], rgb[cell * 3 + 2]];
    const least = Math.min(red, green, blue);
    bright[cell] = least >= brightness && Math.max(red, green, blue) - least <= COLOUR ? 1 : 0;
  }
  const found = [];
  for (let cell = 0; cell < bright.length; cell++) {
    if (bright[cell] === 1) {
      const patch = grown(bright, width, height, cell);
      if (patch.cells >= smallest && patch.cells <= largest) found.push(patch);
    }
  }
  return found.sort((a, b) => b.cells - a.cells);
}

/// How far apart red, green and blue may be in something without colour. Lamps of shops are not quite white.
const COLOUR = 48;

/// The patch around a bright cell. Its cells are marked, so that it is found once.
function grown(bright, width, height, start) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  let cells = 0;
  const next = [start];
  bright[start] = 2;
  while (next.length > 0) {
    const cell = next.pop();
    const [x, y] = [cell % width, Math.floor(cell / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    cells++;
    const beside = [];
    if (x > 0) beside.push(cell - 1);
    if (x + 1 < width) beside.push(cell + 1);
    if (y > 0) beside.push(cell - width);
    if (y + 1 < height) beside.push(cell + width);
    for (const other of beside) {
      if (bright[other] === 1) {
        bright[other] = 2;
        next.push(other);
      }
    }
  }
  const [across, down] = [right - left + 1, bottom - top + 1];
  return { x: left, y: top, width: across, height: down, cells, filled: cells / (across * down) };
}
