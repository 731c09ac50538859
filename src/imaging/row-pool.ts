/**
 * @file Row makers on several threads. This thread reads pixels into memory shared with a worker and takes rows back,
 * so any source of particles will do, wherever it keeps them, and nothing but batches in flight is in memory.
 */
import { check } from "../core/errors.js";
import { openThread } from "../core/thread.js";
import { createRowMaker, type RowBatch, type RowMakerSetup, type RowResult } from "./row-maker.js";

/** A place for one batch: fill `pixels`, then `make`. One batch at a time. */
export interface RowSlot {
  /** Float32, room for a batch of the largest grid. */
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
  // From TypeScript sources (tests), the built worker is used.
  const file = import.meta.url.endsWith(".ts") ? "../../dist/imaging/row-worker.js" : "./row-worker.js";
  const workers = Array.from({ length: threads }, () =>
    openThread<RowBatch, RowResult>(new URL(file, import.meta.url), setup, "prepare thread"),
  );
  return {
    slots: [...workers, ...workers].map(({ ask }) => {
      const pixels = new Float32Array(new SharedArrayBuffer(4 * largest));
      return { pixels, make: (batch) => ask({ ...batch, pixels }) };
    }),
    dispose: async () => {
      await Promise.all(workers.map(({ close }) => close()));
    },
  };
}
