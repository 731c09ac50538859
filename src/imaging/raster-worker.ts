/** @file A thread that makes Wiener rasters; the other end of raster-pool.ts. */
import { workerData } from "node:worker_threads";
import { answerWith } from "../core/thread.js";
import type { PreparedParticles } from "./prepare.js";
import { openPrepared } from "./prepared-reader.js";
import type { RasterRequest } from "./raster-pool.js";
import { wienerRaster } from "./wiener-raster.js";

const reader = openPrepared(workerData as PreparedParticles);

// The values go over to the other thread: memory that both held would stay until this one cleans up, which it seldom does.
answerWith(
  ({ posed, radius }: RasterRequest) => wienerRaster(reader, posed, radius),
  ({ values }) => [values.buffer as ArrayBuffer],
);
