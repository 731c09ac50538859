/** @file A thread that makes Wiener rasters; the other end of raster-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadReply } from "../core/thread.js";
import type { FourierRaster } from "./fourier-raster.js";
import type { PreparedParticles } from "./prepare.js";
import { openPrepared } from "./prepared-reader.js";
import type { RasterRequest } from "./raster-pool.js";
import { wienerRaster } from "./wiener-raster.js";

const reader = openPrepared(workerData as PreparedParticles);

parentPort?.on("message", ({ posed, radius }: RasterRequest) => {
  let reply: ThreadReply<FourierRaster>;
  try {
    reply = { answer: wienerRaster(reader, posed, radius) };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
