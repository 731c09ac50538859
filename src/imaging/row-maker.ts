/** @file From pixels to rows of coefficients, a batch at a time: the work that prepare deals to threads. */
import type { ImageGrid } from "../core/types.js";
import { type CroppedTransform, croppedTransform } from "./cropped-transform.js";
import { type HalfPlane, halfPlane } from "./half-plane.js";
import { type ImageNormaliser, imageNormaliser } from "./image-normaliser.js";

/** What all batches share; plain data. */
export interface RowMakerSetup {
  /** The working grid. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
  /** The grids of the images. */
  readonly grids: readonly ImageGrid[];
  /** Images per batch, for each grid. */
  readonly batches: readonly number[];
  /** Threads of one transform. */
  readonly threads: number;
}

export interface RowBatch {
  /** Which of `setup.grids`. */
  readonly grid: number;
  /** Float32[count box box]. */
  readonly pixels: Float32Array;
  readonly count: number;
  /** "signal": through the window; "noise": the background alone. */
  readonly part: "signal" | "noise";
  /** Float32[points]: multiplied into every row. */
  readonly gain?: Float32Array;
}

export interface RowResult {
  /** Float32[count points 2]. */
  readonly rows: Float32Array;
  /** The first image of the batch that is unfit, and why. */
  readonly unfit?: { readonly at: number; readonly what: string };
}

export interface RowMaker {
  make(batch: RowBatch): Promise<RowResult>;
  dispose(): Promise<void>;
}

/** Grids are compiled when the first batch of theirs comes; batches wait for one another. */
export function createRowMaker(setup: RowMakerSetup): RowMaker {
  const plane = halfPlane(setup.box);
  const length = setup.box * setup.pixelSizeAngstrom;
  const parts = new Map<number, Promise<{ normaliser: ImageNormaliser; transform: CroppedTransform }>>();
  const open = async (g: number): Promise<{ normaliser: ImageNormaliser; transform: CroppedTransform }> => {
    const options = { batch: setup.batches[g]!, threads: setup.threads };
    return {
      normaliser: imageNormaliser(setup.grids[g]!, length, setup.diameterAngstrom),
      transform: await croppedTransform(setup.grids[g]!, plane, setup.pixelSizeAngstrom, options),
    };
  };
  let last: Promise<unknown> = Promise.resolve();
  const makeNow = async (batch: RowBatch): Promise<RowResult> => {
    if (!parts.has(batch.grid)) parts.set(batch.grid, open(batch.grid));
    const { normaliser, transform } = await parts.get(batch.grid)!;
    const size = normaliser.grid.box ** 2;
    const weights = batch.part === "signal" ? normaliser.window : normaliser.mask;
    for (let i = 0; i < batch.count; i++) {
      const pixels = batch.pixels.subarray(i * size, (i + 1) * size);
      const what = normaliser.normaliseInto(transform.images, i * size, pixels, weights);
      if (what !== undefined) return { rows: new Float32Array(0), unfit: { at: i, what } };
    }
    await transform.run();
    const rows = new Float32Array(2 * plane.count * batch.count);
    for (let i = 0; i < batch.count; i++) transform.gather(i, rows, 2 * plane.count * i);
    if (batch.gain !== undefined) multiply(rows, batch.gain, plane);
    return { rows };
  };
  return {
    make(batch) {
      const made = last.then(() => makeNow(batch));
      last = made.catch(() => undefined);
      return made;
    },
    async dispose() {
      await last;
      for (const part of parts.values()) await (await part).transform.dispose();
    },
  };
}

function multiply(rows: Float32Array, gain: Float32Array, plane: HalfPlane): void {
  for (let at = 0; at < rows.length; at += 2 * plane.count)
    for (let p = 0; p < plane.count; p++) {
      rows[at + 2 * p]! *= gain[p]!;
      rows[at + 2 * p + 1]! *= gain[p]!;
    }
}
