/**
 * @file From the sums of the images to maps of the mean and the modes: the normal equations of every cell.
 *
 *     (D(g) + diag p(|g|)) V(g) = N(g)        p = 1 / (signal power · cells per Fourier pixel³), the Wiener filter's
 *
 * The modes are let be as strong as the mean: a stronger prior was seen to kill weak motion. What holds them is the
 * particle's mask, applied in real space, and the agreement of half-sets (half-set-filter.ts).
 */
import type { Volume } from "../core/types.js";
import { volumeFromAccumulators } from "../imaging/accumulated-volume.js";
import { newAccumulator } from "../imaging/fourier-accumulator.js";
import type { SubspaceSums } from "./subspace-sums.js";

/** Maps of the mean and the modes on `grid`, from sealed sums. `signalPower`: Float64[shells], of the mean. */
export function solveSubspace(
  sealed: SubspaceSums,
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  signalPower: ArrayLike<number>,
): readonly Volume[] {
  const { sums, size, half, width, zDim, radius, oversampling } = sealed;
  const modes = 1 + zDim;
  const middle = (size - 1) / 2;
  const parts = Array.from({ length: modes }, () => newAccumulator(radius, oversampling));
  const matrix = new Float64Array(modes * modes);
  const right = new Float64Array(2 * modes);
  for (let z = -middle, cell = 0; z <= middle; z++)
    for (let y = -middle; y <= middle; y++)
      for (let x = 0; x < half; x++, cell++) {
        const r = Math.sqrt(x * x + y * y + z * z) / oversampling;
        if (r > radius + 0.5) continue;
        const prior = 1 / (signalPower[Math.min(signalPower.length - 1, Math.round(r))]! * oversampling ** 3);
        const at = width * cell;
        for (let u = 0, q = at + 2 * modes; u < modes; u++)
          for (let v = u; v < modes; v++, q++) matrix[u * modes + v] = matrix[v * modes + u] = sums[q]!;
        for (let u = 0; u < modes; u++) {
          matrix[u * (modes + 1)]! += prior;
          right[2 * u] = sums[at + 2 * u]!;
          right[2 * u + 1] = sums[at + 2 * u + 1]!;
        }
        solveInPlace(matrix, right, modes);
        // A weight of 1 passes the division untouched; the plane x = 0 will be added to its mirror.
        const share = x === 0 ? 0.5 : 1;
        for (let u = 0; u < modes; u++) {
          const into = parts[u]!.sums;
          into[3 * cell] = right[2 * u]! * share;
          into[3 * cell + 1] = right[2 * u + 1]! * share;
          into[3 * cell + 2] = share;
        }
      }
  return parts.map((part) => volumeFromAccumulators([part], grid));
}

/** Symmetric positive definite a (n × n, lost) times x = b, b Float64[n 2] becomes x. */
function solveInPlace(a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const f = a[j * n + i]! / a[i * n + i]!;
      for (let c = i; c < n; c++) a[j * n + c]! -= f * a[i * n + c]!;
      b[2 * j]! -= f * b[2 * i]!;
      b[2 * j + 1]! -= f * b[2 * i + 1]!;
    }
  for (let i = n - 1; i >= 0; i--)
    for (let c = 0; c < 2; c++) {
      let s = b[2 * i + c]!;
      for (let j = i + 1; j < n; j++) s -= a[i * n + j]! * b[2 * j + c]!;
      b[2 * i + c] = s / a[i * n + i]!;
    }
}
