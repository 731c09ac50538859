/** @file Conformations of several species on several threads, one species to a thread at a time. */
import { check } from "../core/errors.js";
import { builtFile, dealt, openThread } from "../core/thread.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { type ConformationOptions, type Conformations, findConformations } from "./find-conformations.js";

/** The images of one species at their pose rows (find-conformations.ts). */
export interface ConformationRequest {
  readonly images: Int32Array;
  /** Float32[images 9] */
  readonly poses: Float32Array;
  readonly options: Omit<ConformationOptions, "onProgress" | "signal">;
}

/** The conformations of every species, in order, on `threads` threads (1: in this one). */
export async function findAllConformations(
  set: PreparedParticles,
  requests: readonly ConformationRequest[],
  threads: number,
): Promise<Conformations[]> {
  check(Number.isInteger(threads) && threads >= 1, "threads", "a positive integer", threads);
  if (threads === 1) {
    const reader = openPrepared(set);
    try {
      return requests.map(({ images, poses, options }) => findConformations(reader, images, poses, options));
    } finally {
      reader.close();
    }
  }
  const file = builtFile(import.meta.url, "conformation-worker.js");
  const workers = Array.from({ length: Math.min(threads, requests.length) }, () =>
    openThread<ConformationRequest, Conformations>(file, set, "conformation thread"),
  );
  try {
    return await dealt(workers, requests);
  } finally {
    // After a failure too: what the other threads do takes minutes.
    await Promise.all(workers.map(({ close }) => close()));
  }
}
