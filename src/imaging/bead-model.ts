/**
 * @file A particle of Gaussian beads with a hinge, rendered exactly in Fourier space.
 *
 *     F(k) = Σ_j w_j exp(−2π²σ²|k|²) exp(−2πi k·p_j)
 *
 * No voxel grid is interpolated, so a reconstruction cannot profit from its simulator's interpolation.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check } from "../core/errors.js";
import { type Random, seededRandom } from "../core/random.js";
import type { Volume } from "../core/types.js";
import { type Matrix3, rotationFromVector } from "../geometry/rotation.js";
import { volumeFromTransform } from "./fourier.js";
import { transformOfPoints } from "./point-transform.js";

type Vector3 = readonly [number, number, number];

/** An ellipsoid filled with beads at random. */
export interface Domain {
  readonly centreAngstrom: Vector3;
  readonly semiAxesAngstrom: Vector3;
  readonly beads: number;
  /** Turns with the hinge. @default false */
  readonly moves?: boolean;
}

/** One species of a recipe: domains, and a hinge that turns some of them by z · angleDeg, z ~ N(0, 1) or U(−1, 1). */
export interface Species {
  readonly name: string;
  readonly seed: number;
  readonly domains: readonly Domain[];
  readonly hinge: { readonly originAngstrom: Vector3; readonly axis: Vector3; readonly angleDeg: number };
}

/** Beads: positions Float64[count 3] Å relative to the centre of mass at rest, and weights. */
export interface BeadModel {
  readonly kind: "bead-model";
  readonly count: number;
  readonly positionsAngstrom: Float64Array;
  readonly weights: Float64Array;
  /** Width of a bead (standard deviation). */
  readonly sigmaAngstrom: number;
}

/** The beads of `species` at hinge coordinate `z`. Same seed, same beads. */
export function beadModel(species: Species, z = 0, sigmaAngstrom = 5): BeadModel {
  const random = seededRandom(species.seed);
  const turn = hingeRotation(species, z);
  const origin = species.hinge.originAngstrom;
  const count = species.domains.reduce((sum, domain) => sum + domain.beads, 0);
  check(count > 0, "species.domains", "at least one bead", count);
  const rest = new Float64Array(3 * count);
  const moved = new Float64Array(3 * count);
  const weights = new Float64Array(count);
  let bead = 0;
  for (const domain of species.domains)
    for (let j = 0; j < domain.beads; j++, bead++) {
      const inBall = ball(random);
      const p = domain.centreAngstrom.map((c, a) => c + domain.semiAxesAngstrom[a]! * inBall[a]!);
      rest.set(p, 3 * bead);
      const q = domain.moves === true ? rotateAbout(p, origin, turn) : p;
      moved.set(q, 3 * bead);
      weights[bead] = 0.5 + random.uniform();
    }
  centre(moved, rest, weights);
  return { kind: "bead-model", count, positionsAngstrom: moved, weights, sigmaAngstrom };
}

/** The map of a bead model, exact at every frequency of the box. */
export function beadVolume(model: BeadModel, box: number, pixelSizeAngstrom: number): Volume {
  const pixels = model.positionsAngstrom.map((p) => p / pixelSizeAngstrom);
  const values = transformOfPoints(pixels, model.weights, box, 3);
  damp(values, box, 3, model.sigmaAngstrom / pixelSizeAngstrom, box ** -1.5);
  return volumeFromTransform({ kind: "fourier-array", side: box, rank: 3, values }, pixelSizeAngstrom);
}

/**
 * The projection's transform: Float64[box box 2], DC first, unitary like `transformImage`.
 * `rotation` is object → camera; `shiftAngstrom` displaces the particle in the image.
 */
export function beadProjection(
  model: BeadModel,
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  pose: { readonly rotation: Matrix3; readonly shiftAngstrom: readonly [number, number] },
): Float64Array {
  const { box, pixelSizeAngstrom } = grid;
  const { count, positionsAngstrom: p, weights, sigmaAngstrom } = model;
  const seen = new Float64Array(2 * count);
  for (let axis = 0; axis < 2; axis++) {
    const [r0, r1, r2] = [0, 1, 2].map((i) => pose.rotation[3 * axis + i]! / pixelSizeAngstrom) as [
      number,
      number,
      number,
    ];
    const shift = pose.shiftAngstrom[axis]! / pixelSizeAngstrom;
    for (let j = 0; j < count; j++)
      seen[2 * j + axis] = r0 * p[3 * j]! + r1 * p[3 * j + 1]! + r2 * p[3 * j + 2]! + shift;
  }
  const values = transformOfPoints(seen, weights, box, 2);
  damp(values, box, 2, sigmaAngstrom / pixelSizeAngstrom, 1 / box);
  return values;
}

/** Times the transform of a bead of width `sigmaPixels`, and `scale`, in place. */
function damp(values: Float64Array, box: number, axes: 2 | 3, sigmaPixels: number, scale: number): void {
  const falloff = -2 * (Math.PI * (sigmaPixels / box)) ** 2;
  const envelope = Float64Array.from({ length: box }, (_, k) => Math.exp(falloff * Math.min(k, box - k) ** 2));
  for (let row = 0, at = 0; row < box ** (axes - 1); row++) {
    const ofRow = scale * envelope[row % box]! * (axes === 3 ? envelope[Math.floor(row / box)]! : 1);
    for (let x = 0; x < box; x++, at += 2) {
      values[at]! *= ofRow * envelope[x]!;
      values[at + 1]! *= ofRow * envelope[x]!;
    }
  }
}

function hingeRotation(species: Species, z: number): Matrix3 {
  const { axis, angleDeg } = species.hinge;
  const length = Math.hypot(...axis);
  check(length > 0, "hinge.axis", "a non-zero vector", axis);
  const angle = (z * angleDeg * RADIANS_PER_DEGREE) / length;
  return rotationFromVector([axis[0] * angle, axis[1] * angle, axis[2] * angle]);
}

function rotateAbout(p: readonly number[], origin: Vector3, r: Matrix3): number[] {
  const d = [p[0]! - origin[0], p[1]! - origin[1], p[2]! - origin[2]];
  return [0, 1, 2].map((i) => r[3 * i]! * d[0]! + r[3 * i + 1]! * d[1]! + r[3 * i + 2]! * d[2]! + origin[i]!);
}

/** A point of the unit ball, uniform. */
function ball(random: Random): number[] {
  const v = [random.normal(), random.normal(), random.normal()];
  const scale = Math.cbrt(random.uniform()) / Math.hypot(...v);
  return v.map((c) => c * scale);
}

/** Put the centre of mass of the model at rest at the origin. */
function centre(positions: Float64Array, rest: Float64Array, weights: Float64Array): void {
  const total = weights.reduce((a, b) => a + b, 0);
  for (let axis = 0; axis < 3; axis++) {
    let mean = 0;
    for (let j = 0; j < weights.length; j++) mean += (weights[j]! * rest[3 * j + axis]!) / total;
    for (let j = 0; j < weights.length; j++) positions[3 * j + axis]! -= mean;
  }
}
