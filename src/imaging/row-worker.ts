/** @file A thread that makes rows; the other end of row-pool.ts. */
import { workerData } from "node:worker_threads";
import { answerWith } from "../core/thread.js";
import { createRowMaker, type RowBatch, type RowMakerSetup } from "./row-maker.js";
import type { LentRows } from "./row-pool.js";

const maker = createRowMaker(workerData as RowMakerSetup);

answerWith(
  async (batch: RowBatch & Pick<LentRows, "pixels">): Promise<LentRows> => ({
    ...(await maker.make(batch)),
    pixels: batch.pixels,
  }),
  ({ rows, pixels }) => [rows.buffer as ArrayBuffer, pixels.buffer],
);
