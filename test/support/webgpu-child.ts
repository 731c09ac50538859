/** @file Runs the small steps on webgpu and on cpu, in a process that has a driver; prints how far they are apart. */

import { compile } from "../../src/engine/compile.js";
import { chooseEngine } from "../../src/engine/engines.js";
import { relativeError } from "./compare.js";
import { smallSteps } from "./training-steps.js";

const errors: Record<string, Record<string, number>> = {};
for (const { name, program, shapes, inputs } of smallSteps()) {
  const [gpu, cpu] = [
    await compile(program, shapes, { engine: "webgpu", name }),
    await compile(program, shapes, { engine: "cpu", name, threads: 1 }),
  ];
  const [found, expected] = [await gpu.run(inputs), await cpu.run(inputs)];
  errors[name] = Object.fromEntries(
    Object.keys(expected).map((key) => [key, relativeError(found[key]!, expected[key]!)]),
  );
}
console.log(JSON.stringify({ errors, auto: await chooseEngine() }));
