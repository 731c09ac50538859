/**
 * @file The pose search on several threads: same interface, the images of a batch dealt out in runs.
 *
 * Each image gets random numbers that depend on the batch and its place in it, not on the thread, so any number
 * of threads finds the same poses.
 */
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { builtFile, openThread } from "../core/thread.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import { halfPlane, pointsWithin } from "../imaging/half-plane.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { placeRaster } from "./placed-raster.js";
import { finestRadius, type SearchPlan } from "./plan.js";
import { createPoseSearch, type PoseSearch, type SearchResult } from "./search.js";

export interface PoolSetup {
  readonly set: PreparedParticles;
  /** Which room of placed rasters is the thread's (placed-raster.ts). */
  readonly room: number;
}

export type PoolRequest =
  | { readonly kind: "references"; readonly rasters: readonly FourierRaster[]; readonly plan: SearchPlan }
  | {
      readonly kind: "search";
      readonly images: Int32Array;
      readonly random: readonly number[];
      readonly previous?: Float64Array;
    };

/** What was found; nothing to say of references. */
export type PoolAnswer = SearchResult | undefined;

/** Images per request: small enough to keep the threads even, large enough to be worth a message. */
const RUN = 16;

/** A pose search on `threads` threads (1: in this one). */
export function createSearchPool(set: PreparedParticles, threads: number): PoseSearch {
  check(Number.isInteger(threads) && threads >= 1, "threads", "a positive integer", threads);
  if (threads === 1) {
    const reader = openPrepared(set);
    const search = createPoseSearch(reader);
    return {
      ...search,
      search: (images, random, previous) => inRuns([search.search], images, random, previous),
      dispose: async () => {
        await search.dispose();
        reader.close();
      },
    };
  }
  const file = builtFile(import.meta.url, "search-worker.js");
  const workers = Array.from({ length: threads }, (_, room) =>
    openThread<PoolRequest, PoolAnswer>(file, { set, room } satisfies PoolSetup, "pose search thread"),
  );
  const searches = workers.map(
    ({ ask }) =>
      async (images: Int32Array, random: Random, previous?: Float64Array): Promise<SearchResult> => {
        const request = { kind: "search", images, random: random.state() } as const;
        return (await ask(previous === undefined ? request : { ...request, previous })) as SearchResult;
      },
  );
  const plane = halfPlane(set.box);
  // Memory is used again: what lay there belonged to references that are replaced.
  const memories: WebAssembly.Memory[] = [];
  return {
    async setReferences(rasters, plan) {
      const points = pointsWithin(plane, finestRadius(plan));
      const placed = rasters.map((raster, k) => placeRaster(raster, points, threads, memories[k]));
      placed.forEach(({ memory }, k) => {
        memories[k] = memory;
      });
      await allDone(workers.map(({ ask }) => ask({ kind: "references", rasters: placed, plan })));
    },
    search: (images, random, previous) => inRuns(searches, images, random, previous),
    async dispose() {
      await Promise.all(workers.map(({ close }) => close()));
    },
  };
}

/** Deal runs of images to whichever search is free, and put the results together in order. */
async function inRuns(
  searches: readonly PoseSearch["search"][],
  images: Int32Array,
  random: Random,
  previous: Float64Array | undefined,
): Promise<SearchResult> {
  const runs = Array.from({ length: Math.ceil(images.length / RUN) }, (_, i) => ({
    from: i * RUN,
    random: random.fork(),
  }));
  const found = new Array<SearchResult>(runs.length);
  const perImage = previous === undefined ? 0 : previous.length / images.length;
  let next = 0;
  await allDone(
    searches.map(async (search) => {
      for (let i = next++; i < runs.length; i = next++) {
        const { from, random: own } = runs[i]!;
        const to = Math.min(images.length, from + RUN);
        found[i] = await search(images.slice(from, to), own, previous?.slice(from * perImage, to * perImage));
      }
    }),
  );
  return join(found);
}

/** Wait for every thread, then fail with the first failure: none is left at work whose answer the next request would get. */
async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === "rejected") throw result.reason;
}

function join(found: readonly SearchResult[]): SearchResult {
  const total = (of: (result: SearchResult) => Float64Array): Float64Array => {
    const out = new Float64Array(found.reduce((sum, result) => sum + of(result).length, 0));
    let at = 0;
    for (const result of found) {
      out.set(of(result), at);
      at += of(result).length;
    }
    return out;
  };
  return {
    poses: total((r) => r.poses),
    evidence: total((r) => r.evidence),
    spread: total((r) => r.spread),
  };
}
