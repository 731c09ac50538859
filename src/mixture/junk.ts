/**
 * @file Which images no class explains: noise, contamination, particles out of place, two particles in one.
 *
 * At its best pose an image x = C·S + n of its class has ⟨x, C·S⟩ = Q ± √Q with Q = Σ C²|S|², and leaves noise. So three
 * numbers are looked at, each counted in deviations of the class's own images (median and lower quartile: most are sound):
 *
 *     deficit = (Q − ⟨x, C·S⟩) / √Q                               the particle is not there
 *     excess  = Σ w (|x − C·S|² − 2) / √(4 Σ w²)                  something else is; w = ρ/(1 + ρ), ρ = C² · signal power
 *     silence = ln(½ Σ ρ / (⟨x, C·S⟩ − ½Q))                       less than such images have to say
 *
 * w weighs a coefficient as a test for a further signal of the particles' own spectrum does. Silence is what tells images of
 * noise: they gather in views that no particle has, where the map is faint and asks for little. With D the length of the
 * positive parts, sound images follow f(D) = e^(−D²/2) (3 √(2/π) + 3 D + √(2/π) D²) / 8, and some that have got a wrong pose
 * e^(−D/τ) / τ; junk lies anywhere, D even up to the largest seen. The share of junk is found by EM.
 */
import { displaceInto } from "../conformation/displaced-image.js";
import { type LinearSubspace, rastersOf } from "../conformation/linear-subspace.js";
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { bestSeed } from "./image-table.js";
import type { MixtureRun } from "./mixture-run.js";

/** How badly an image fits its class: the first two in deviations by its own noise alone, the third the log of a ratio. */
export interface Misfit {
  readonly deficit: number;
  readonly excess: number;
  readonly silence: number;
}

/** Smaller classes say nothing of what is usual. */
const LEAST_IMAGES = 40;
/** From the quartiles of a normal distribution to its deviation. */
const QUARTILES = 1.349;
const EM_ROUNDS = 100;
/** Log-evidence below this is none: its logarithm would run away. */
const LEAST_WORDS = 1;
/** Sound images with a wrong pose, a part of them, and τ: of the ribosome's at SNR 0.1 one in twenty, with D from 2 to 5. */
const MISPOSED = 0.05;
const MISPOSED_REACH = 1.2;
/** Junk is spread at least so far: where none is, the tail of the sound is not taken for it. */
const LEAST_REACH = 12;

/** The posterior that an image is junk, for all images visited, by the maps of the latest batch; into the table. */
export function judgeJunk(run: MixtureRun, reader: PreparedReader): void {
  if (run.references.length < run.fields.length) return; // before the first batch
  judgeUnder(
    run,
    reader,
    run.references.map((raster) => [raster]),
  );
}

/**
 * The same of classes that move, each image in its conformation: judged under the mean alone, what moves far is taken for junk.
 * `moving`: mean and modes of every class, undefined where it has none; what was said of its images stays.
 */
export function judgeMovingJunk(
  run: MixtureRun,
  reader: PreparedReader,
  moving: readonly (LinearSubspace | undefined)[],
): void {
  judgeUnder(
    run,
    reader,
    moving.map((subspace) => (subspace === undefined ? [] : rastersOf(subspace))),
  );
}

/** `shapes`: of every class the mean and its modes, or the mean alone, or nothing. */
function judgeUnder(
  { table, fields, options }: MixtureRun,
  reader: PreparedReader,
  shapes: readonly (readonly FourierRaster[])[],
): void {
  const K = fields.length;
  const { zDim } = options;
  const radii = shapes.flatMap((rasters) => rasters.map(({ radius }) => radius));
  if (radii.length === 0) return;
  const misfit = createMisfit(reader, Math.min(...radii));
  const misfits: (Misfit | undefined)[] = Array.from(table.classes, (k, i) => {
    const slot = i * K + k;
    const at = bestSeed(slot);
    if (k < 0 || shapes[k]!.length === 0 || !isPose(table.seeds, at)) return undefined;
    const weights = [1, ...table.z.subarray(slot * zDim, (slot + 1) * zDim)];
    return misfit({ rasters: shapes[k]!, weights }, i, table.seeds, at);
  });
  const found = junkPosterior(misfits, table.classes, K);
  // Classes without a shape keep what was said of them before.
  table.classes.forEach((k, i) => {
    if (k < 0 || shapes[k]!.length > 0) table.junk[i] = found[i]!;
  });
}

