/** @file Entry of the process that computes. Started by supervise.ts. */
import { reconstructMixture } from "../mixture/reconstruct.js";
import { serveRun } from "./serve-run.js";

serveRun(reconstructMixture);
