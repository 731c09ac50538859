import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type EncoderConfig, encoderPresets, initialiseEncoder } from "../../../src/encoder/encoder.js";
import {
  createEncoderForward,
  createImitation,
  createPullBack,
  type Lesson,
  newEncoderOptimiser,
  outputShapes,
} from "../../../src/encoder/encoder-trainer.js";
import { changeImageInto, changePoseInto } from "../../../src/encoder/in-plane.js";
import { compile } from "../../../src/engine/compile.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { rotationRows } from "../../../src/geometry/six-numbers.js";
import { largestIndex } from "../../../src/mixture/responsibility.js";
import { relativeError } from "../../support/compare.js";

const config: EncoderConfig = { inputBox: 32, width: 8, hidden: 16, classes: 2, zDim: 1, poseHeads: 16 };
const batch = 2;

function normals(size: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: size }, () => random.normal());
}

function lesson(B: number, { classes: K, zDim }: EncoderConfig): Lesson {
  const random = seededRandom(5);
  const out = {
    rotation: new Float32Array(6 * B),
    shift: normals(2 * B, 6),
    posterior: new Float32Array(K * B).fill(1 / K),
    posed: new Float32Array(K * B),
    z: normals(zDim * B, 7),
  };
  for (let b = 0; b < B; b++) {
    out.rotation.set(randomRotation(random).slice(0, 6), 6 * b);
    out.posed[b * K + (b % K)] = 1;
  }
  return out;
}

const six = await compile((t) => ({ rows: rotationRows(t["v"]!) }), { v: [50, 6] });

test("six numbers become two orthonormal rows, and those rows, scaled and sheared, become themselves again", async () => {
  const random = seededRandom(2);
  const [v, expected] = [new Float32Array(300), new Float32Array(300)];
  for (let n = 0; n < 50; n++) {
    const r = randomRotation(random);
    expected.set(r.slice(0, 6), 6 * n);
    const [a, b, c] = [0.2 + random.uniform(), random.normal(), 0.2 + random.uniform()];
    for (let j = 0; j < 3; j++) {
      v[6 * n + j] = a * r[j]!;
      v[6 * n + 3 + j] = b * r[j]! + c * r[3 + j]!;
    }
  }
  const { rows } = await six.run({ v });
  // float32 after a division by lengths from 0.2 on.
  expect(relativeError(rows!, expected)).toBeLessThan(2e-6);
});

test("six numbers have the gradient of Gram–Schmidt, by finite differences", async () => {
  const weight = normals(6, 3);
  const program = await compile(
    (t) => {
      const loss = (v: tf.Tensor): tf.Scalar => tf.sum(tf.mul(rotationRows(v), t["w"]!)) as tf.Scalar;
      const { value, grad } = tf.valueAndGrad(loss)(t["v"]!);
      return { value, grad };
    },
    { v: [1, 6], w: [1, 6] },
  );
  const v = Float32Array.from([0.9, -0.4, 0.3, 0.2, 1.1, -0.5]);
  const gradient = (await program.run({ v, w: weight }))["grad"]!;
  // In doubles, so that the difference is exact to 1e-8.
  const value = (u: readonly number[]): number => {
    const unit = (a: readonly number[]): number[] => a.map((x) => x / Math.hypot(...a));
    const first = unit(u.slice(0, 3));
    const along = first.reduce((s, x, i) => s + x * u[3 + i]!, 0);
    const second = unit([0, 1, 2].map((i) => u[3 + i]! - along * first[i]!));
    return [...first, ...second].reduce((s, x, i) => s + x * weight[i]!, 0);
  };
  for (let i = 0; i < 6; i++) {
    const shifted = (h: number): number[] => Array.from(v, (x, j) => x + (i === j ? h : 0));
    expect(gradient[i]).toBeCloseTo((value(shifted(1e-5)) - value(shifted(-1e-5))) / 2e-5, 5);
  }
});

test("an image turned by one of the 16 directions gets the same answers, turned", async () => {
  const side = 32;
  const blob = (i: number, x: number, y: number, width: number): number =>
    Math.exp(-(((i % side) - 16 - x) ** 2 + (Math.floor(i / side) - 16 - y) ** 2) / width);
  const image = Float32Array.from({ length: side ** 2 }, (_, i) => blob(i, 3, -2, 14) - 0.7 * blob(i, -4, 5, 10));
  const [images, steps] = [new Float32Array(2 * side ** 2), 3];
  images.set(image);
  const change = { mirror: false, angleRad: (2 * Math.PI * steps) / 16, dx: 0, dy: 0 };
  changeImageInto(images, side ** 2, change, image, side);
  const network = initialiseEncoder(config, seededRandom(1));
  const found = await (await createEncoderForward(config, { batch })).run(network, images);
  const { rotations, headLogits, shift, classLogits, zMean } = found;
  const turned = new Float64Array(8);
  for (let k = 0; k < 2; k++)
    for (let d = 0; d < 16; d++) {
      const place = 16 * k + d;
      const other = 32 + 16 * k + ((d + steps) % 16);
      const pose = Float64Array.from([...rotations.subarray(6 * place, 6 * place + 6), ...shift.subarray(0, 2)]);
      changePoseInto(turned, 0, change, pose, 0);
      const expected = [...rotations.subarray(6 * other, 6 * other + 6), ...shift.subarray(2, 4)];
      // Samples on the ring are interpolated.
      for (let i = 0; i < 8; i++) expect(turned[i]).toBeCloseTo(expected[i]!, 1);
      expect(headLogits[place]).toBeCloseTo(headLogits[other]!, 1);
    }
  for (let k = 0; k < 2; k++) {
    expect(classLogits[k]).toBeCloseTo(classLogits[2 + k]!, 1);
    expect(zMean[k]).toBeCloseTo(zMean[2 + k]!, 1);
  }
});

