/**
 * @file Mixtures from random starts, no poses or labels given: `npm run accuracy -- mixture` judges every part,
 * `PART=unequal,real npm run accuracy -- mixture` those named. PASSES and SCALE make a part shorter (mixture/trial.ts).
 */
import { run as killed } from "./mixture/killed.js";
import { run as ladder } from "./mixture/ladder.js";
import { run as memory } from "./mixture/memory.js";
import { run as real } from "./mixture/real.js";
import { noisy, seeds } from "./mixture/seeds.js";
import { run as surplus } from "./mixture/surplus.js";
import { run as unequal } from "./mixture/unequal.js";

const PARTS: Readonly<Record<string, () => Promise<boolean>>> = {
  seeds,
  noisy,
  unequal,
  surplus,
  ladder,
  real,
  memory,
  killed,
};

/** Judge the parts; true when every gate holds. */
export async function run(): Promise<boolean> {
  let passed = true;
  for (const name of process.env["PART"]?.split(",") ?? Object.keys(PARTS)) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`PART: expected some of ${Object.keys(PARTS).join(", ")}, got ${name}`);
    console.log(`## ${name}`);
    if (!(await part())) passed = false;
  }
  return passed;
}
