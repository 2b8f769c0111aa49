// The component: world `privacy-filter` of `sluis:stage@0.2.0`. What is exported here is what the contract asks for.

import { patches } from './patches.js';

/// Camera pixels to a side of one cell.
const CELL = 8;
/// The most regions that a filter may name in a frame.
const MOST_REGIONS = 64;
/// What holds where the installer says nothing. `smallest` is in cells, `largest` a share of the picture: what is larger is a wall.
const USUAL = { brightness: 190, smallest: 4, largest: 0.25 };

class Chamber {
  /// Called once for each camera. What is thrown here is shown to the installer, and the camera does not start.
  static create(camera, settings) {
    return new Chamber(camera.size, understood(settings));
  }

  constructor(size, settings) {
    this.size = size;
    this.cells = { width: Math.ceil(size.width / CELL), height: Math.ceil(size.height / CELL) };
    const largest = Math.floor(settings.largest * this.cells.width * this.cells.height);
    this.wanted = { brightness: settings.brightness, smallest: settings.smallest, largest };
  }

  /// Called for every frame. An error thrown here is a trap: the host then masks more strictly, and makes this chamber anew.
  find(frame) {
    const { width, height } = this.cells;
    // The host scales: that is quicker, and only one pixel for each cell crosses into the sandbox.
    const whole = { x: 0, y: 0, width: width * CELL, height: height * CELL };
    const rgb = frame.read(whole, this.cells, 'rgb8');
    return patches(rgb, width, height, this.wanted)
      .slice(0, MOST_REGIONS)
      .map((patch) => ({
        // A cell that is bright only in part lies around every patch.
        area: {
          x: (patch.x - 1) * CELL,
          y: (patch.y - 1) * CELL,
          width: (patch.width + 2) * CELL,
          height: (patch.height + 2) * CELL,
        },
        subject: 'identifier',
        confidence: Math.round(patch.filled * 100),
      }));
  }
}

/// The settings, or an error in words. A `string` that is thrown is the error of the contract's `result`.
function understood(text) {
  let given;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw `the settings are not JSON: ${error.message}`;
  }
  const unknown = Object.keys(given).find((key) => !(key in USUAL));
  if (unknown !== undefined) {
    throw `there is no setting \`${unknown}\`: this filter knows ${Object.keys(USUAL).join(', ')}`;
  }
  const settings = { ...USUAL, ...given };
  const within = { brightness: [1, 255], smallest: [1, 10000], largest: [0, 1] };
  for (const [key, [least, most]] of Object.entries(within)) {
    if (typeof settings[key] !== 'number' || !(settings[key] >= least && settings[key] <= most)) {
      throw `the setting \`${key}\` is a number from ${least} to ${most}`;
    }
  }
  return settings;
}

export const filter = { Chamber };
