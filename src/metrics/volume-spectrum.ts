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
  /** Float32[2box 2box 2box 2]: (re, im), DC at index box on every axis, so that look-ups need not wrap. */
  readonly padded: Float32Array;
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
  const wrapped = transformVolume({ ...volume, box: side, values: corrected }).values;
  const padded = new Float32Array(wrapped.length);
  for (let z = 0, at = 0; z < side; z++)
    for (let y = 0; y < side; y++) {
      const from = 2 * ((((z + box) % side) * side + ((y + box) % side)) * side);
      padded.set(wrapped.subarray(from + side, from + 2 * side), at);
      padded.set(wrapped.subarray(from, from + side), at + side);
      at += 2 * side;
    }
  return { box, padded };
}

/** Write the transform at frequency (x, y, z), |k| < box/2 − 1, to out[at], out[at + 1]. */
export function sampleSpectrumInto(
  out: Float64Array,
  at: number,
  spectrum: VolumeSpectrum,
  x: number,
  y: number,
  z: number,
): void {
  const { padded, box } = spectrum;
  const [px, py, pz] = [2 * x + box, 2 * y + box, 2 * z + box];
  const [ix, iy, iz] = [Math.floor(px), Math.floor(py), Math.floor(pz)];
  const [fx, fy, fz] = [px - ix, py - iy, pz - iz];
  const row = 4 * box; // numbers from one y to the next
  const plane = 2 * box * row;
  const a = iz * plane + iy * row + 2 * ix;
  const w00 = (1 - fz) * (1 - fy);
  const w01 = (1 - fz) * fy;
  const w10 = fz * (1 - fy);
  const w11 = fz * fy;
  const [b, c, d] = [a + row, a + plane, a + plane + row];
  out[at] =
    (1 - fx) * (w00 * padded[a]! + w01 * padded[b]! + w10 * padded[c]! + w11 * padded[d]!) +
    fx * (w00 * padded[a + 2]! + w01 * padded[b + 2]! + w10 * padded[c + 2]! + w11 * padded[d + 2]!);
  out[at + 1] =
    (1 - fx) * (w00 * padded[a + 1]! + w01 * padded[b + 1]! + w10 * padded[c + 1]! + w11 * padded[d + 1]!) +
    fx * (w00 * padded[a + 3]! + w01 * padded[b + 3]! + w10 * padded[c + 3]! + w11 * padded[d + 3]!);
}

/** The same densities with at most `box` voxels a side: the frequencies that do not fit are left out. */
export function cropToBox(volume: Volume, box: number): Volume {
  if (volume.box <= box) return volume;
  const full = transformVolume(volume);
  const values = new Float64Array(2 * box ** 3);
  const index = (k: number, side: number): number => (k + side) % side;
  const reach = box / 2 - 1;
  const scale = (box / volume.box) ** 1.5; // both transforms are unitary; this keeps the density
  for (let z = -reach; z <= reach; z++)
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++) {
        const to = 2 * ((index(z, box) * box + index(y, box)) * box + index(x, box));
        const from = 2 * ((index(z, full.side) * full.side + index(y, full.side)) * full.side + index(x, full.side));
        values[to] = full.values[from]! * scale;
        values[to + 1] = full.values[from + 1]! * scale;
      }
  return volumeFromTransform(
    { kind: "fourier-array", side: box, rank: 3, values },
    (volume.pixelSizeAngstrom * volume.box) / box,
  );
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
