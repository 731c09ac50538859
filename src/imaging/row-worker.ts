/** @file A thread that makes rows; the other end of row-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadReply } from "../core/thread.js";
import { createRowMaker, type RowBatch, type RowMakerSetup, type RowResult } from "./row-maker.js";

const maker = createRowMaker(workerData as RowMakerSetup);

parentPort?.on("message", (batch: RowBatch) => {
  maker.make(batch).then(
    (answer) => reply({ answer }, [answer.rows.buffer as ArrayBuffer]),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});

function reply(message: ThreadReply<RowResult>, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
