/**
 * @file Sums over rows, piece by piece: every piece adds its own to what the pieces before it came to.
 *
 * A weight gradient is the product of two factors with the rows between them. Each thread multiplies its own share of
 * a piece's rows: were one long product divided by columns instead, every thread would arrange all of the second
 * factor for itself, and the first, turned about, would have lines of 4,096 bytes, which shut each other out of the cache.
 */
import type { Graph, GraphNode, Value } from "./graph.js";

/** Of what is carried from piece to piece for the sum that `node` computes; of a product, one sum for every share. */
export function carriedShape({ op, outputs }: GraphNode, shares: number): readonly number[] {
  const { shape } = outputs[0]!;
  return op === "Gemm" && shares > 1 ? [shares, ...shape] : shape;
}

/** In the graph of a piece: `carried` and what `node` sums in this piece, whose inputs are `parts`. */
export function addPiece(
  piece: Graph,
  node: GraphNode,
  parts: readonly Value[],
  carried: Value,
  shares: number,
): Value {
  if (node.op === "Gemm") return addProduct(piece, parts as [Value, Value], carried, shares);
  const [x] = parts as [Value];
  const { shape } = node.outputs[0]!;
  if (x.type !== "float32" || x.shape.length !== 2 || shape.at(-1) !== x.shape[1])
    return piece.node("Add", [piece.node("ReduceSum", parts, shape, { ...node.attributes }), carried], shape);
  // Sums of columns are a product with ones, which is quicker.
  const [rows, columns] = x.shape as [number, number];
  const ones = piece.constant(1, [1, rows], "float32");
  const sum = piece.node("Gemm", [ones, x, carried], [1, columns]);
  return shape.length === 2 ? sum : piece.node("Reshape", [sum, piece.integers(shape)], shape);
}

function addProduct(piece: Graph, [a, b]: readonly [Value, Value], carried: Value, shares: number): Value {
  // To turn the factor about first is quicker than a product that reads its columns (session.ts: keepTurned).
  const [rows, m] = a.shape as [number, number];
  if (shares === 1)
    return piece.node("Gemm", [piece.node("Transpose", [a], [m, rows], { perm: [1, 0] }), b, carried], carried.shape);
  const [shareOfA, shareOfB] = [a, b].map((x) => {
    const shape = [shares, rows / shares, x.shape[1]!];
    return piece.node("Reshape", [x, piece.integers(shape)], shape);
  }) as [Value, Value];
  const turned = piece.node("Transpose", [shareOfA], [shares, m, rows / shares], { perm: [0, 2, 1] });
  return piece.node("Add", [piece.node("MatMul", [turned, shareOfB], carried.shape), carried], carried.shape);
}

/** The node that makes `sum` of what the last piece carried. */
export function closeSum(graph: Graph, carried: Value, sum: Value): GraphNode {
  return carried.shape.length === sum.shape.length
    ? { op: "Identity", inputs: [carried], outputs: [sum], attributes: {} }
    : { op: "ReduceSum", inputs: [carried, graph.integers([0])], outputs: [sum], attributes: { keepdims: 0 } };
}
