/**
 * @file Score of a pose, its gradient, and the Gauss–Newton precision, in one pass over the points.
 *
 * A small turn ω in the camera's frame, R → exp([ω]×) R, and a small shift t move the model m = C·S by
 *
 *     ∂S/∂ωx = −ky T,  ∂S/∂ωy = kx T,  ∂S/∂ωz = N = ky S_x − kx S_y,   ∂m/∂t = −i (2π/box) k m
 *
 * with S_x, S_y, T the derivatives of the transform along the rows of R. With J = (∂m/∂ω, ∂m/∂t) the gradient of
 * the score is Re J*(x − m) and the precision (inverse covariance) of the pose Re J*J, noise having variance 1.
 */
import type { Slicer } from "./slicer.js";

/** Parameters of a pose: ωx, ωy, ωz in rad, tx, ty in pixels. */
export const PARAMETERS = 5;

export interface NormalEquations {
  score: number;
  /** Float64[5] */
  readonly gradient: Float64Array;
  /** Float64[5 5] */
  readonly precision: Float64Array;
}

export function emptyNormalEquations(): NormalEquations {
  return { score: 0, gradient: new Float64Array(PARAMETERS), precision: new Float64Array(PARAMETERS ** 2) };
}

/** At the pose row at `poses[at]`, whose shift has been taken out of the slicer's image, of side `box`. */
export function normalEquationsInto(
  out: NormalEquations,
  slicer: Slicer,
  box: number,
  points: number,
  poses: ArrayLike<number>,
  at: number,
): void {
  const { score, sums } = slicer.moments(points, poses, at);
  const theta = (2 * Math.PI) / box;
  const sum = (i: number): number => sums[i]!;
  out.score = score;
  out.gradient.set([-sum(0), sum(1), sum(2), theta * sum(3), theta * sum(4)]);
  const [xx, xy, yy, xz, yz, zz] = [sum(5), -sum(6), sum(7), -sum(8), sum(9), sum(10)];
  const [xu, xv, yu, zu, zv] = [-theta * sum(11), -theta * sum(12), theta * sum(13), theta * sum(14), theta * sum(15)];
  const [uu, uv, vv] = [theta ** 2 * sum(16), theta ** 2 * sum(17), theta ** 2 * sum(18)];
  out.precision.set([xx, xy, xz, xu, xv]);
  out.precision.set([xy, yy, yz, yu, -xu], PARAMETERS);
  out.precision.set([xz, yz, zz, zu, zv], 2 * PARAMETERS);
  out.precision.set([xu, yu, zu, uu, uv], 3 * PARAMETERS);
  out.precision.set([xv, -xu, zv, uv, vv], 4 * PARAMETERS);
}
