/** @file A thread that searches its share of the images; the other end of search-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { resumeRandom } from "../core/random.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { createPoseSearch } from "./search.js";
import type { PoolReply, PoolRequest, PoolSetup } from "./search-pool.js";

const { set } = workerData as PoolSetup;
const reader = openPrepared(set);
const search = createPoseSearch(reader);

parentPort?.on("message", (request: PoolRequest) => {
  answer(request).then(
    (reply) => parentPort?.postMessage(reply, transferable(reply)),
    (error: unknown) =>
      parentPort?.postMessage({ kind: "failed", error: error instanceof Error ? error.message : String(error) }),
  );
});

async function answer(request: PoolRequest): Promise<PoolReply> {
  if (request.kind === "references") {
    await search.setReferences(request.rasters, request.plan);
    return { kind: "ready" };
  }
  return { kind: "found", result: await search.search(request.images, resumeRandom(request.random), request.previous) };
}

function transferable(reply: PoolReply): ArrayBuffer[] {
  if (reply.kind !== "found") return [];
  const { poses, evidence, spread } = reply.result;
  return [poses, evidence, spread].map((array) => array.buffer as ArrayBuffer);
}