test("compiled outputs equal the reference engine's, at 32 and at 64 pixels", async () => {
  for (const inputBox of [32, 64]) {
    const here = { ...config, inputBox };
    const network = initialiseEncoder(here, seededRandom(1));
    const images = normals(batch * inputBox ** 2, 2);
    const [compiled, reference] = [
      await createEncoderForward(here, { batch }),
      await createEncoderForward(here, { batch, engine: "reference" }),
    ];
    const [found, expected] = [await compiled.run(network, images), await reference.run(network, images)];
    for (const name of Object.keys(outputShapes(here, batch)) as (keyof typeof found)[])
      expect(relativeError(found[name], expected[name]), name).toBeLessThan(1e-5);
  }
});

test.each(["imitation", "pull-back"] as const)("gradients of the %s equal the reference engine's", async (kind) => {
  const network = initialiseEncoder(config, seededRandom(1));
  const images = normals(batch * 32 ** 2, 2);
  const shapes = outputShapes(config, batch);
  const pull = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      normals(
        shape.reduce((a, b) => a * b, 1),
        10 + i,
      ),
    ]),
  );
  const make = kind === "imitation" ? createImitation : createPullBack;
  const task = kind === "imitation" ? lesson(batch, config) : pull;
  const [compiled, reference] = [await make(config, { batch }), await make(config, { batch, engine: "reference" })];
  const found = await compiled.gradients(network, images, task as never);
  const expected = await reference.gradients(network, images, task as never);
  expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-5);
  for (const name in expected.weights)
    expect(relativeError(found.weights[name]!, expected.weights[name]!), name).toBeLessThan(1e-4);
});

test("the pull-back is the derivative of the outputs along the pull", async () => {
  const network = initialiseEncoder(config, seededRandom(1));
  const images = normals(batch * 32 ** 2, 2);
  const shapes = outputShapes(config, batch);
  const pull = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      normals(
        shape.reduce((a, b) => a * b, 1),
        20 + i,
      ),
    ]),
  );
  const trainer = await createPullBack(config, { batch });
  const forward = await createEncoderForward(config, { batch });
  const { loss, weights } = await trainer.gradients(network, images, pull as never);
  const along = async (): Promise<number> => {
    const outputs = (await forward.run(network, images)) as unknown as Record<string, Float32Array>;
    return Object.entries(pull).reduce((s, [name, p]) => s + p.reduce((t, x, i) => t + x * outputs[name]![i]!, 0), 0);
  };
  expect(loss).toBeCloseTo(await along(), 4);
  const gradient = weights["dense.weight"]!.slice();
  const norm = Math.hypot(...gradient);
  const array = network.weights["dense.weight"]!;
  const before = array.slice();
  const at = async (h: number): Promise<number> => {
    for (let i = 0; i < array.length; i++) array[i] = before[i]! + (h * gradient[i]!) / norm;
    return along();
  };
  const slope = ((await at(2e-3)) - (await at(-2e-3))) / 4e-3;
  // float32 sums and corners of ReLUs.
  expect(Math.abs(slope / norm - 1)).toBeLessThan(0.02);
});

test("imitation alone lowers its loss on a fixed lesson to a tenth and finds its rotations", async () => {
  const here: EncoderConfig = { ...config, width: 16, hidden: 64, classes: 1, zDim: 0 };
  const network = initialiseEncoder(here, seededRandom(1));
  const images = normals(8 * 32 ** 2, 2);
  const task = lesson(8, here);
  const trainer = await createImitation(here, { batch: 8 });
  const optimiser = newEncoderOptimiser(2e-3);
  for (let i = 0; i < 150; i++) await trainer.step(network, optimiser, images, task);
  const forward = await createEncoderForward(here, { batch: 8 });
  const { rotations, headLogits, shift } = await forward.run(network, images);
  for (let b = 0; b < 8; b++) {
    const place = 16 * b + largestIndex(headLogits, 16 * b, 16);
    const row = rotations.subarray(6 * place, 6 * place + 6);
    expect(relativeError(row, task.rotation.subarray(6 * b, 6 * b + 6)), `image ${b}`).toBeLessThan(0.2);
  }
  expect(relativeError(shift, task.shift)).toBeLessThan(0.2);
});

test("sizes that do not fit are refused by name", () => {
  const random = seededRandom(1);
  expect(() => initialiseEncoder({ ...config, inputBox: 40 }, random)).toThrow(
    "inputBox: expected 32, 48 or 64 pixels, got 40",
  );
  expect(() => initialiseEncoder({ ...config, width: 12 }, random)).toThrow("width: expected a multiple of 8, got 12");
  expect(() => initialiseEncoder({ ...config, poseHeads: 4 }, random)).toThrow(
    "poseHeads: expected a multiple of 16, got 4",
  );
  expect(Object.keys(encoderPresets)).toEqual(["small", "medium", "large"]);
});
