/** @file A thread that makes rows; the other end of row-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadReply } from "../core/thread.js";
import { createRowMaker, type RowBatch, type RowMakerSetup } from "./row-maker.js";
import type { LentRows } from "./row-pool.js";

const maker = createRowMaker(workerData as RowMakerSetup);

parentPort?.on("message", (batch: RowBatch & Pick<LentRows, "pixels">) => {
  const { pixels } = batch;
  maker.make(batch).then(
    (result) => reply({ answer: { ...result, pixels } }, [result.rows.buffer as ArrayBuffer, pixels.buffer]),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});

function reply(message: ThreadReply<LentRows>, lent: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, lent);
}
