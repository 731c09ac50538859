/** @file The pose search as its definition says, in double precision: every rotation × every shift, term by term. */
import type { Rotations } from "../../src/core/types.js";
import { type FourierRaster, sliceInto } from "../../src/imaging/fourier-raster.js";
import type { PreparedReader } from "../../src/imaging/prepared-reader.js";

/** The scores of one image after another: slices and waves are made once. */
export function everyPoseScorer(
  reader: PreparedReader,
  raster: FourierRaster,
  rotations: Rotations,
  shifts: Float64Array,
  radius: number,
): (index: number) => Float64Array {
  const { plane } = reader;
  const points = reader.points(radius);
  const slices = Array.from({ length: rotations.count }, (_, r) => {
    const slice = new Float32Array(2 * points);
    sliceInto(slice, raster, rotations.matrices, 9 * r, plane.kx, plane.ky, points);
    return slice;
  });
  const waves = Array.from({ length: shifts.length / 2 }, (_, t) =>
    Float64Array.from({ length: 2 * points }, (_, q) => {
      const p = q >> 1;
      const angle = (-2 * Math.PI * (plane.kx[p]! * shifts[2 * t]! + plane.ky[p]! * shifts[2 * t + 1]!)) / plane.box;
      return q % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    }),
  );
  const x = new Float32Array(2 * points);
  const c = new Float32Array(points);
  return (index) => {
    reader.readRow(index, x);
    reader.readContrast(index, c);
    const scores = new Float64Array(rotations.count * waves.length);
    slices.forEach((slice, r) => {
      waves.forEach((wave, t) => {
        let score = 0;
        for (let p = 0; p < points; p++) {
          const sr = slice[2 * p]!;
          const si = slice[2 * p + 1]!;
          const wr = wave[2 * p]!;
          const wi = wave[2 * p + 1]!;
          const u = x[2 * p]!;
          const v = x[2 * p + 1]!;
          const re = u - c[p]! * (sr * wr - si * wi);
          const im = v - c[p]! * (sr * wi + si * wr);
          score += (u * u + v * v - re * re - im * im) / 2;
        }
        scores[r * waves.length + t] = score;
      });
    });
    return scores;
  };
}

/** Float64[rotations shifts]: ½ Σ |x|² − ½ Σ |x − C·S·exp(−2πi k·t/box)|² of image `index` within `radius`. */
export function scoreEveryPose(
  reader: PreparedReader,
  index: number,
  raster: FourierRaster,
  rotations: Rotations,
  shifts: Float64Array,
  radius: number,
): Float64Array {
  return everyPoseScorer(reader, raster, rotations, shifts, radius)(index);
}
