/** @file Conformations of several species on several threads, one species to a thread at a time. */
import { check } from "../core/errors.js";
import { openThread } from "../core/thread.js";
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
  // From TypeScript sources (tests), the built worker is used.
  const file = import.meta.url.endsWith(".ts")
    ? "../../dist/conformation/conformation-worker.js"
    : "./conformation-worker.js";
  const workers = Array.from({ length: Math.min(threads, requests.length) }, () =>
    openThread<ConformationRequest, Conformations>(new URL(file, import.meta.url), set, "conformation thread"),
  );
  try {
    const found = new Array<Conformations>(requests.length);
    let next = 0;
    // The first failure ends all: what the others do takes minutes.
    await Promise.all(
      workers.map(async ({ ask }) => {
        for (let r = next++; r < requests.length; r = next++) found[r] = await ask(requests[r]!);
      }),
    );
    return found;
  } finally {
    await Promise.all(workers.map(({ close }) => close()));
  }
}
