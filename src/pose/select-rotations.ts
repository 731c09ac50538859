/** @file From the scores of a grid to the few rotations that go on: the best, or a draw. */
import type { Random } from "../core/random.js";
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import { beamInsert, gumbel } from "./beam.js";
import { crossInto } from "./descent.js";
import type { LoadedImage } from "./loaded-image.js";
import { POSE_STRIDE } from "./pose-row.js";
import type { Setup } from "./search-setup.js";

/** The best rotations of the grid, each with its best shift, into `setup.work`. */
export function selectRotations(
  setup: Setup,
  image: LoadedImage,
  raster: FourierRaster,
  scores: Float32Array,
  random: Random,
): void {
  const { beam, grid, work, shifts } = setup;
  const { temperature } = setup.plan;
  let top = -Infinity;
  for (let r = 0; r < grid.count; r++) if (scores[r]! > top) top = scores[r]!;
  const worthwhile = top - 16 * temperature - 1e-6;
  beam.size = 0;
  let threshold = -Infinity;
  for (let r = 0; r < grid.count; r++) {
    const score = scores[r]!;
    if (temperature > 0 ? score < worthwhile && beam.size === beam.capacity : score <= threshold) continue;
    const rank = temperature > 0 ? score + temperature * gumbel(random) : score;
    if (rank > threshold) threshold = beamInsert(beam, r, rank);
  }
  work.fill(-Infinity);
  for (let i = 0; i < beam.size; i++) {
    const r = beam.items[i]!;
    const shift = bestShiftOf(setup, image, raster, r);
    work.set(grid.matrices.subarray(9 * r, 9 * r + 6), i * POSE_STRIDE);
    work[i * POSE_STRIDE + 6] = shifts[2 * shift]!;
    work[i * POSE_STRIDE + 7] = shifts[2 * shift + 1]!;
    work[i * POSE_STRIDE + 8] = scores[r]!;
  }
}

function bestShiftOf(setup: Setup, image: LoadedImage, raster: FourierRaster, rotation: number): number {
  const { slice, cross, coarse, plane, grid, bestShift } = setup;
  sliceInto(slice, raster, grid.matrices, 9 * rotation, plane.kx, plane.ky, coarse);
  crossInto(cross, slice, image.y, image.squares, coarse);
  return bestShift(cross);
}
