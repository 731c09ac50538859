/** @file Points counted on a grid and smoothed by a Gaussian: the density that a picture can show of any number of points. */

export interface SmoothedCounts {
  readonly columns: number;
  readonly rows: number;
  /** Float64[rows columns], points per cell; row 0 at the low end of y. */
  readonly counts: Float64Array;
}

/** `ranges`: low and high of x and of y. `sigma`: smoothing in cells. Points outside are left out. */
export function smoothedCounts(
  { x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  ranges: readonly [x: readonly [number, number], y: readonly [number, number]],
  cells: readonly [columns: number, rows: number],
  sigma: number,
): SmoothedCounts {
  const [columns, rows] = cells;
  const [[x0, x1], [y0, y1]] = ranges;
  const counts = new Float64Array(columns * rows);
  for (let i = 0; i < x.length; i++) {
    const column = Math.floor((columns * (x[i]! - x0)) / (x1 - x0));
    const row = Math.floor((rows * (y[i]! - y0)) / (y1 - y0));
    if (column >= 0 && column < columns && row >= 0 && row < rows) counts[row * columns + column]!++;
  }
  const across = blurred(counts, [columns, 1], [rows, columns], sigma);
  return { columns, rows, counts: blurred(across, [rows, columns], [columns, 1], sigma) };
}

/** Lines of `count` values `stride` apart, one per `lines`, each convolved with a Gaussian; what would fall outside stays at the edge. */
function blurred(
  values: Float64Array,
  [count, stride]: readonly [number, number],
  [lines, step]: readonly [number, number],
  sigma: number,
): Float64Array {
  if (sigma <= 0) return values;
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / sigma) ** 2) / 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  const out = new Float64Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < count; i++) {
      const value = values[line * step + i * stride]! / sum;
      if (value === 0) continue;
      for (let j = -reach; j <= reach; j++) {
        const to = Math.max(0, Math.min(count - 1, i + j));
        out[line * step + to * stride]! += value * kernel[j + reach]!;
      }
    }
  return out;
}
