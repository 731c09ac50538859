/** @file What the process that computes and the one that asked say to each other, as JSON. */
import type { ErrorCode } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import type { ProgressRow } from "./progress-log.js";
import type { RunEnd } from "./run-loop.js";
import type { RunRequest } from "./run-options.js";

export type ToChild =
  | { readonly kind: "start"; readonly particles: string; readonly request: RunRequest }
  | { readonly kind: "stop" };

export type FromChild =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "step"; readonly row: ProgressRow }
  | { readonly kind: "ended"; readonly end: RunEnd }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly message: string; readonly stack: string };
