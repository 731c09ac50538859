/** @file A thread that searches its share of the images; the other end of search-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { resumeRandom } from "../core/random.js";
import type { ThreadReply } from "../core/thread.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { createPoseSearch } from "./search.js";
import type { PoolAnswer, PoolRequest, PoolSetup } from "./search-pool.js";

const { set, room } = workerData as PoolSetup;
const search = createPoseSearch(openPrepared(set), room);

parentPort?.on("message", (request: PoolRequest) => {
  answer(request).then(
    (answer) => reply({ answer }, transferable(answer)),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});

function reply(message: ThreadReply<PoolAnswer>, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function answer(request: PoolRequest): Promise<PoolAnswer> {
  if (request.kind === "search") return search.search(request.images, resumeRandom(request.random), request.previous);
  await search.setReferences(request.rasters, request.plan);
  return undefined;
}

function transferable(answer: PoolAnswer): ArrayBuffer[] {
  if (answer === undefined) return [];
  return [answer.poses, answer.evidence, answer.spread].map((array) => array.buffer as ArrayBuffer);
}
