/** @file Fields of known content put into the checkpoint of a run, as a reconstruction leaves them. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Field } from "../../src/field/field.js";
import { writeCheckpoint } from "../../src/io/checkpoint.js";
import type { Run } from "../../src/run/open-run.js";
import { runFolder } from "../../src/run/run-folder.js";

/** One field per class; those of `unfitted` (from 0) were never trained. */
export function putFields(run: Run, fields: readonly Field[], unfitted: readonly number[] = []): void {
  const path = runFolder(run.folder).file("checkpoint");
  mkdirSync(dirname(path), { recursive: true });
  const arrays: Record<string, Float32Array> = {};
  fields.forEach(({ weights }, k) => {
    for (const [name, array] of Object.entries(weights)) {
      arrays[`field ${k} ${name}`] = array;
      if (name !== "basis" && !unfitted.includes(k)) arrays[`adam ${k} m ${name}`] = array;
    }
  });
  writeCheckpoint(path, { meta: {}, arrays });
}
