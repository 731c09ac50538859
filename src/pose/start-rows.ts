/** @file Where a local search starts: poses, or what an earlier search found. */
import { check } from "../core/errors.js";
import type { Poses } from "../core/types.js";
import type { PoseEstimates } from "./pose-estimates.js";
import { countPoses, POSE_STRIDE } from "./pose-row.js";

/** Rows of `PoseSearch.search`'s `previous` for the images from..to. */
export type StartRows = (from: number, to: number) => Float64Array;

export interface StartOptions {
  readonly images: Int32Array;
  readonly references: number;
  readonly keep: number;
  readonly pixelSizeAngstrom: number;
  /** Posterior below which a reference is skipped. */
  readonly prunedBelow: number;
}

/** Starts at `previous`: poses, one per image, under every reference; estimates, each reference's own. */
export function startRows(previous: Poses | PoseEstimates, options: StartOptions): StartRows {
  return "candidates" in previous ? fromEstimates(previous, options) : fromPoses(previous, options);
}

function fromPoses({ rotations, shiftsAngstrom }: Poses, options: StartOptions): StartRows {
  const { images, references, keep, pixelSizeAngstrom } = options;
  const given = rotations.count;
  check(given === images.length, "previous", `one pose for each of ${images.length} images`, given);
  return (from, to) => {
    const rows = new Float64Array((to - from) * references * keep * POSE_STRIDE).fill(-Infinity);
    for (let i = from; i < to; i++)
      for (let k = 0; k < references; k++) {
        const at = ((i - from) * references + k) * keep * POSE_STRIDE;
        rows.set(rotations.matrices.subarray(9 * i, 9 * i + 6), at);
        rows[at + 6] = shiftsAngstrom[2 * i]! / pixelSizeAngstrom;
        rows[at + 7] = shiftsAngstrom[2 * i + 1]! / pixelSizeAngstrom;
        rows[at + 8] = 0;
      }
    return rows;
  };
}

/** A score of NaN in the first slot has a reference skipped (search.ts). */
function fromEstimates(previous: PoseEstimates, options: StartOptions): StartRows {
  const { images, references, keep, pixelSizeAngstrom, prunedBelow } = options;
  const isSame = previous.images.length === images.length && images.every((image, i) => image === previous.images[i]);
  check(isSame, "previous", "estimates of the images searched", "those of others");
  check(previous.references === references, "previous", `estimates for ${references} references`, previous.references);
  const kept = Math.min(keep, previous.keep);
  const pixels = previous.pixelSizeAngstrom / pixelSizeAngstrom; // the earlier search may have had another box
  return (from, to) => {
    const rows = new Float64Array((to - from) * references * keep * POSE_STRIDE).fill(-Infinity);
    for (let slot = from * references, at = 0; slot < to * references; slot++, at += keep * POSE_STRIDE) {
      const first = slot * previous.keep * POSE_STRIDE;
      const found = previous.candidates.subarray(first, first + kept * POSE_STRIDE);
      const isBest = previous.best[Math.floor(slot / references)] === slot % references;
      const isPruned = previous.posterior[slot]! < prunedBelow && !isBest;
      if (isPruned || countPoses(found) === 0) rows[at + 8] = Number.NaN;
      else {
        rows.set(found, at);
        for (let row = at; row < at + found.length; row += POSE_STRIDE) {
          rows[row + 6]! *= pixels;
          rows[row + 7]! *= pixels;
        }
      }
    }
    return rows;
  };
}
