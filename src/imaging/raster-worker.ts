/** @file A thread that makes Wiener rasters; the other end of raster-pool.ts. */
import { workerData } from "node:worker_threads";
import { answerWith } from "../core/thread.js";
import type { PreparedParticles } from "./prepare.js";
import { openPrepared } from "./prepared-reader.js";
import type { RasterRequest } from "./raster-pool.js";
import { wienerRaster } from "./wiener-raster.js";

const reader = openPrepared(workerData as PreparedParticles);

answerWith(({ posed, radius }: RasterRequest) => wienerRaster(reader, posed, radius));
