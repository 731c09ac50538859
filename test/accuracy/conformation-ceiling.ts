/**
 * @file How well the best of estimators would follow a motion: z of every image by its posterior mean under the exact maps, at
 * the exact poses. No method that has to learn them can do better.
 */
import { displaceInto } from "../../src/conformation/displaced-image.js";
import { loadIndependentInto } from "../../src/conformation/independent-image.js";
import type { Volume } from "../../src/core/types.js";
import { type FourierRaster, rasterFromVolume, sliceInto } from "../../src/imaging/fourier-raster.js";
import type { PreparedReader } from "../../src/imaging/prepared-reader.js";
import type { Truth } from "../../src/imaging/simulate.js";
import { spearman } from "../../src/metrics/spearman.js";
import { emptyImage } from "../../src/pose/loaded-image.js";

const STATES = Array.from({ length: 21 }, (_, i) => -1 + i / 10);
/** Fourier pixels; beyond it the ribosplike images say nothing of motion. */
const RADIUS = 28;

/** |Spearman| of the posterior means with the truths. `shape(z)`: the true map, of any scale: each shell's is fitted. */
export function conformationCeiling(
  reader: PreparedReader,
  truths: readonly Truth[],
  shape: (z: number) => Volume,
): number {
  const rasters = STATES.map((z) => rasterFromVolume(shape(z), RADIUS, 2));
  const { plane, set } = reader;
  const points = reader.points(RADIUS);
  const image = emptyImage(points);
  const [y, slice] = [new Float32Array(2 * points), new Float32Array(2 * points)];
  const [common, power] = [new Float64Array(set.box), new Float64Array(set.box)];
  const see = (i: number): void => {
    const { shiftAngstrom } = truths[i]!;
    loadIndependentInto(image, reader, i);
    const [tx, ty] = shiftAngstrom.map((s) => s / set.pixelSizeAngstrom);
    displaceInto(y, image.y, plane, points, tx!, ty!);
  };
  const cut = (raster: FourierRaster, i: number): void =>
    sliceInto(slice, raster, truths[i]!.rotation, 0, plane.kx, plane.ky, points);
  const score = (p: number): number => slice[2 * p]! * y[2 * p]! + slice[2 * p + 1]! * y[2 * p + 1]!;
  const size = (p: number): number => image.squares[p]! * (slice[2 * p]! ** 2 + slice[2 * p + 1]! ** 2);
  truths.forEach(({ z }, i) => {
    see(i);
    cut(rasters[Math.round(10 * (z + 1))]!, i);
    for (let p = 0; p < points; p++) {
      common[plane.shell[p]!]! += score(p);
      power[plane.shell[p]!]! += size(p);
    }
  });
  const means = truths.map((_, i) => {
    see(i);
    const logs = rasters.map((raster) => {
      cut(raster, i);
      let sum = 0;
      for (let p = 0; p < points; p++) {
        const gain = common[plane.shell[p]!]! / power[plane.shell[p]!]!;
        sum += gain * score(p) - (gain * gain * size(p)) / 2;
      }
      return sum;
    });
    const top = Math.max(...logs);
    const weights = logs.map((log) => Math.exp(log - top));
    return weights.reduce((sum, w, j) => sum + w * STATES[j]!, 0) / weights.reduce((sum, w) => sum + w, 0);
  });
  return spearman(
    means,
    truths.map(({ z }) => z),
  );
}
