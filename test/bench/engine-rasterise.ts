/** @file Evaluating a field on its Fourier lattice, per preset: what one refresh of the templates costs. */
import { seededRandom } from "../../src/core/random.js";
import { createFieldEvaluator } from "../../src/field/evaluator.js";
import { fieldPresets, initialiseField } from "../../src/field/field.js";
import { rasterise } from "../../src/field/rasterise.js";
import { relativeError } from "../support/compare.js";
import { median } from "./paired.js";

const ROUNDS = 9;

export async function run(): Promise<void> {
  const [box, radius, oversampling] = [64, 16, 2];
  console.log(`rasterise, box ${box}, radius ${radius}, oversampling ${oversampling}, one thread`);
  console.log("preset     points        ms  million points/s");
  for (const [name, preset] of Object.entries(fieldPresets)) {
    const field = initialiseField({ ...preset, zDim: 0, supportPixels: 20 }, seededRandom(1));
    const evaluator = await createFieldEvaluator(field.config, { points: 2048, threads: 1 });
    const z = new Float32Array(0);
    const refresh = () => rasterise(evaluator, field, { box, radius, oversampling, z });
    const raster = await refresh();

    // The value next to DC along x, checked against the field itself before the clock starts.
    const k = 1 / (box * oversampling);
    const [plus, minus] = await evaluator.values(field, Float32Array.of(k, 0, 0, -k, 0, 0), z);
    const at = 2 * ((raster.values.length / 2 - 1) / 2 + 1);
    const error = relativeError(raster.values.subarray(at, at + 2), [(plus! + minus!) / 2, (minus! - plus!) / 2]);
    if (!(error < 1e-5)) throw new Error(`raster: relative error ${error} against the field's own values`);

    let points = 0;
    for (let i = 0; i < raster.values.length; i += 2) if (raster.values[i] !== 0) points++;
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const start = performance.now();
      await refresh();
      times.push(performance.now() - start);
    }
    await evaluator.dispose();
    const time = median(times);
    const rate = (points / 1e3 / time).toFixed(2);
    console.log(name.padEnd(8) + String(points).padStart(9) + time.toFixed(0).padStart(10) + rate.padStart(18));
  }
}
