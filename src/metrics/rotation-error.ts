/**
 * @file Pose error after the global rotation and the hand are taken out.
 *
 * An ab initio map has a frame and a hand of its own: found poses R and true poses G agree up to
 *
 *     G ≈ E R Q,   E = I or diag(1, 1, −1),   Q orthogonal with det Q = det E
 *
 * and the maps correspondingly by V_true(p) = V_found(Q p). Q is first read off single images (the anchor whose frame
 * leaves the smallest median ‖E R Q − G‖), then replaced by the chordal mean over the images it explains,
 * the projection of Σ (E R)ᵀ G onto orthogonal matrices. Published evaluations stop at the anchor and add its error to all.
 * Source: methods of DRGN-AI and Hydra (Levy et al. 2024); the mean: Hartley et al. 2013, IJCV 103, 267.
 */
import { determinant, Matrix, SingularValueDecomposition } from "ml-matrix";
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { quantile } from "./quantile.js";

export interface RotationErrorOptions {
  /** Rotations under which the true object looks the same, in its own frame, the identity among them. @default none */
  readonly symmetry?: Rotations;
  /** Images whose frame is tried. @default 100 */
  readonly anchors?: number;
}

export interface RotationError {
  /** Whether the found map is the mirror image of the true one. */
  readonly hand: "same" | "mirrored";
  /** Q: nine numbers, row-major; improper when mirrored. */
  readonly frame: readonly number[];
  /** The found rotations in the true frame, E R Q. */
  readonly aligned: Rotations;
  /** Float64[count], 0..π: angle of the rotation that is left. */
  readonly errorsRad: Float64Array;
  /** Float64[count], 0..π: angle between the viewing directions. */
  readonly viewErrorsRad: Float64Array;
  /** Float64[count], 0..π: difference of the first zxz Euler angle (ill-defined for views along z). */
  readonly inPlaneErrorsRad: Float64Array;
}

/** Images used to judge an anchor; more would not change which is best. */
const JUDGES = 2000;
const HANDS = ["same", "mirrored"] as const;

/** Align `found` to `truth` over a global rotation and both hands and compare image by image. */
export function rotationError(found: Rotations, truth: Rotations, options: RotationErrorOptions = {}): RotationError {
  const { symmetry = { kind: "rotations", count: 1, matrices: new Float64Array(EYE) }, anchors = 100 } = options;
  check(found.count === truth.count, "found", `one rotation per true rotation (${truth.count})`, found.count);
  check(found.count > 0, "found", "at least one rotation", found.count);
  check(found.matrices.every(Number.isFinite), "found", "finite rotations", "NaN");
  check(truth.matrices.every(Number.isFinite), "truth", "finite rotations", "NaN");
  const [best] = HANDS.map((hand) => bestFrame(hand, found, truth, symmetry, anchors)).sort(
    (a, b) => a.score - b.score,
  );
  return { ...compare(best!.aligned, truth, symmetry), ...best!, errorsRad: best!.errorsRad };
}

interface Candidate {
  readonly hand: (typeof HANDS)[number];
  readonly frame: readonly number[];
  readonly aligned: Rotations;
  readonly errorsRad: Float64Array;
  readonly score: number;
}

const EYE: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];

function bestFrame(
  hand: (typeof HANDS)[number],
  found: Rotations,
  truth: Rotations,
  symmetry: Rotations,
  anchors: number,
): Candidate {
  const turned = hand === "same" ? found : mirrored(found);
  const judges = strided(found.count, JUDGES);
  let frame: readonly number[] = EYE;
  let smallest = Number.POSITIVE_INFINITY;
  for (const anchor of strided(found.count, anchors)) {
    const q = frameOfImage(turned, truth, anchor);
    const score = quantile(errorsUnder(q, turned, truth, symmetry, judges), 0.5);
    if (score < smallest) [frame, smallest] = [q, score];
  }
  const all = strided(found.count, found.count);
  for (let round = 0; round < 5; round++) frame = chordalMean(frame, turned, truth, symmetry, all);
  const errorsRad = errorsUnder(frame, turned, truth, symmetry, all);
  return { hand, frame, aligned: times(turned, frame), errorsRad, score: quantile(errorsRad, 0.5) };
}

/** Q = (E R)ᵀ G of one image. */
function frameOfImage(turned: Rotations, truth: Rotations, index: number): number[] {
  const q = new Array<number>(9).fill(0);
  addOuter(q, turned.matrices, 9 * index, truth.matrices, 9 * index);
  return q;
}

/** The frame that fits the images which the present one explains: within three times the first quartile of the errors. */
function chordalMean(
  frame: readonly number[],
  turned: Rotations,
  truth: Rotations,
  symmetry: Rotations,
  images: Int32Array,
): readonly number[] {
  const mates = new Int32Array(images.length);
  const errors = errorsUnder(frame, turned, truth, symmetry, images, mates);
  const reach = Math.max(3 * quantile(errors, 0.25), 1e-6);
  const sum = new Array<number>(9).fill(0);
  for (let i = 0; i < images.length; i++)
    if (errors[i]! <= reach) {
      const mate = times1(truth.matrices, 9 * images[i]!, symmetry.matrices, 9 * mates[i]!);
      addOuter(sum, turned.matrices, 9 * images[i]!, mate, 0);
    }
  return nearestOrthogonal(sum, determinant(new Matrix([frame.slice(0, 3), frame.slice(3, 6), frame.slice(6, 9)])));
}

