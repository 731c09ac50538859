/**
 * @file The pose search on several threads: same interface, the images of a batch dealt out in runs.
 *
 * Each image gets random numbers that depend on the batch and its place in it, not on the thread, so any number
 * of threads finds the same poses.
 */
import { Worker } from "node:worker_threads";
import { check, IolausError } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import type { SearchPlan } from "./plan.js";
import { createPoseSearch, type PoseSearch, type SearchResult } from "./search.js";

export interface PoolSetup {
  readonly set: PreparedParticles;
}

export type PoolRequest =
  | { readonly kind: "references"; readonly rasters: readonly FourierRaster[]; readonly plan: SearchPlan }
  | {
      readonly kind: "search";
      readonly images: Int32Array;
      readonly random: readonly number[];
      readonly previous?: Float64Array;
    };

export type PoolReply =
  | { readonly kind: "ready" }
  | { readonly kind: "found"; readonly result: SearchResult }
  | { readonly kind: "failed"; readonly error: string };

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
  const workers = Array.from({ length: threads }, () => openWorker(set));
  const searches = workers.map(
    ({ ask }) =>
      async (images: Int32Array, random: Random, previous?: Float64Array): Promise<SearchResult> => {
        const reply = await ask({
          kind: "search",
          images,
          random: random.state(),
          ...(previous === undefined ? {} : { previous }),
        });
        if (reply.kind !== "found")
          throw new IolausError("internal", `pose search: internal: unexpected ${reply.kind}`);
        return reply.result;
      },
  );
  return {
    async setReferences(rasters, plan) {
      const request = { kind: "references", rasters: rasters.map(shared), plan } as const;
      await allDone(workers.map(({ ask }) => ask(request)));
    },
    search: (images, random, previous) => inRuns(searches, images, random, previous),
    async dispose() {
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
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

/** The raster over memory that threads share, so that it is copied once and not once per thread. */
function shared(raster: FourierRaster): FourierRaster {
  if (raster.values.buffer instanceof SharedArrayBuffer) return raster;
  const values = new Float32Array(new SharedArrayBuffer(4 * raster.values.length));
  values.set(raster.values);
  return { ...raster, values };
}

interface OpenWorker {
  readonly worker: Worker;
  ask(request: PoolRequest): Promise<PoolReply>;
}

function openWorker(set: PreparedParticles): OpenWorker {
  // From TypeScript sources (tests), the built worker is used.
  const file = import.meta.url.endsWith(".ts") ? "../../dist/pose/search-worker.js" : "./search-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { set } satisfies PoolSetup });
  worker.unref();
  let settle: { resolve(reply: PoolReply): void; reject(error: Error): void } | undefined;
  worker.on("message", (reply: PoolReply) => {
    if (reply.kind === "failed") settle?.reject(new IolausError("internal", `pose search thread: ${reply.error}`));
    else settle?.resolve(reply);
  });
  worker.on("error", (error) => settle?.reject(error instanceof Error ? error : new Error(String(error))));
  const ask = (request: PoolRequest): Promise<PoolReply> =>
    new Promise((resolve, reject) => {
      worker.ref();
      settle = {
        resolve: (reply) => {
          worker.unref();
          resolve(reply);
        },
        reject: (error) => {
          worker.unref();
          reject(error);
        },
      };
      worker.postMessage(request);
    });
  return { worker, ask };
}
