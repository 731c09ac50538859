/**
 * @file Row makers on several threads. This thread reads pixels and lends them to a worker, which gives them back with
 * the rows, so any source of particles will do, wherever it keeps them, and only batches in flight are in memory.
 */
import { check } from "../core/errors.js";
import { builtFile, openThread, type Thread } from "../core/thread.js";
import { createRowMaker, type RowBatch, type RowMakerSetup, type RowResult } from "./row-maker.js";

/** The rows, and the pixels given back. */
export interface LentRows extends RowResult {
  readonly pixels: Float32Array<ArrayBuffer>;
}

/** A place for one batch: fill `pixels`, then `make`. One batch at a time. */
export interface RowSlot {
  /** Float32, room for a batch of the largest grid. Not to be touched while a batch is made. */
  readonly pixels: Float32Array;
  make(batch: Omit<RowBatch, "pixels">): Promise<RowResult>;
}

export interface RowPool {
  /** Two to a thread, so that one is filled while the other is at work. */
  readonly slots: readonly RowSlot[];
  dispose(): Promise<void>;
}

/** Row makers on `threads` threads (1: in this one). */
export function createRowPool(setup: RowMakerSetup, threads: number): RowPool {
  check(Number.isInteger(threads) && threads >= 1, "threads", "a positive integer", threads);
  const largest = Math.max(...setup.grids.map(({ box }, g) => box * box * setup.batches[g]!));
  if (threads === 1) {
    const maker = createRowMaker(setup);
    const pixels = new Float32Array(largest);
    return { slots: [{ pixels, make: (batch) => maker.make({ ...batch, pixels }) }], dispose: maker.dispose };
  }
  const file = builtFile(import.meta.url, "row-worker.js");
  const workers = Array.from({ length: threads }, () => openThread<RowBatch, LentRows>(file, setup, "prepare thread"));
  return {
    slots: [...workers, ...workers].map((worker) => openSlot(worker, largest)),
    dispose: async () => {
      await Promise.all(workers.map(({ close }) => close()));
    },
  };
}

function openSlot({ ask }: Thread<RowBatch, LentRows>, largest: number): RowSlot {
  let pixels = new Float32Array(largest);
  return {
    get pixels() {
      return pixels;
    },
    async make(batch) {
      const { pixels: back, ...result } = await ask({ ...batch, pixels }, [pixels.buffer]);
      pixels = back;
      return result;
    },
  };
}
