/**
 * @file The misfit of one image and a posed, flexed volume, with its gradient: the decoder of the encoder's training.
 *
 *     L = ½ Σ |x e^{+2πi k·t/box} − C S(k3)|² / n      k3 = kx·row0 + ky·row1
 *     S = S₀ + Σ_j z_j D_j,  D_j = (S₊ⱼ − S₋ⱼ)/2
 *
 * over the n half-plane points of a radius; 1 where the volume explains all but the noise. S is looked up in rasters
 * (mixture/latents.ts has the same linear model in z), so a pose costs microseconds, not a network evaluation; the
 * field learns separately from the poses found. Gradients are those of the trilinear look-up.
 */
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";

/** A species as rasters: at rest, then one slope per axis of z. */
export interface RasterDecoder {
  readonly rest: FourierRaster;
  readonly slopes: readonly FourierRaster[];
}

/** Gradient of L. */
export interface PoseGradient {
  /** Float64[6]: rows 0 and 1, as if they were free. */
  readonly rows: Float64Array;
  /** Float64[2], per pixel of the working box. */
  readonly shift: Float64Array;
  /** Float64[zDim] */
  readonly z: Float64Array;
}

export interface RasterLoss {
  /** Take image `index` up to `radius` Fourier pixels. */
  load(index: number, radius: number): void;
  /** L at rows 0 and 1 and the shift of `pose[at..at+8]` (working pixels) and `z[zAt..]`. */
  value(decoder: RasterDecoder, pose: ArrayLike<number>, at: number, z: ArrayLike<number>, zAt: number): number;
  /** The same, and the gradient into `out`. */
  gradient(
    out: PoseGradient,
    decoder: RasterDecoder,
    pose: ArrayLike<number>,
    at: number,
    z: ArrayLike<number>,
    zAt: number,
  ): number;
  /** L of the loaded image where nothing is there. */
  nothing(): number;
  /** ½ Σ C²|S|²: the log-likelihood that the pose gains on average where it is right. */
  expectedGain(decoder: RasterDecoder, pose: ArrayLike<number>, at: number, z: ArrayLike<number>, zAt: number): number;
}

/** Mean and slopes from rasters in the order of mixture/latents.ts `anchors`: rest, then +1 and −1 on each axis. */
export function rasterDecoder(rasters: readonly FourierRaster[]): RasterDecoder {
  const [rest, ...sides] = rasters;
  const slopes: FourierRaster[] = [];
  for (let j = 0; j < sides.length; j += 2) {
    const [plus, minus] = [sides[j]!.values, sides[j + 1]!.values];
    slopes.push({ ...sides[j]!, values: plus.map((v, i) => (v - minus[i]!) / 2) });
  }
  return { rest: rest!, slopes };
}

/** The inverse of `rasterDecoder`. */
export function anchoredRasters({ rest, slopes }: RasterDecoder): readonly FourierRaster[] {
  const beside = (slope: FourierRaster, sign: 1 | -1): FourierRaster => ({
    ...rest,
    values: rest.values.map((v, i) => v + sign * slope.values[i]!),
  });
  return [rest, ...slopes.flatMap((slope) => [beside(slope, 1), beside(slope, -1)])];
}

