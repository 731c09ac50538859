import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { replaceAngles } from "../../../src/engine/gpu-angles.js";
import { Graph } from "../../../src/engine/graph.js";
import { encodeOnnx } from "../../../src/engine/onnx-model.js";

test("sines and cosines of angles up to a hundred radians are right to 2e-5", async () => {
  const n = 20_001;
  const graph = new Graph("angles");
  const x = graph.input("x", [n]);
  graph.output("sin", graph.node("Sin", [x], [n]));
  graph.output("cos", graph.node("Cos", [x], [n]));
  replaceAngles(graph);
  expect(graph.nodes.map((node) => node.op)).not.toContain("Sin");
  const session = await ort.InferenceSession.create(encodeOnnx(graph));
  const angles = Float32Array.from({ length: n }, (_, i) => i / 100 - 100);
  const found = await session.run({ in_x: new ort.Tensor("float32", angles, [n]) });
  for (const name of ["sin", "cos"] as const) {
    const values = found[`out_${name}`]!.data as Float32Array;
    expect(Math.max(...angles.map((a, i) => Math.abs(values[i]! - Math[name](a))))).toBeLessThan(2e-5); // float32 has 16 turns to 1e-6 of a turn
  }
  await session.release();
});
