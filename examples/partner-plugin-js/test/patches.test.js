import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patches } from '../src/patches.js';

const USUAL = { brightness: 190, smallest: 2, largest: 12 };

/// A small picture from its rows: `#` is paper, `o` is orange, `.` is the floor.
function found(rows, wanted = USUAL) {
  const colours = { '#': [230, 235, 228], o: [250, 200, 120], '.': [90, 80, 70] };
  const rgb = Uint8Array.from(rows.flatMap((row) => [...row].flatMap((cell) => colours[cell])));
  return patches(rgb, rows[0].length, rows.length, wanted);
}

test('a sheet of paper is one patch', () => {
  const [sheet, ...others] = found(['......', '..##..', '..##..', '......']);
  assert.deepEqual(sheet, { x: 2, y: 1, width: 2, height: 2, cells: 4, filled: 1 });
  assert.equal(others.length, 0);
});

test('cells that touch at a corner only are two patches', () => {
  assert.deepEqual(found(['##..', '##..', '..##']).map(({ cells }) => cells), [4, 2]);
});

test('a patch that winds is taken whole', () => {
  const [patch] = found(['###.', '..#.', '###.', '#...']);
  assert.deepEqual([patch.cells, patch.width, patch.height], [8, 3, 4]);
  assert.equal(patch.filled, 8 / 12);
});

test('what has a colour is no paper', () => {
  assert.deepEqual(found(['oooo', 'oooo']), []);
});

test('specks and walls are left out', () => {
  assert.deepEqual(found(['#...', '....', '...#']), []);
  assert.deepEqual(found(Array(4).fill('####')), []);
});

test('a patch at the right edge does not go on at the left of the next row', () => {
  assert.deepEqual(found(['...##', '.....', '##...']).length, 2);
  assert.deepEqual(found(['....#', '#....'], { ...USUAL, smallest: 1 }).length, 2);
});
