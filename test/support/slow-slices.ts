/** @file Score, gradient and precision of a pose as their definitions say, in double precision: slices by plain look-up. */
import type { FourierRaster } from "../../src/imaging/fourier-raster.js";
import type { HalfPlane } from "../../src/imaging/half-plane.js";
import type { LoadedImage } from "../../src/pose/loaded-image.js";

type Complex = readonly [re: number, im: number];
interface Value {
  readonly at: Complex;
  /** Along x, y, z, per grid cell. */
  readonly slopes: readonly [Complex, Complex, Complex];
}

/** Value and derivatives of the trilinear function at a point of the grid. */
function trilinear({ size, values }: FourierRaster, position: readonly number[]): Value {
  const low = position.map(Math.trunc);
  const sum = (weights: readonly (readonly [number, number])[]): Complex => {
    let [re, im] = [0, 0];
    for (let corner = 0; corner < 8; corner++) {
      const bits = [corner & 1, (corner >> 1) & 1, corner >> 2];
      const [x, y, z] = low.map((i, axis) => i + bits[axis]!) as [number, number, number];
      const weight = weights.reduce((product, pair, axis) => product * pair[bits[axis]!]!, 1);
      re += weight * values[2 * ((z * size + y) * size + x)]!;
      im += weight * values[2 * ((z * size + y) * size + x) + 1]!;
    }
    return [re, im];
  };
  const hats = position.map((x, axis) => [1 - (x - low[axis]!), x - low[axis]!] as const);
  const sloped = (axis: number): Complex => sum(hats.map((hat, i) => (i === axis ? [-1, 1] : hat)));
  return { at: sum(hats), slopes: [sloped(0), sloped(1), sloped(2)] };
}

export interface SlowComparison {
  readonly score: number;
  readonly gradient: readonly number[];
  /** [5][5] */
  readonly precision: readonly (readonly number[])[];
}

/** Of the first `points` of the image, moved back by the pose's shift. */
export function slowComparison(
  raster: FourierRaster,
  plane: HalfPlane,
  points: number,
  image: LoadedImage,
  pose: ArrayLike<number>,
): SlowComparison {
  const a = [pose[0]!, pose[1]!, pose[2]!];
  const b = [pose[3]!, pose[4]!, pose[5]!];
  const c = [0, 1, 2].map((i) => a[(i + 1) % 3]! * b[(i + 2) % 3]! - a[(i + 2) % 3]! * b[(i + 1) % 3]!);
  const gradient = [0, 0, 0, 0, 0];
  const precision = gradient.map(() => [0, 0, 0, 0, 0]);
  let score = 0;
  for (let p = 0; p < points; p++) {
    const [u, v] = [plane.kx[p]!, plane.ky[p]!];
    const position = a.map((_, i) => (u * a[i]! + v * b[i]!) * raster.oversampling + (raster.size - 1) / 2);
    const { at, slopes } = trilinear(raster, position);
    const along = (row: readonly number[], part: number): number =>
      raster.oversampling * slopes.reduce((sum, slope, i) => sum + slope[part]! * row[i]!, 0);
    const angle = (2 * Math.PI * (u * pose[6]! + v * pose[7]!)) / plane.box;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const y = [image.y[2 * p]! * cos - image.y[2 * p + 1]! * sin, image.y[2 * p]! * sin + image.y[2 * p + 1]! * cos];
    const weight = image.squares[p]!;
    // ∂S/∂(ωx, ωy, ωz, tx, ty), re and im.
    const theta = (2 * Math.PI) / plane.box;
    const rows = [0, 1].map((part) => [
      -v * along(c, part),
      u * along(c, part),
      v * along(a, part) - u * along(b, part),
      theta * u * (part === 0 ? at[1] : -at[0]),
      theta * v * (part === 0 ? at[1] : -at[0]),
    ]);
    for (const part of [0, 1]) {
      score += at[part]! * (y[part]! - 0.5 * weight * at[part]!);
      const row = rows[part]!;
      row.forEach((d, i) => {
        gradient[i]! += d * (y[part]! - weight * at[part]!);
        row.forEach((e, j) => {
          precision[i]![j]! += weight * d * e;
        });
      });
    }
  }
  return { score, gradient, precision };
}
