/** @file What a search has found of every image: best poses, their posterior, and that of the references. */
import type { Poses } from "../core/types.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "./plan.js";
import { POSE_STRIDE, rotationOfPose } from "./pose-row.js";

export interface PoseEstimates {
  readonly kind: "pose-estimates";
  /** Int32[count], indices into the set. */
  readonly images: Int32Array;
  readonly references: number;
  /** Per image, under the reference that explains it best. */
  readonly poses: Poses;
  /** Int32[count], 0-based: that reference. */
  readonly best: Int32Array;
  /** Float64[count], rad: 68 % of the posterior of that reference lie this near the pose. */
  readonly spreadRad: Float64Array;
  /** Float64[count references]: log Σ exp(score) over the poses kept; scores are log-likelihoods up to ½‖x‖². */
  readonly evidence: Float64Array;
  /** Float32[count references], rows sum to 1: posterior of the references, equal before. */
  readonly posterior: Float32Array;
  /** Poses kept per image and reference, the best first: Float64[count references keep 9], pose rows, shifts in pixels. */
  readonly candidates: Float64Array;
  /** Of the working box, the pixels of `candidates`. */
  readonly pixelSizeAngstrom: number;
  /** Float32[count references keep], sums to 1 per image: posterior of the kept poses, the soft assignment of EM. */
  readonly weights: Float32Array;
  readonly keep: number;
  readonly plan: SearchPlan;
  /** Templates held by every thread. */
  readonly templateBytes: number;
}

/** Rows of all images as `PoseSearch.search` returns them. */
export interface FoundRows {
  readonly evidence: Float64Array;
  readonly spread: Float64Array;
  readonly candidates: Float64Array;
}

/**
 * The estimates that follow from what was found. Of the scores' coefficients a part is independent (windowed images):
 * posteriors are of that part.
 */
export function poseEstimates(
  found: FoundRows,
  images: Int32Array,
  references: number,
  plan: SearchPlan,
  set: PreparedParticles,
): Omit<PoseEstimates, "templateBytes"> {
  const { evidence, spread, candidates } = found;
  const { keep } = plan;
  const count = images.length;
  const best = new Int32Array(count);
  const spreadRad = new Float64Array(count);
  const posterior = new Float32Array(evidence.length);
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const row = evidence.subarray(i * references, (i + 1) * references);
    best[i] = row.reduce((top, value, k) => (value > row[top]! ? k : top), 0);
    const slot = i * references + best[i]!;
    const share = (value: number): number => Math.exp(set.windowPower * (value - row[best[i]!]!));
    const total = row.reduce((sum, value) => sum + share(value), 0);
    row.forEach((value, k) => {
      posterior[i * references + k] = share(value) / total;
    });
    spreadRad[i] = spread[slot]!;
    const at = slot * keep * POSE_STRIDE;
    matrices.set(rotationOfPose(candidates, at), 9 * i);
    shiftsAngstrom.set(
      [candidates[at + 6]! * set.pixelSizeAngstrom, candidates[at + 7]! * set.pixelSizeAngstrom],
      2 * i,
    );
  }
  return {
    kind: "pose-estimates",
    images,
    references,
    poses: { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom },
    best,
    spreadRad,
    evidence,
    posterior,
    candidates,
    pixelSizeAngstrom: set.pixelSizeAngstrom,
    weights: posteriorOfPoses(candidates, posterior, keep, set.windowPower),
    keep,
    plan,
  };
}

/** Each pose's share of its reference's posterior. */
function posteriorOfPoses(
  candidates: Float64Array,
  posterior: Float32Array,
  keep: number,
  independent: number,
): Float32Array {
  const weights = new Float32Array(posterior.length * keep);
  posterior.forEach((share, slot) => {
    const scores = Array.from({ length: keep }, (_, j) => candidates[(slot * keep + j) * POSE_STRIDE + 8]!);
    const top = Math.max(...scores);
    if (top === -Infinity) return;
    const parts = scores.map((score) => Math.exp(independent * (score - top)));
    const total = parts.reduce((sum, part) => sum + part, 0);
    parts.forEach((part, j) => {
      weights[slot * keep + j] = (share * part) / total;
    });
  });
  return weights;
}
