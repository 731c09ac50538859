/**
 * @file In which of the turns of its core a particle is seen, from what stands out of the core on one side.
 *
 * Stochastic EM over the turns alone, at low resolution, before any motion is sought: a mean that leans to one side draws more
 * images into that frame. Every image is judged under a mean of others: its own noise would hold it where it is.
 */
import type { PreparedReader } from "../imaging/prepared-reader.js";
import type { CoreTurns } from "./core-turns.js";
import { newSubspaceImages } from "./subspace-images.js";
import { crossFitted, expectationStep } from "./subspace-steps.js";

const ROUNDS = 10;
/** Parts of the images, each judged under the mean of the others. */
const FOLDS = 4;

/** Poses (Float64[images 9]) turned to one frame as far as images tell, within `radius` Fourier pixels. */
export function coreFrames(
  reader: PreparedReader,
  images: ArrayLike<number>,
  poses: ArrayLike<number>,
  radius: number,
  turns: CoreTurns,
): Float64Array {
  const state = newSubspaceImages(images, poses, 0);
  const rows = Array.from({ length: images.length }, (_, i) => i);
  for (let round = 0; round < ROUNDS; round++) {
    const { without } = crossFitted(reader, state, radius, {});
    for (let fold = 0; fold < FOLDS; fold++) {
      const own = rows.filter((i) => i % FOLDS === fold);
      expectationStep(reader, state, without(fold, FOLDS), 0, own, turns);
    }
  }
  return state.poses;
}
