import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filter } from '../src/filter.js';

const SIZE = { width: 100, height: 60 };
const CAMERA = { size: SIZE, millihertz: 15000, depth: false };

/// A dark picture with a white rectangle in it, read as the host reads: areas are averaged, and what is outside is black.
function still(white) {
  const luma = (x, y) => {
    if (x >= SIZE.width || y >= SIZE.height) return 0;
    const inside = x >= white.x && x < white.x + white.width && y >= white.y && y < white.y + white.height;
    return inside ? 255 : 40;
  };
  return {
    read(region, to, format) {
      assert.equal(format, 'rgb8');
      const [across, down] = [region.width / to.width, region.height / to.height];
      const pixels = new Uint8Array(to.width * to.height * 3);
      for (let cell = 0; cell < to.width * to.height; cell++) {
        const [left, top] = [(cell % to.width) * across, Math.floor(cell / to.width) * down];
        let sum = 0;
        for (let y = top; y < top + down; y++) for (let x = left; x < left + across; x++) sum += luma(x, y);
        pixels.fill(sum / (across * down), cell * 3, cell * 3 + 3);
      }
      return pixels;
    },
  };
}

test('a sheet on a dark counter is named, with a cell around it', () => {
  const chamber = filter.Chamber.create(CAMERA, '{}');
  const [sheet, ...others] = chamber.find(still({ x: 40, y: 16, width: 24, height: 16 }));
  assert.deepEqual(sheet.area, { x: 32, y: 8, width: 40, height: 32 });
  assert.deepEqual([sheet.subject, sheet.confidence], ['identifier', 100]);
  assert.equal(others.length, 0);
});

test('a sheet that no cell holds whole is covered all the same', () => {
  const white = { x: 43, y: 19, width: 30, height: 22 };
  const [{ area }] = filter.Chamber.create(CAMERA, '{}').find(still(white));
  assert.ok(area.x <= white.x && area.y <= white.y);
  assert.ok(area.x + area.width >= white.x + white.width && area.y + area.height >= white.y + white.height);
});

test('an installer can say what is bright', () => {
  const chamber = filter.Chamber.create(CAMERA, '{"brightness": 30, "largest": 1}');
  assert.equal(chamber.find(still({ x: 0, y: 0, width: 0, height: 0 })).length, 1);
});

test('settings that are wrong are refused in words', () => {
  const refusal = (settings) => {
    try {
      filter.Chamber.create(CAMERA, settings);
    } catch (reason) {
      return reason;
    }
    return 'taken';
  };
  assert.match(refusal('{'), /not JSON/);
  assert.match(refusal('{"brightnes": 1}'), /no setting `brightnes`.*brightness, smallest, largest/);
  assert.match(refusal('{"largest": 2}'), /`largest` is a number from 0 to 1/);
  assert.match(refusal('{"smallest": "4"}'), /`smallest` is a number/);
  assert.equal(refusal('{"smallest": 9}'), 'taken');
});
