/** @file A thread that searches its share of the images; the other end of search-pool.ts. */
import { workerData } from "node:worker_threads";
import { resumeRandom } from "../core/random.js";
import { answerWith } from "../core/thread.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { createPoseSearch } from "./search.js";
import type { PoolAnswer, PoolRequest, PoolSetup } from "./search-pool.js";

const { set, room } = workerData as PoolSetup;
const search = createPoseSearch(openPrepared(set), room);

answerWith(
  async (request: PoolRequest): Promise<PoolAnswer> => {
    if (request.kind === "search") return search.search(request.images, resumeRandom(request.random), request.previous);
    await search.setReferences(request.rasters, request.plan);
    return undefined;
  },
  (found) => [found?.poses, found?.evidence, found?.spread].flatMap((array) => (array?.buffer as ArrayBuffer) ?? []),
);
