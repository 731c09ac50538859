/** @file From the scores of a grid to the few rotations that go on: the best, or a draw. */
import type { Random } from "../core/random.js";
import { beamInsert, gumbel } from "./beam.js";
import { POSE_STRIDE } from "./pose-row.js";
import type { Setup } from "./search-setup.js";
import type { Slicer } from "./slicer.js";

/** The best rotations of the grid, each with its best shift, into `setup.work`. */
export function selectRotations(setup: Setup, slicer: Slicer, scores: Float32Array, random: Random): void {
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
  slicer.centre(setup.coarse, 0, 0);
  for (let i = 0; i < beam.size; i++) {
    const r = beam.items[i]!;
    const shift = bestShiftOf(setup, slicer, r);
    work.set(grid.matrices.subarray(9 * r, 9 * r + 6), i * POSE_STRIDE);
    work[i * POSE_STRIDE + 6] = shifts[2 * shift]!;
    work[i * POSE_STRIDE + 7] = shifts[2 * shift + 1]!;
    work[i * POSE_STRIDE + 8] = scores[r]!;
  }
}

function bestShiftOf(setup: Setup, slicer: Slicer, rotation: number): number {
  const { cross, coarse, grid, bestShift } = setup;
  slicer.crossInto(cross, coarse, grid.matrices, 9 * rotation);
  return bestShift(cross);
}
