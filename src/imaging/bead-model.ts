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
  const values = new Float64Array(2 * box ** 3);
  const plane = beadPhases(model, box, pixelSizeAngstrom, [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0]);
  const { x, y, z, envelope } = plane;
  const half = box / 2;
  for (let kz = 0; kz < box; kz++)
    for (let ky = 0; ky < box; ky++)
      for (let kx = 0; kx < box; kx++) {
        if (kx === half || ky === half || kz === half) continue;
        const at = 2 * ((kz * box + ky) * box + kx);
        const damping = envelope[kx]! * envelope[ky]! * envelope[kz]!;
        if (damping < 1e-9) continue;
        for (let j = 0; j < model.count; j++) {
          const a = 2 * (kx * model.count + j);
          const b = 2 * (ky * model.count + j);
          const c = 2 * (kz * model.count + j);
          const re = x[a]! * y[b]! - x[a + 1]! * y[b + 1]!;
          const im = x[a]! * y[b + 1]! + x[a + 1]! * y[b]!;
          values[at]! += damping * (re * z[c]! - im * z[c + 1]!);
          values[at + 1]! += damping * (re * z[c + 1]! + im * z[c]!);
        }
      }
  const scale = box ** -1.5;
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
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
  const { box } = grid;
  const { x, y, envelope } = beadPhases(model, box, grid.pixelSizeAngstrom, pose.rotation, pose.shiftAngstrom);
  const out = new Float64Array(2 * box * box);
  const half = box / 2;
  const n = model.count;
  for (let ky = 0; ky < box; ky++)
    for (let kx = 0; kx < half; kx++) {
      if (ky === half) continue;
      let re = 0;
      let im = 0;
      for (let j = 0, a = 2 * kx * n, b = 2 * ky * n; j < n; j++, a += 2, b += 2) {
        re += x[a]! * y[b]! - x[a + 1]! * y[b + 1]!;
        im += x[a]! * y[b + 1]! + x[a + 1]! * y[b]!;
      }
      const damping = (envelope[kx]! * envelope[ky]!) / box;
      const at = 2 * (ky * box + kx);
      out[at] = re * damping;
      out[at + 1] = im * damping;
      if (kx === 0) continue;
      const mirror = 2 * (((box - ky) % box) * box + (box - kx));
      out[mirror] = re * damping;
      out[mirror + 1] = -im * damping;
    }
  return out;
}

/** exp(−2πi k p) of every bead along each camera axis, Float64[box count 2]; weights ride on x. */
function beadPhases(
  model: BeadModel,
  box: number,
  pixelSizeAngstrom: number,
  rotation: Matrix3,
  shift: readonly [number, number],
): { x: Float64Array; y: Float64Array; z: Float64Array; envelope: Float64Array } {
  const { count, positionsAngstrom: p, weights } = model;
  const axes = [0, 1, 2].map((axis) => {
    const out = new Float64Array(2 * box * count);
    for (let j = 0; j < count; j++) {
      const [r0, r1, r2] = [rotation[3 * axis]!, rotation[3 * axis + 1]!, rotation[3 * axis + 2]!];
      const along = r0 * p[3 * j]! + r1 * p[3 * j + 1]! + r2 * p[3 * j + 2]! + (axis < 2 ? shift[axis]! : 0);
      const weight = axis === 0 ? weights[j]! : 1;
      const step = (-2 * Math.PI * along) / (box * pixelSizeAngstrom);
      for (let k = 0; k < box; k++) {
        const angle = step * (k < box / 2 ? k : k - box);
        out[2 * (k * count + j)] = weight * Math.cos(angle);
        out[2 * (k * count + j) + 1] = weight * Math.sin(angle);
      }
    }
    return out;
  });
  const falloff = -2 * (Math.PI * (model.sigmaAngstrom / (box * pixelSizeAngstrom))) ** 2;
  const envelope = Float64Array.from({ length: box }, (_, k) => Math.exp(falloff * Math.min(k, box - k) ** 2));
  return { x: axes[0]!, y: axes[1]!, z: axes[2]!, envelope };
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
