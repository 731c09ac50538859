/**
 * @file The working set: every image normalised, windowed, Fourier-cropped and whitened, once, on disk.
 *
 * Per image: subtract the background's mean, divide by its standard deviation, multiply by a soft circular
 * window, transform, keep the half-plane of the working box, divide by the noise's standard deviation of the
 * shell. Then Re and Im of every coefficient carry noise of variance 1, and −log likelihood = ½ Σ |x − C·S|².
 * One row per image, ordered by radius, so a resolution limit is a shorter read. Memory does not grow with the number
 * of images but for what is known of each. Images of several pixel sizes and sides are transformed at the same
 * frequencies, through the same window in Å.
 */
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { check, checkCancelled, IolausError } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { ImageGrid, ParticleSource } from "../core/types.js";
import { AtomicFile } from "../io/atomic.js";
import { contrastRow } from "./contrast-row.js";
import type { ContrastSign } from "./contrast-sign.js";
import { type HalfPlane, halfPlane } from "./half-plane.js";
import { contrastOf, contrastTable } from "./image-contrast.js";
import { imageWeights } from "./image-normaliser.js";
import { factsFile, preparedKey, readPrepared, writePreparedFacts } from "./prepared-cache.js";
import type { RowBatch, RowMakerSetup, RowResult } from "./row-maker.js";
import { createRowPool, type RowPool } from "./row-pool.js";
import { measureShells, type ShellStatistics } from "./shell-statistics.js";