export function createRasterLoss(reader: PreparedReader): RasterLoss {
  const { plane } = reader;
  const image = new Float32Array(2 * plane.count);
  const contrast = new Float32Array(plane.count);
  const rest = new Float32Array(2 * plane.count);
  const slope = new Float32Array(2 * plane.count);
  const misfit = new Float64Array(2 * plane.count);
  const moved = new Float64Array(2 * plane.count);
  let points = 0;

  /** S into `rest`. */
  const slice: (...pose: Parameters<RasterLoss["value"]>) => void = (decoder, pose, at, z, zAt) => {
    sliceInto(rest, decoder.rest, pose, at, plane.kx, plane.ky, points);
    decoder.slopes.forEach((raster, j) => {
      sliceInto(slope, raster, pose, at, plane.kx, plane.ky, points);
      const amount = z[zAt + j]!;
      for (let i = 0; i < 2 * points; i++) rest[i]! += amount * slope[i]!;
    });
  };

  /** L; the misfit r = y − C S and y are kept for the gradient. */
  const evaluate: RasterLoss["value"] = (decoder, pose, at, z, zAt) => {
    slice(decoder, pose, at, z, zAt);
    const step = (2 * Math.PI) / plane.box;
    const [tx, ty] = [pose[at + 6]! * step, pose[at + 7]! * step];
    let sum = 0;
    for (let p = 0; p < points; p++) {
      const angle = plane.kx[p]! * tx + plane.ky[p]! * ty;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const [re, im] = [image[2 * p]!, image[2 * p + 1]!];
      const [yr, yi] = [re * c - im * s, re * s + im * c];
      const [rr, ri] = [yr - contrast[p]! * rest[2 * p]!, yi - contrast[p]! * rest[2 * p + 1]!];
      moved[2 * p] = yr;
      moved[2 * p + 1] = yi;
      misfit[2 * p] = rr;
      misfit[2 * p + 1] = ri;
      sum += rr * rr + ri * ri;
    }
    return sum / (2 * points);
  };

  return {
    load(index, radius) {
      points = reader.points(radius);
      reader.readRow(index, image.subarray(0, 2 * points));
      reader.readContrast(index, contrast.subarray(0, points));
    },
    value: evaluate,
    nothing: () => image.subarray(0, 2 * points).reduce((sum, v) => sum + v * v, 0) / (2 * points),
    expectedGain(decoder, pose, at, z, zAt) {
      slice(decoder, pose, at, z, zAt);
      let sum = 0;
      for (let p = 0; p < points; p++) sum += (contrast[p]! ** 2 * (rest[2 * p]! ** 2 + rest[2 * p + 1]! ** 2)) / 2;
      return sum;
    },
    gradient(out, decoder, pose, at, z, zAt) {
      const loss = evaluate(decoder, pose, at, z, zAt);
      const { kx, ky, box } = plane;
      out.rows.fill(0);
      const step = (2 * Math.PI) / (box * points);
      let [gx, gy] = [0, 0];
      for (let p = 0; p < points; p++) {
        // Re(r̄ · i y) = −Im(r̄ y)
        const turn = misfit[2 * p + 1]! * moved[2 * p]! - misfit[2 * p]! * moved[2 * p + 1]!;
        gx += kx[p]! * turn;
        gy += ky[p]! * turn;
        // From here on ∂L/∂S = −C r / n.
        const g = -contrast[p]! / points;
        misfit[2 * p]! *= g;
        misfit[2 * p + 1]! *= g;
      }
      out.shift[0] = gx * step;
      out.shift[1] = gy * step;
      addRowGradient(out.rows, decoder.rest, 1, misfit, pose, at, kx, ky, points);
      decoder.slopes.forEach((raster, j) => {
        sliceInto(slope, raster, pose, at, kx, ky, points);
        let sum = 0;
        for (let i = 0; i < 2 * points; i++) sum += slope[i]! * misfit[i]!;
        out.z[j] = sum;
        addRowGradient(out.rows, raster, z[zAt + j]!, misfit, pose, at, kx, ky, points);
      });
      return loss;
    },
  };
}

/** Σ Re(w̄ ∂S/∂rows) · amount, added to rows: the slope of the trilinear look-up along each axis. */
function addRowGradient(
  rows: Float64Array,
  raster: FourierRaster,
  amount: number,
  w: Float64Array,
  r: ArrayLike<number>,
  rAt: number,
  kx: Float32Array,
  ky: Float32Array,
  points: number,
): void {
  const { size, values, oversampling } = raster;
  const middle = (size - 1) / 2;
  const [sy, sz] = [2 * size, 2 * size * size];
  const scale = amount * oversampling;
  for (let p = 0; p < points; p++) {
    const [u, v] = [kx[p]!, ky[p]!];
    const x = oversampling * (u * r[rAt]! + v * r[rAt + 3]!) + middle;
    const y = oversampling * (u * r[rAt + 1]! + v * r[rAt + 4]!) + middle;
    const z = oversampling * (u * r[rAt + 2]! + v * r[rAt + 5]!) + middle;
    const [ix, iy, iz] = [x | 0, y | 0, z | 0];
    const [fx, fy, fz] = [x - ix, y - iy, z - iz];
    const i = iz * sz + iy * sy + 2 * ix;
    const [wr, wi] = [w[2 * p]!, w[2 * p + 1]!];
    // Re(w̄ S) at the eight corners.
    const at = (o: number): number => wr * values[i + o]! + wi * values[i + o + 1]!;
    const [a, b, c, d] = [at(0), at(2), at(sy), at(sy + 2)];
    const [e, f, g, h] = [at(sz), at(sz + 2), at(sz + sy), at(sz + sy + 2)];
    const [hx, hy, hz] = [1 - fx, 1 - fy, 1 - fz];
    const dx = scale * (hz * (hy * (b - a) + fy * (d - c)) + fz * (hy * (f - e) + fy * (h - g)));
    const dy = scale * (hz * (hx * (c - a) + fx * (d - b)) + fz * (hx * (g - e) + fx * (h - f)));
    const dz = scale * (hy * (hx * (e - a) + fx * (f - b)) + fy * (hx * (g - c) + fx * (h - d)));
    rows[0]! += u * dx;
    rows[1]! += u * dy;
    rows[2]! += u * dz;
    rows[3]! += v * dx;
    rows[4]! += v * dy;
    rows[5]! += v * dz;
  }
}
