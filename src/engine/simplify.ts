/**
 * @file What is worth doing to a recorded graph before ONNX Runtime's own optimiser sees it:
 * drop what no output needs, and let a matrix product add its bias.
 */
import type { Graph, GraphNode, Value } from "./graph.js";

export function simplify(graph: Graph): void {
  dropUnused(graph);
  graph.nodes = withFusedBias(graph.nodes, graph.outputs);
}

/** Leave the nodes that some output needs. */
export function dropUnused(graph: Graph): void {
  const needed = new Set(graph.outputs);
  const kept: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    for (const value of node.inputs) needed.add(value);
    kept.push(node);
  }
  graph.nodes = kept.reverse();
}

/** Add(Gemm(a, b), c) → Gemm(a, b, c), where the product serves nothing else and c broadcasts to it. */
function withFusedBias(nodes: readonly GraphNode[], outputs: readonly Value[]): GraphNode[] {
  const uses = new Map<Value, number>();
  for (const value of [...nodes.flatMap((node) => node.inputs), ...outputs])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const products = new Map<Value, GraphNode>();
  for (const node of nodes)
    if (node.op === "Gemm" && node.inputs.length === 2 && uses.get(node.outputs[0]!) === 1)
      products.set(node.outputs[0]!, node);

  const gone = new Set<GraphNode>();
  const fused = nodes.map((node) => {
    if (node.op !== "Add") return node;
    const [a, b] = node.inputs as [Value, Value];
    const [product, bias] = products.has(a) ? [a, b] : [b, a];
    const gemm = products.get(product);
    if (gemm === undefined || !broadcastsTo(bias.shape, product.shape)) return node;
    gone.add(gemm);
    return { ...gemm, inputs: [...gemm.inputs, bias], outputs: node.outputs };
  });
  return fused.filter((node) => !gone.has(node));
}

function broadcastsTo(shape: readonly number[], target: readonly number[]): boolean {
  const offset = target.length - shape.length;
  return offset >= 0 && shape.every((n, i) => n === 1 || n === target[offset + i]);
}
