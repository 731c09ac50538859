/** @file A thread that finds conformations; the other end of conformation-pool.ts. */
import { workerData } from "node:worker_threads";
import { answerWith } from "../core/thread.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import type { ConformationRequest } from "./conformation-pool.js";
import { findConformations } from "./find-conformations.js";

const reader = openPrepared(workerData as PreparedParticles);

answerWith(({ images, poses, options }: ConformationRequest) => findConformations(reader, images, poses, options));