/** Rows that were never searched are 0 everywhere, or −Infinity. */
function isPose(poses: ArrayLike<number>, at: number): boolean {
  return poses[at + 8]! > -Infinity && Math.hypot(poses[at]!, poses[at + 1]!, poses[at + 2]!) > 0.5;
}

/** Σ of rasters times their weights, as many as there are rasters. */
interface Shape {
  readonly rasters: readonly FourierRaster[];
  readonly weights: readonly number[];
}

/** How an image fits a shape at the pose row `poses[at..at+9)`, within `radius` Fourier pixels. */
function createMisfit(
  reader: PreparedReader,
  radius: number,
): (shape: Shape, image: number, poses: ArrayLike<number>, at: number) => Misfit {
  const { plane, set } = reader;
  const points = reader.points(radius);
  const row = new Float32Array(2 * points);
  const centred = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const slice = new Float32Array(2 * points);
  const part = new Float32Array(2 * points);
  return ({ rasters, weights }, image, poses, at) => {
    reader.readRow(image, row);
    reader.readContrast(image, contrast);
    displaceInto(centred, row, plane, points, poses[at + 6]!, poses[at + 7]!);
    slice.fill(0);
    rasters.forEach((raster, j) => {
      sliceInto(part, raster, poses, at, plane.kx, plane.ky, points);
      for (let p = 0; p < slice.length; p++) slice[p]! += weights[j]! * part[p]!;
    });
    let [score, power, excess, spread, expected] = [0, 0, 0, 0, 0];
    for (let p = 0; p < points; p++) {
      const c = contrast[p]!;
      const [u, v] = [c * slice[2 * p]!, c * slice[2 * p + 1]!];
      const [x, y] = [centred[2 * p]!, centred[2 * p + 1]!];
      const ratio = (c * set.signalEnvelope[plane.shell[p]!]!) ** 2;
      const weight = ratio / (1 + ratio);
      score += u * x + v * y;
      power += u * u + v * v;
      excess += weight * ((x - u) ** 2 + (y - v) ** 2 - 2);
      spread += 4 * weight * weight;
      expected += ratio / 2;
    }
    return {
      deficit: (power - score) / Math.sqrt(power + 1e-12),
      excess: excess / Math.sqrt(spread + 1e-12),
      silence: Math.log((expected + LEAST_WORDS) / Math.max(LEAST_WORDS, score - power / 2)),
    };
  };
}

/** Float32[images]: posterior that an image is junk; 0 without a misfit, and in classes too small to compare. */
export function junkPosterior(
  misfits: readonly (Misfit | undefined)[],
  classes: ArrayLike<number>,
  K: number,
): Float32Array {
  const distance = new Float64Array(misfits.length).fill(Number.NaN);
  for (let k = 0; k < K; k++) {
    const members = misfits.flatMap((misfit, i) => (classes[i] === k && misfit !== undefined ? [{ i, misfit }] : []));
    if (members.length < LEAST_IMAGES) continue;
    const parts = (["deficit", "excess", "silence"] as const).map((part) =>
      inDeviations(members.map(({ misfit }) => misfit[part])),
    );
    members.forEach(({ i }, m) => {
      distance[i] = Math.hypot(...parts.map((part) => Math.max(0, part[m]!)));
    });
  }
  const judged = distance.filter((d) => !Number.isNaN(d));
  const flat = 1 / Math.max(LEAST_REACH, maximum(judged));
  let share = 0.1;
  const posterior = (d: number): number => {
    const junk = share * flat;
    const root = Math.sqrt(2 / Math.PI);
    const posed = (Math.exp((-d * d) / 2) * (3 * root + 3 * d + root * d * d)) / 8;
    const misposed = Math.exp(-d / MISPOSED_REACH) / MISPOSED_REACH;
    const sound = (1 - share) * ((1 - MISPOSED) * posed + MISPOSED * misposed);
    return d === 0 ? 0 : junk / (junk + sound);
  };
  for (let round = 0; round < EM_ROUNDS; round++)
    share = judged.reduce((sum, d) => sum + posterior(d), 0) / Math.max(1, judged.length);
  return Float32Array.from(distance, (d) => (Number.isNaN(d) ? 0 : posterior(d)));
}

/** Distances from the median, the larger the worse, in deviations told by the better half. */
function inDeviations(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const at = (fraction: number): number => sorted[Math.round(fraction * (sorted.length - 1))]!;
  const deviation = Math.max(1e-9, (2 * (at(0.5) - at(0.25))) / QUARTILES);
  return values.map((value) => (value - at(0.5)) / deviation);
}

function maximum(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}
