/** @file A thread that makes rows; the other end of row-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { createRowMaker, type RowBatch, type RowMakerSetup } from "./row-maker.js";
import type { RowReply } from "./row-pool.js";

const maker = createRowMaker(workerData as RowMakerSetup);

parentPort?.on("message", (batch: RowBatch) => {
  maker.make(batch).then(
    (result) => parentPort?.postMessage({ result } satisfies RowReply, [result.rows.buffer as ArrayBuffer]),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ error: message } satisfies RowReply);
    },
  );
});
