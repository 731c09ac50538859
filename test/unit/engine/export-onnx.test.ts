import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { compile, type Program } from "../../../src/engine/compile.js";
import { exportOnnx } from "../../../src/engine/export-onnx.js";
import { fieldShapes, fieldValue, initialiseField } from "../../../src/field/field.js";
import { relativeError } from "../../support/compare.js";
import { answers } from "../../support/other-programs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const random = seededRandom(9);
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());
const config = { zDim: 2, frequencies: 8, width: 16, depth: 1, supportPixels: 10 };
const field = initialiseField(config, seededRandom(1));
const decode: Program = (inputs) => ({ values: fieldValue(config, inputs["k"]!, inputs["z"], inputs) });
const shapes = { ...fieldShapes(config), k: [32, 3], z: [32, 2] };
const model = exportOnnx(decode, shapes, field.weights, { name: "decoder", metadata: { k: "cycles per pixel" } });

const folder = temporaryFolder();
const python = "/usr/bin/python3";
const hasOnnx = answers(python, "-c", "import onnx");

test("a field's decoder, read by ONNX Runtime, gives the program's numbers from k and z alone", async () => {
  const session = await ort.InferenceSession.create(model);
  expect([...session.inputNames].sort()).toEqual(["k", "z"]);
  expect(session.outputNames).toEqual(["values"]);
  const [k, z] = [normals(96), normals(64)];
  const found = await session.run({
    k: new ort.Tensor("float32", k, [32, 3]),
    z: new ort.Tensor("float32", z, [32, 2]),
  });
  const reference = await compile(decode, shapes, { engine: "reference" });
  const { values } = await reference.run({ ...field.weights, k, z });
  expect(relativeError(found["values"]!.data as Float32Array, values!)).toBeLessThan(1e-5);
  await session.release();
});

test("an encoder: convolution, group means, heads for pose, class and z", async () => {
  const encoder: Program = ({ image, filter, head }) => {
    const h = tf.relu(tf.conv2d(tf.expandDims(image!, -1) as tf.Tensor4D, filter as tf.Tensor4D, 2, "same"));
    const y = tf.matMul(tf.mean(h, [1, 2]), head!);
    return {
      pose: tf.slice(y, [0, 0], [-1, 6]),
      class: tf.softmax(tf.slice(y, [0, 6], [-1, 3])),
      z: tf.slice(y, [0, 9]),
    };
  };
  const inputs = { image: [4, 16, 16], filter: [3, 3, 1, 8], head: [8, 11] };
  const weights = { filter: normals(72), head: normals(88) };
  const session = await ort.InferenceSession.create(exportOnnx(encoder, inputs, weights));
  expect(session.inputNames).toEqual(["image"]);
  const image = normals(1024);
  const found = await session.run({ image: new ort.Tensor("float32", image, [4, 16, 16]) });
  const reference = await compile(encoder, inputs, { engine: "reference" });
  const expected = await reference.run({ ...weights, image });
  for (const name of ["pose", "class", "z"])
    expect(relativeError(found[name]!.data as Float32Array, expected[name]!), name).toBeLessThan(1e-5);
  await session.release();
});

test.skipIf(!hasOnnx)("ONNX's own checker finds the file sound, and its evaluator's shapes are ours", () => {
  const path = folder("decoder.onnx");
  writeFileSync(path, model);
  const script = [
    "import onnx, sys",
    "m = onnx.load(sys.argv[1])",
    "onnx.checker.check_model(m, full_check=True)",
    "v = m.graph.output[0]",
    "print(m.graph.name, v.name, [d.dim_value for d in v.type.tensor_type.shape.dim], m.metadata_props[0].value)",
  ].join("\n");
  const { stdout, stderr, status } = spawnSync(python, ["-c", script, path], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stdout.trim()).toBe("decoder values [32] cycles per pixel");
});

test("refuses weights that are no inputs, weights of another length and one name for two things", () => {
  const same: Program = ({ x }) => ({ x: tf.square(x!) });
  expect(() => exportOnnx(same, { x: [2] }, { w: new Float32Array(2) })).toThrow(
    "weights: expected names of inputs: x",
  );
  expect(() => exportOnnx(same, { x: [2] }, { x: new Float32Array(3) })).toThrow(
    'weights "x": expected 2 numbers, got 3',
  );
  expect(() => exportOnnx(same, { x: [2] }, {})).toThrow("inputs and outputs of different names, got x");
});
