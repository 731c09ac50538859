/**
 * @file The transform of a map, at any frequency: trilinear look-ups in the transform of the map padded to twice its box.
 *
 * Trilinear look-up multiplies the map by sinc²(x / 2 box) along each axis, so the map is divided by it beforehand.
 */
import type { Volume } from "../core/types.js";
import { transformVolume, volumeFromTransform } from "../imaging/fourier.js";

export interface VolumeSpectrum {
  /** Box of the map, voxels; frequencies are in Fourier pixels of this box. */
  readonly box: number;
  /** Float64[2box 2box 2box 2]: (re, im), wrapped, DC first. */
  readonly padded: Float64Array;
}

export function volumeSpectrum(volume: Volume): VolumeSpectrum {
  const { box, values } = volume;
  const side = 2 * box;
  const corrected = new Float32Array(side ** 3);
  const inverse = Float64Array.from({ length: box }, (_, i) => 1 / sinc((i - box / 2) / side) ** 2);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++) {
      const row = ((z + box / 2) * side + y + box / 2) * side + box / 2;
      for (let x = 0; x < box; x++, at++) corrected[row + x] = values[at]! * inverse[x]! * inverse[y]! * inverse[z]!;
    }
  return { box, padded: transformVolume({ ...volume, box: side, values: corrected }).values };
}

/** Write the transform at frequency (x, y, z), |k| < box/2 − 1, to out[at], out[at + 1]. */
export function sampleSpectrumInto(
  out: Float64Array,
  at: number,
  spectrum: VolumeSpectrum,
  frequency: readonly [x: number, y: number, z: number],
): void {
  const side = 2 * spectrum.box;
  const { padded } = spectrum;
  const [x, y, z] = [2 * frequency[0], 2 * frequency[1], 2 * frequency[2]];
  const [ix, iy, iz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const [fx, fy, fz] = [x - ix, y - iy, z - iz];
  let [re, im] = [0, 0];
  for (let dz = 0; dz < 2; dz++) {
    const plane = ((iz + dz + side) % side) * side;
    const wz = dz === 0 ? 1 - fz : fz;
    for (let dy = 0; dy < 2; dy++) {
      const row = (plane + ((iy + dy + side) % side)) * side;
      const wyz = wz * (dy === 0 ? 1 - fy : fy);
      const left = 2 * (row + ((ix + side) % side));
      const right = 2 * (row + ((ix + 1 + side) % side));
      re += wyz * ((1 - fx) * padded[left]! + fx * padded[right]!);
      im += wyz * ((1 - fx) * padded[left + 1]! + fx * padded[right + 1]!);
    }
  }
  out[at] = re;
  out[at + 1] = im;
}

/** The map with at most `box` voxels a side, by leaving out the frequencies it cannot hold. */
export function cropToBox(volume: Volume, box: number): Volume {
  if (volume.box <= box) return volume;
  const full = transformVolume(volume);
  const values = new Float64Array(2 * box ** 3);
  const index = (k: number, side: number): number => (k + side) % side;
  const reach = box / 2 - 1;
  for (let z = -reach; z <= reach; z++)
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++) {
        const to = 2 * ((index(z, box) * box + index(y, box)) * box + index(x, box));
        const from = 2 * ((index(z, full.side) * full.side + index(y, full.side)) * full.side + index(x, full.side));
        values[to] = full.values[from]!;
        values[to + 1] = full.values[from + 1]!;
      }
  return volumeFromTransform(
    { kind: "fourier-array", side: box, rank: 3, values },
    (volume.pixelSizeAngstrom * volume.box) / box,
  );
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
