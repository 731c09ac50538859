/**
 * @file Mixtures from random starts, no poses or labels given: `npm run accuracy -- mixture` judges every part,
 * `PART=unequal,real npm run accuracy -- mixture` those named. PASSES and SCALE make a part shorter (mixture/trial.ts).
 */
import { noisy, seeds } from "./mixture/seeds.js";
import { run as unequal } from "./mixture/unequal.js";

const PARTS: Readonly<Record<string, () => Promise<boolean>>> = { seeds, noisy, unequal };

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
