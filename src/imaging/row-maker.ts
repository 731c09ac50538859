/** @file From pixels to rows of coefficients, a batch at a time: the work that prepare deals to threads. */
import type * as tf from "@tensorflow/tfjs";
import type { ImageGrid } from "../core/types.js";
import { type Compiled, compile } from "../engine/compile.js";
import { type CroppedTransform, croppedTransform } from "./cropped-transform.js";
import { halfPlane } from "./half-plane.js";
import { imageWeights, normalised, unfitness } from "./image-normaliser.js";

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
  /** Float32[count box box], with room for a whole batch of the grid. */
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

/** The program of one grid and part of the images. */
interface Maker {
  readonly program: Compiled;
  readonly transform: CroppedTransform;
  readonly out: { readonly products: Float32Array; readonly mean: Float32Array; readonly deviation: Float32Array };
}

/** Programs are compiled when the first batch of theirs comes; batches wait for one another. */
export function createRowMaker(setup: RowMakerSetup): RowMaker {
  const plane = halfPlane(setup.box);
  const makers = new Map<string, Promise<Maker>>();
  const makerOf = ({ grid, part }: RowBatch): Promise<Maker> => {
    const name = `${part} ${grid}`;
    const maker = makers.get(name) ?? openMaker(setup, grid, part);
    makers.set(name, maker);
    return maker;
  };
  let last: Promise<unknown> = Promise.resolve();
  const makeNow = async (batch: RowBatch): Promise<RowResult> => {
    const { program, transform, out } = await makerOf(batch);
    const { box } = setup.grids[batch.grid]!;
    await program.run({ images: batch.pixels.subarray(0, out.mean.length * box * box) }, out);
    for (let i = 0; i < batch.count; i++) {
      const what = unfitness(out.mean[i]!, out.deviation[i]!);
      if (what !== undefined) return { rows: new Float32Array(0), unfit: { at: i, what } };
    }
    const rows = new Float32Array(2 * plane.count * batch.count);
    for (let i = 0; i < batch.count; i++) transform.gather(out.products, i, rows, 2 * plane.count * i, batch.gain);
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
      for (const maker of makers.values()) await (await maker).program.dispose();
    },
  };
}

async function openMaker(setup: RowMakerSetup, g: number, part: RowBatch["part"]): Promise<Maker> {
  const { box, pixelSizeAngstrom, diameterAngstrom, threads } = setup;
  const [grid, batch] = [setup.grids[g]!, setup.batches[g]!];
  const transform = croppedTransform(grid, halfPlane(box), pixelSizeAngstrom);
  const { window, mask } = imageWeights(grid, box * pixelSizeAngstrom, diameterAngstrom);
  const weights = part === "signal" ? window : mask;
  const program = await compile(
    ({ images }) => {
      const { mean, deviation, result } = normalised(images as tf.Tensor2D, { mask, weights }, transform.products);
      return { mean, deviation, products: result };
    },
    { images: [batch, grid.box ** 2] },
    { threads, name: `rows of the ${part}` },
  );
  const [mean, deviation] = [new Float32Array(batch), new Float32Array(batch)];
  return { program, transform, out: { mean, deviation, products: new Float32Array(batch * transform.size) } };
}
