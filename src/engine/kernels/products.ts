/** @file Matrix products, and activations fused to them. */
import * as tf from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph.js";
import { binary, prelu, unary } from "./elementwise.js";
import { type Attributes, type Inputs, type Kernels, unsupported } from "./kernel.js";
import { swapLastTwo } from "./shape.js";

const { backend_util: backend } = tf;

export const products: Kernels = {
  BatchMatMul: (g, { a, b }, { transposeA, transposeB }) => matrixProduct(g, a!, b!, transposeA, transposeB),
  _FusedMatMul: (g, { a, b, ...rest }, attributes) =>
    activate(g, matrixProduct(g, a!, b!, attributes["transposeA"], attributes["transposeB"]), rest, attributes),
  Einsum: (g, inputs, { equation }) => {
    const operands = Object.values(inputs);
    const [terms = "", result = ""] = String(equation).replaceAll(" ", "").split("->");
    const size = new Map(
      terms.split(",").flatMap((term, i) => [...term].map((axis, j) => [axis, operands[i]!.shape[j]!] as const)),
    );
    const shape = [...result].map((axis) => size.get(axis)!);
    return g.node("Einsum", operands, shape, { equation: `${terms}->${result}` });
  },
};

export function matrixProduct(g: Graph, a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const [m, n] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
  if (a.shape.length === 2 && b.shape.length === 2)
    return g.node("Gemm", [a, b], [m, n], { transA: Number(transposeA), transB: Number(transposeB) });
  const batch = backend.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const left = transposeA ? swapLastTwo(g, a) : a;
  const right = transposeB ? swapLastTwo(g, b) : b;
  return g.node("MatMul", [left, right], [...batch, m, n]);
}

/** The tail of tfjs's fused kernels: bias, then activation. */
export function activate(
  g: Graph,
  x: Value,
  { bias, preluActivationWeights }: Inputs,
  { activation = "linear", leakyreluAlpha }: Attributes,
): Value {
  const sum = bias === undefined ? x : binary(g, "Add", x, bias);
  const ops: Record<string, string> = { relu: "Relu", elu: "Elu", sigmoid: "Sigmoid" };
  if (activation === "linear") return sum;
  if (activation === "relu6") return g.node("Clip", [sum, g.scalar(0), g.scalar(6)], sum.shape);
  if (activation === "leakyrelu") return g.node("LeakyRelu", [sum], sum.shape, { alpha: leakyreluAlpha });
  if (activation === "prelu") return prelu(g, sum, preluActivationWeights!);
  const op = ops[activation];
  if (op === undefined) throw unsupported(g, `activation ${activation}`, "apply it as an operation of its own");
  return unary(g, op, sum);
}