export interface PrepareOptions {
  /** Side of the working images, pixels; even, at most the input's. @default the input's, at most 64 */
  readonly box?: number;
  /** Diameter of the circle that holds the particle. @default 70 % of the image */
  readonly diameterAngstrom?: number;
  /** 1: bright particles; −1: dark ones, inverted on the way in; "auto": told from the images. @default "auto" */
  readonly dataSign?: 1 | -1 | "auto";
  /** @default the cores, at most 8; 1 for small sets */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** The working set. Plain data: it can be sent to another thread and opened there with `openPrepared`. */
export interface PreparedParticles {
  readonly kind: "prepared-particles";
  /** Rows of Float32[points 2], one per image. */
  readonly file: string;
  readonly count: number;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
  /** What the images were multiplied by, so that density is positive in every map made of them. */
  readonly dataSign: 1 | -1;
  /** What the images themselves say of it. */
  readonly contrastSign: ContrastSign;
  readonly points: number;
  readonly keys: readonly string[];
  /** Float64[count 8]: has CTF, kV, Cs mm, w, dU Å, dV Å, angle rad, phase rad. */
  readonly contrast: Float64Array;
  /** Float32[box/2]: noise of Re and of Im per shell, in units of the normalised image's transform. */
  readonly noiseSigma: Float32Array;
  /** Float32[box/2]: r.m.s. of Re and of Im of the whitened signal before the CTF, per shell. */
  readonly signalEnvelope: Float32Array;
  /** Float32[box/2]: signal power, CTF included, over noise power, per shell. */
  readonly snr: Float32Array;
  /** Mean square of the window over the image: the part of the coefficients that is independent. */
  readonly windowPower: number;
}

/** Images used to measure noise and signal. */
const SPECTRUM_IMAGES = 1000;
/** Pixels that keep a thread busy long enough to be worth starting. */
const PIXELS_PER_THREAD = 2 ** 24;
/** Pixels of one batch, about: it should stay in cache. */
const PIXELS_PER_BATCH = 2 ** 19;
/** Images among which those of one grid are put together. */
const GROUPED = 4096;

/** Make the working set in `file` (written whole or not at all), or take it if it is there and of the same making. */
export async function prepare(
  source: ParticleSource,
  file: string,
  options: PrepareOptions = {},
): Promise<PreparedParticles> {
  const { dataSign = "auto", onProgress, signal } = options;
  const box = options.box ?? Math.min(64, source.box);
  const length = source.box * source.pixelSizeAngstrom;
  const diameterAngstrom = options.diameterAngstrom ?? 0.7 * length;
  check(source.count > 0, source.path, "at least one image", source.count);
  check(box % 2 === 0 && box >= 16 && box <= source.box, "box", `an even side from 16 to ${source.box} pixels`, box);
  check([1, -1, "auto"].includes(dataSign), "dataSign", '1 (bright particles), -1 (dark ones) or "auto"', dataSign);
  checkCancelled(signal);
  const contrast = contrastTable(source);
  const key = preparedKey(source, contrast, { box, diameterAngstrom, dataSign });
  const before = readPrepared(file, key, source.keys);
  if (before !== undefined && "set" in before) return before.set;
  const stale = before === undefined ? {} : { facts: { again: `${file} is stale: ${before.stale}; preparing again` } };
  onProgress?.({ stage: "prepare", fraction: 0, ...stale });

  const { grids, gridIndex } = gridsOf(source);
  const pixelSizeAngstrom = length / box;
  const threads = options.threads ?? defaultThreads(source);
  const batches = grids.map((grid) => Math.max(1, Math.min(16, Math.round(PIXELS_PER_BATCH / grid.box ** 2))));
  const setup: RowMakerSetup = { box, pixelSizeAngstrom, diameterAngstrom, grids, batches, threads: 1 };
  const plane = halfPlane(box);
  const pool = createRowPool(setup, threads);
  try {
    const job: Job = { source, pool, gridIndex, setup, plane, ...(signal && { signal }) };
    const statistics = await measure(job, contrast);
    const detected = statistics.contrastSign.sign;
    const sign = dataSign === "auto" ? (detected === 0 ? 1 : detected) : dataSign;
    rmSync(factsFile(file), { force: true }); // what it says of the old rows must not outlive them
    await writeRows(job, file, { statistics, sign, ...(onProgress && { onProgress }) });
    const { count, keys } = source;
    const shared = { box, pixelSizeAngstrom, diameterAngstrom, contrast, ...statistics };
    const set: PreparedParticles = {
      ...{ kind: "prepared-particles", file, count, keys, points: plane.count, dataSign: sign },
      ...shared,
    };
    writePreparedFacts(set, key);
    onProgress?.({ stage: "prepare", fraction: 1 });
    return set;
  } finally {
    await pool.dispose();
  }
}

/** What the passes over the images share. */
interface Job {
  readonly source: ParticleSource;
  readonly pool: RowPool;
  readonly gridIndex: Int32Array;
  readonly setup: RowMakerSetup;
  readonly plane: HalfPlane;
  readonly signal?: AbortSignal;
}

/** Noise, signal and sign from some of the images, drawn evenly. */
async function measure(job: Job, contrast: Float64Array): Promise<ShellStatistics> {
  const { source, setup, plane, gridIndex } = job;
  const { pixelSizeAngstrom, diameterAngstrom, grids } = setup;
  const length = setup.box * pixelSizeAngstrom;
  const areas = grids.map((grid) => {
    const { mask, window } = imageWeights(grid, length, diameterAngstrom);
    const unit = (grid.pixelSizeAngstrom / length) ** 2;
    const sum = (weights: Float32Array): number => weights.reduce((total, w) => total + w * w * unit, 0);
    const kept = sum(mask);
    const left = `${kept} of the image left`;
    check(kept > 0.02, "particle diameter", "a circle that leaves background in the corners", left);
    return { kept, windowPower: sum(window) };
  });
  const measurement = measureShells(plane, pixelSizeAngstrom, diameterAngstrom);
  const order = shuffledIndices(source.count, seededRandom(0)).subarray(0, SPECTRUM_IMAGES).sort();
  const transfer = new Float32Array(plane.count);
  await makeRows(job, order, { part: "noise" }, (i, row) => measurement.addNoise(row, areas[gridIndex[i]!]!.kept));
  await makeRows(job, order, { part: "signal" }, (i, row) => {
    contrastRow(plane, pixelSizeAngstrom, contrastOf(contrast, i), transfer);
    measurement.addImage(row, transfer, areas[gridIndex[i]!]!.windowPower);
  });
  return measurement.statistics();
}

async function writeRows(
  job: Job,
  file: string,
  how: { readonly statistics: ShellStatistics; readonly sign: 1 | -1; readonly onProgress?: OnProgress },
): Promise<void> {
  const { source, plane } = job;
  const { noiseSigma } = how.statistics;
  const gain = Float32Array.from(plane.shell, (shell) => how.sign / noiseSigma[shell]!);
  const whole = new AtomicFile(file);
  const rowBytes = 8 * plane.count;
  let done = 0;
  try {
    const all = Int32Array.from({ length: source.count }, (_, i) => i);
    await makeBatches(job, all, { part: "signal", gain }, (images, rows) => {
      const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      // Mostly neighbours, which one write takes as fast as one row.
      for (let k = 0, to = 1; k < images.length; k = to++) {
        while (to < images.length && images[to] === images[to - 1]! + 1) to++;
        whole.writeAt(bytes.subarray(k * rowBytes, to * rowBytes), images[k]! * rowBytes);
      }
      const before = done;
      done += images.length;
      if (Math.floor(done / 512) > Math.floor(before / 512))
        how.onProgress?.({ stage: "prepare", fraction: done / source.count });
    });
    whole.commit();
  } catch (error) {
    whole.discard();
    throw error;
  }
}

/** Make the rows of `order` and hand them on one by one. */
async function makeRows(
  job: Job,
  order: Int32Array,
  request: Pick<RowBatch, "part">,
  take: (image: number, row: Float32Array) => void,
): Promise<void> {
  const width = 2 * job.plane.count;
  await makeBatches(job, order, request, (images, rows) => {
    images.forEach((i, k) => {
      take(i, rows.subarray(width * k, width * (k + 1)));
    });
  });
}

/** Make the rows of `order` and hand them on, always in the same order however many threads there are. */
async function makeBatches(
  job: Job,
  order: Int32Array,
  request: Pick<RowBatch, "part" | "gain">,
  take: (images: readonly number[], rows: Float32Array) => void,
): Promise<void> {
  const { source, pool, setup, gridIndex } = job;
  const flights: { readonly images: readonly number[]; readonly result: Promise<RowResult> }[] = [];
  const land = async (): Promise<void> => {
    const { images, result } = flights[0]!;
    const { rows, unfit } = await result;
    flights.shift();
    if (unfit !== undefined) refuse(source, images[unfit.at]!, unfit.what);
    take(images, rows);
  };
  try {
    let turn = 0;
    for (const images of batchesOf(order, gridIndex, setup.batches)) {
      checkCancelled(job.signal);
      if (flights.length === pool.slots.length) await land();
      const slot = pool.slots[turn++ % pool.slots.length]!;
      const grid = gridIndex[images[0]!]!;
      const size = setup.grids[grid]!.box ** 2;
      images.forEach((i, k) => {
        source.readImage(i, slot.pixels.subarray(size * k, size * (k + 1)));
      });
      const result = slot.make({ ...request, grid, count: images.length });
      result.catch(() => undefined); // heard when it lands
      flights.push({ images, result });
    }
    while (flights.length > 0) await land();
  } finally {
    await Promise.allSettled(flights.map(({ result }) => result));
  }
}

/** Images of one grid, at most a batch of them at a time. */
function* batchesOf(order: Int32Array, gridIndex: Int32Array, batches: readonly number[]): Generator<number[], void> {
  for (let from = 0; from < order.length; from += GROUPED) {
    const group = [...order.subarray(from, from + GROUPED)];
    for (let grid = 0; grid < batches.length; grid++) {
      const own = batches.length === 1 ? group : group.filter((i) => gridIndex[i] === grid);
      for (let at = 0; at < own.length; at += batches[grid]!) yield own.slice(at, at + batches[grid]!);
    }
  }
}

/** The different grids, and which is each image's. */
function gridsOf(source: ParticleSource): { grids: readonly ImageGrid[]; gridIndex: Int32Array } {
  const { count, box, pixelSizeAngstrom, gridOf } = source;
  const gridIndex = new Int32Array(count);
  if (gridOf === undefined) return { grids: [{ box, pixelSizeAngstrom }], gridIndex };
  const grids: ImageGrid[] = [];
  const known = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const grid = gridOf(i);
    const name = `${grid.box} ${grid.pixelSizeAngstrom}`;
    const fits = grid.box * grid.pixelSizeAngstrom > 0.999 * box * pixelSizeAngstrom && grid.box % 2 === 0;
    const isFine = grid.pixelSizeAngstrom < 1.001 * pixelSizeAngstrom;
    const [wide, got] = [`at least ${box * pixelSizeAngstrom} Å in pixels of at most ${pixelSizeAngstrom} Å`, name];
    check(fits && isFine, `${source.path}: grid of image ${i + 1}`, wide, got);
    const at = known.get(name) ?? grids.push(grid) - 1;
    known.set(name, at);
    gridIndex[i] = at;
  }
  return { grids, gridIndex };
}

function defaultThreads({ count, box }: ParticleSource): number {
  const worthwhile = Math.ceil((count * box * box) / PIXELS_PER_THREAD);
  return Math.max(1, Math.min(worthwhile, availableParallelism(), 8));
}

function refuse(source: ParticleSource, index: number, what: string): never {
  throw new IolausError(
    "bad-file",
    `${source.path}, image ${index + 1} (${source.keys[index]}): expected finite pixels that vary, got ${what}; remove that particle`,
  );
}
