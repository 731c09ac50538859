/**
 * @file `npm run fuzz [-- COUNT [SEED]]`: damaged inputs for every reader; 200,000 of them unless told otherwise.
 *
 * Each must end in a value or one of our errors, within 2 s of CPU, asking for at most four times the input's size.
 */
import { fuzz } from "./readers.js";

const [count = 200_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const { tried, failures, mostPerByte, mostCpuSeconds } = fuzz(count, seed);
for (const [name, { inputs, accepted }] of Object.entries(tried))
  console.log(`${name}: ${inputs} inputs, ${accepted} of them still sound`);
for (const failure of failures) console.error(failure);
const seconds = ((performance.now() - start) / 1000).toFixed(0);
console.log(
  `seed ${seed}: ${count} inputs, ${failures.length} failures, ${seconds} s; ` +
    `memory at most ${mostPerByte.toFixed(2)} × the input (+ 16 KiB), ${(1000 * mostCpuSeconds).toFixed(0)} ms of CPU at most for one`,
);
if (failures.length > 0) process.exitCode = 1;
