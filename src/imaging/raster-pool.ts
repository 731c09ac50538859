/** @file Wiener rasters on several threads, one raster to a thread at a time. */
import { check } from "../core/errors.js";
import { builtFile, dealt, openThread } from "../core/thread.js";
import type { FourierRaster } from "./fourier-raster.js";
import type { PreparedParticles } from "./prepare.js";
import { openPrepared } from "./prepared-reader.js";
import { type PosedRows, wienerRaster } from "./wiener-raster.js";

export interface RasterRequest {
  readonly posed: PosedRows;
  readonly radius: number;
}

export interface RasterPool {
  /** The raster of every group of posed images, in order (wiener-raster.ts). */
  rasters(groups: readonly PosedRows[], radius: number): Promise<FourierRaster[]>;
  dispose(): Promise<void>;
}

/** Rasters on `threads` threads (1: in this one). */
export function createRasterPool(set: PreparedParticles, threads: number): RasterPool {
  check(Number.isInteger(threads) && threads >= 1, "threads", "a positive integer", threads);
  if (threads === 1) {
    const reader = openPrepared(set);
    return {
      rasters: async (groups, radius) => groups.map((posed) => wienerRaster(reader, posed, radius)),
      dispose: async () => reader.close(),
    };
  }
  const file = builtFile(import.meta.url, "raster-worker.js");
  const workers = Array.from({ length: threads }, () =>
    openThread<RasterRequest, FourierRaster>(file, set, "back-projection thread"),
  );
  return {
    rasters: (groups, radius) =>
      dealt(
        workers,
        groups.map((posed) => ({ posed, radius })),
      ),
    dispose: async () => {
      await Promise.all(workers.map(({ close }) => close()));
    },
  };
}
