/** @file A thread that finds conformations; the other end of conformation-pool.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadReply } from "../core/thread.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import type { ConformationRequest } from "./conformation-pool.js";
import { type Conformations, findConformations } from "./find-conformations.js";

const reader = openPrepared(workerData as PreparedParticles);

parentPort?.on("message", ({ images, poses, options }: ConformationRequest) => {
  let reply: ThreadReply<Conformations>;
  try {
    reply = { answer: findConformations(reader, images, poses, options) };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
