/**
 * @file Poses that differ by a turn of the particle's core.
 *
 * A core that repeats about an axis, as a spike's stalk does, gives every image poses R·g that a search cannot tell apart: only
 * what moves on one side of it does. So frame and motion are found together. With e_g the log-evidence of an image at R·g, z
 * solved for, one of the turns g is drawn ∝ exp e_g (stochastic EM), or the best is taken; the image's evidence is
 * ln mean_g exp e_g: all are as likely beforehand.
 */
import type { Random } from "../core/random.js";
import type { Matrix3 } from "../geometry/rotation.js";
import type { LoadedImage } from "../pose/loaded-image.js";
import type { JointClimber, JointEstimate } from "./joint-climb.js";

/** A turn about an axis through the point c: r → g (r − c) + c. */
export interface CoreTurn {
  /** g, in the map's frame. */
  readonly rotation: Matrix3;
  /** c − g c, pixels. */
  readonly offsetPixels: readonly [number, number, number];
}

/** Turns of the core, the identity among them, and how one is chosen. */
export interface CoreTurns {
  readonly operators: readonly CoreTurn[];
  /** One is drawn; without, the best is taken. */
  readonly random?: Random;
}

/** What an image says at the turn chosen. */
export interface TakenTurn {
  readonly estimate: JointEstimate;
  /** Log-evidence under all turns, less that under the one chosen. */
  readonly spread: number;
}

/** `pose` and `z` at the turn chosen. */
export function takeTurn(
  climber: Pick<JointClimber, "solve">,
  image: LoadedImage,
  pose: Float64Array,
  z: Float64Array,
  { operators, random }: CoreTurns,
): TakenTurn {
  const tried = operators.map((g) => {
    const [turned, solved] = [turnedPose(pose, g), z.slice()];
    return { turned, solved, estimate: climber.solve(image, turned, solved) };
  });
  const top = Math.max(...tried.map(({ estimate }) => estimate.evidence));
  const weights = tried.map(({ estimate }) => Math.exp(estimate.evidence - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  const { turned, solved, estimate } = tried[random === undefined ? weights.indexOf(1) : drawn(weights, sum, random)]!;
  pose.set(turned);
  z.set(solved);
  return { estimate, spread: top + Math.log(sum / tried.length) - estimate.evidence };
}

function drawn(weights: readonly number[], sum: number, random: Random): number {
  let left = random.uniform() * sum;
  const at = weights.findIndex((weight) => {
    left -= weight;
    return left <= 0;
  });
  return at < 0 ? weights.length - 1 : at;
}

/** The pose row of R·g, its shift moved by R (c − g c). */
export function turnedPose(pose: Float64Array, { rotation: g, offsetPixels: d }: CoreTurn): Float64Array {
  const out = pose.slice();
  for (const axis of [0, 1]) {
    const [x, y, z] = pose.subarray(3 * axis, 3 * axis + 3) as unknown as [number, number, number];
    for (let c = 0; c < 3; c++) out[3 * axis + c] = x * g[c]! + y * g[3 + c]! + z * g[6 + c]!;
    out[6 + axis] = pose[6 + axis]! + x * d[0] + y * d[1] + z * d[2];
  }
  return out;
}