/** The orthogonal matrix of the wanted handedness nearest to a 3×3 matrix (Kabsch 1976). */
function nearestOrthogonal(m: readonly number[], handedness: number): readonly number[] {
  const svd = new SingularValueDecomposition(new Matrix([m.slice(0, 3), m.slice(3, 6), m.slice(6, 9)]), {});
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const flip = determinant(u) * determinant(v) * handedness < 0 ? -1 : 1;
  return u
    .mmul(Matrix.diag([1, 1, flip]))
    .mmul(v.transpose())
    .to1DArray();
}

/** Float64[images]: angle between E R Q and the nearest of the symmetry mates of G; `mates` receives which. */
function errorsUnder(
  q: readonly number[],
  turned: Rotations,
  truth: Rotations,
  symmetry: Rotations,
  images: Int32Array,
  mates?: Int32Array,
): Float64Array {
  const errors = new Float64Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const aligned = times1(turned.matrices, 9 * images[i]!, q, 0);
    let smallest = Number.POSITIVE_INFINITY;
    for (let s = 0; s < symmetry.count; s++) {
      const mate =
        symmetry.count === 1 ? truth.matrices : times1(truth.matrices, 9 * images[i]!, symmetry.matrices, 9 * s);
      const square = squaredDistance(aligned, 0, mate, symmetry.count === 1 ? 9 * images[i]! : 0);
      if (square < smallest) {
        smallest = square;
        if (mates !== undefined) mates[i] = s;
      }
    }
    errors[i] = angleOfChord(smallest);
  }
  return errors;
}

/** ‖A − B‖² = 4 (1 − cos θ); the arc sine keeps its digits near zero where arccos loses them. */
function angleOfChord(square: number): number {
  return 2 * Math.asin(Math.min(1, Math.sqrt(square / 8)));
}

function compare(
  aligned: Rotations,
  truth: Rotations,
  symmetry: Rotations,
): Pick<RotationError, "viewErrorsRad" | "inPlaneErrorsRad"> {
  const viewErrorsRad = new Float64Array(aligned.count);
  const inPlaneErrorsRad = new Float64Array(aligned.count);
  const mates = new Int32Array(aligned.count);
  errorsUnder(EYE, aligned, truth, symmetry, strided(aligned.count, aligned.count), mates);
  for (let i = 0; i < aligned.count; i++) {
    const a = aligned.matrices.subarray(9 * i, 9 * i + 9);
    const b = times1(truth.matrices, 9 * i, symmetry.matrices, 9 * mates[i]!);
    viewErrorsRad[i] = 2 * Math.asin(Math.min(1, Math.hypot(a[6]! - b[6]!, a[7]! - b[7]!, a[8]! - b[8]!) / 2));
    // R = Rz(α) Rx(β) Rz(γ): the last column is sin β (sin α, −cos α).
    const turn = Math.atan2(a[2]!, -a[5]!) - Math.atan2(b[2]!, -b[5]!);
    inPlaneErrorsRad[i] = Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
  }
  return { viewErrorsRad, inPlaneErrorsRad };
}

/** E R with E = diag(1, 1, −1): the third rows change sign. */
function mirrored(rotations: Rotations): Rotations {
  const matrices = rotations.matrices.slice();
  for (let i = 6; i < matrices.length; i += 9) for (let j = 0; j < 3; j++) matrices[i + j] = -matrices[i + j]!;
  return { kind: "rotations", count: rotations.count, matrices };
}

function times(rotations: Rotations, q: readonly number[]): Rotations {
  const matrices = new Float64Array(rotations.matrices.length);
  for (let i = 0; i < rotations.count; i++) matrices.set(times1(rotations.matrices, 9 * i, q, 0), 9 * i);
  return { kind: "rotations", count: rotations.count, matrices };
}

/** A B of two row-major 3×3 matrices that start at `i` and `j`. */
function times1(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number[] {
  const out = new Array<number>(9);
  for (let r = 0; r < 3; r++)
    for (let c = 0; c < 3; c++)
      out[3 * r + c] =
        a[i + 3 * r]! * b[j + c]! + a[i + 3 * r + 1]! * b[j + 3 + c]! + a[i + 3 * r + 2]! * b[j + 6 + c]!;
  return out;
}

/** out += Aᵀ B. */
function addOuter(out: number[], a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): void {
  for (let k = 0; k < 3; k++)
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) out[3 * r + c]! += a[i + 3 * k + r]! * b[j + 3 * k + c]!;
}

function squaredDistance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  let sum = 0;
  for (let k = 0; k < 9; k++) sum += (a[i + k]! - b[j + k]!) ** 2;
  return sum;
}

/** At most `wanted` of 0..count−1 at equal spacing. */
function strided(count: number, wanted: number): Int32Array {
  const n = Math.max(1, Math.min(count, wanted));
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}
