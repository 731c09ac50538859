/**
 * @file Legitimate other views of the same particle that cost nothing: an image mirrored, turned and moved in its plane.
 *
 *     I'(p) = I(M Rz(−α) (p − d))    M = diag(−1, 1) if mirrored, else 1
 *     R' = Rz(α) M̂ R,  t' = Rz(α) M t + d    M̂ = diag(−1, 1, −1) if mirrored: a proper rotation, seen from behind
 *
 * Exact for every particle, because ∫V(Rᵀ(−x, y, z)) dz = ∫V((M̂R)ᵀ(x, y, z)) dz (methods.md 3.3).
 */

/** What was done to an image, in this order: mirror, turn, move. */
export interface InPlane {
  /** Along x. */
  readonly mirror: boolean;
  readonly angleRad: number;
  /** d, pixels. */
  readonly dx: number;
  readonly dy: number;
}

export const UNCHANGED: InPlane = { mirror: false, angleRad: 0, dx: 0, dy: 0 };

/**
 * Rows 0 and 1 of R and the shift at `pose[at..at+8]` → those of the changed image, written at `out[to]`.
 * Shift and d in the same unit.
 */
export function changePoseInto(
  out: Float32Array | Float64Array,
  to: number,
  change: InPlane,
  pose: ArrayLike<number>,
  at: number,
): void {
  const m = change.mirror ? -1 : 1;
  const [c, s] = [Math.cos(change.angleRad), Math.sin(change.angleRad)];
  for (let j = 0; j < 3; j++) {
    const [x, y] = [m * pose[at + j]!, pose[at + 3 + j]!];
    out[to + j] = c * x - s * y;
    out[to + 3 + j] = s * x + c * y;
  }
  const [tx, ty] = [m * pose[at + 6]!, pose[at + 7]!];
  out[to + 6] = c * tx - s * ty + change.dx;
  out[to + 7] = s * tx + c * ty + change.dy;
}

/** The inverse of `changePoseInto`: from a pose of the changed image to that of the original. */
export function originalPoseInto(
  out: Float32Array | Float64Array,
  to: number,
  change: InPlane,
  pose: ArrayLike<number>,
  at: number,
): void {
  changePoseInto(out, to, undone(change), pose, at);
}

/** What takes a changed image back: of a mirror image, the turn is its own inverse. */
function undone({ mirror, angleRad, dx, dy }: InPlane): InPlane {
  const m = mirror ? -1 : 1;
  const [c, s] = [Math.cos(angleRad), Math.sin(angleRad)];
  return { mirror, angleRad: -m * angleRad, dx: -m * (c * dx + s * dy), dy: s * dx - c * dy };
}

/**
 * The changed image, by cubic convolution (Keys 1981): Float32[side side] at `out[to]`. The first row and column
 * stand for those after the last as well, so a mirror image without a turn is exact; what lies further out is 0.
 */
export function changeImageInto(
  out: Float32Array,
  to: number,
  change: InPlane,
  image: Float32Array,
  side: number,
): void {
  if (change === UNCHANGED) {
    out.set(image, to);
    return;
  }
  const half = side / 2;
  const m = change.mirror ? -1 : 1;
  const [c, s] = [Math.cos(change.angleRad), Math.sin(change.angleRad)];
  const [wx, wy] = [new Float64Array(4), new Float64Array(4)];
  const wrap = (i: number): number => ((i % side) + side) % side;
  for (let y = 0, at = to; y < side; y++)
    for (let x = 0; x < side; x++, at++) {
      const [u, v] = [x - half - change.dx, y - half - change.dy];
      const sx = m * (c * u + s * v) + half;
      const sy = -s * u + c * v + half;
      if (sx < -1 || sy < -1 || sx > side || sy > side) {
        out[at] = 0;
        continue;
      }
      const [ix, iy] = [Math.floor(sx + 1e-9), Math.floor(sy + 1e-9)];
      cubicWeights(wx, sx - ix);
      cubicWeights(wy, sy - iy);
      let sum = 0;
      for (let j = 0; j < 4; j++) {
        const row = wrap(iy - 1 + j) * side;
        let line = 0;
        for (let i = 0; i < 4; i++) line += wx[i]! * image[row + wrap(ix - 1 + i)]!;
        sum += wy[j]! * line;
      }
      out[at] = sum;
    }
}

/** Weights of the samples at −1, 0, 1, 2 for the value at f in [0, 1). */
export function cubicWeights(w: Float64Array, f: number): void {
  const [f2, f3] = [f * f, f * f * f];
  w[0] = -0.5 * f + f2 - 0.5 * f3;
  w[1] = 1 - 2.5 * f2 + 1.5 * f3;
  w[2] = 0.5 * f + 2 * f2 - 1.5 * f3;
  w[3] = -0.5 * f2 + 0.5 * f3;
}
