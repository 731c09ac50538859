/** @file The kernel table: every tfjs kernel that a compiled program may use. `docs/kernels.md` is made from it. */
import { constants } from "./constants.js";
import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import type { Kernel, Kernels } from "./kernel.js";
import { layout } from "./layout.js";
import { normalisation } from "./normalisation.js";
import { pooling } from "./pooling.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { resizing } from "./resizing.js";

/** Rows by subject. */
export const KERNEL_GROUPS: ReadonlyMap<string, Kernels> = new Map([
  ["Element by element", elementwise],
  ["Reductions and ranks", reductions],
  ["Matrix products", products],
  ["Layout", layout],
  ["Indexing", indexing],
  ["Convolution", convolution],
  ["Pooling", pooling],
  ["Resizing", resizing],
  ["Normalisation", normalisation],
  ["Constants", constants],
]);

export const KERNELS: ReadonlyMap<string, Kernel> = new Map(
  [...KERNEL_GROUPS.values()].flatMap((rows) => Object.entries(rows)),
);
