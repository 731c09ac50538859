/**
 * @file The encoder on images it has never seen: taught by poses as a run leaves them, and from nothing.
 *
 * PART=distilled,bimodal,amortised,symmetric (all by default) and VISITS (images shown in training) choose what is run.
 * - distilled: ribosplike mixture, box 64, SNR 0.1, 3 x 1,000 images; the teacher's poses are 2.5° off (median), its
 *   species and z true. On 2,000 new images: species ≥ 0.95, rotations ≤ 10° in one pass (the network's own best head;
 *   the best of its likeliest heads by the volumes is printed beside it), within 0.5° of the full search after local
 *   refinement, |Spearman| of z ≥ 0.85. The spike's error is the least over C3.
 * - bimodal: two conformations of one species; confusion error ≤ 1e-3 on 10,000 new images (methods 3.5).
 * - amortised: no teacher, one asymmetric species, at most 30 minutes: ≤ 10° at SNR 1, ≤ 15° at SNR 0.1.
 * - symmetric: a species that nearly has a two-fold axis; with the symmetric loss none of 5 seeds takes the false
 *   symmetry, without it most do.
 */
import { amortised, symmetric } from "./encoder-amortised.js";
import { bimodal, distilled } from "./encoder-distilled.js";

const parts: Readonly<Record<string, () => Promise<boolean>>> = { distilled, bimodal, amortised, symmetric };

/** Print the figures of the parts wanted; true when all their gates hold. */
export async function run(): Promise<boolean> {
  let passed = true;
  for (const name of process.env["PART"]?.split(",") ?? Object.keys(parts)) {
    const part = parts[name];
    if (part === undefined) throw new Error(`PART: expected ${Object.keys(parts).join(", ")}, got ${name}`);
    console.log(`## ${name}`);
    if (!(await part())) passed = false;
  }
  return passed;
}
