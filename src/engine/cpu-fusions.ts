/**
 * @file Passes over large arrays that the CPU need not make. Memory sets the pace there, so what counts is how often
 * an array is gone through:
 *
 *     a x + b, one a and one b per row     two passes → one, as BatchNormalization of mean 0 and variance 1
 *     Expand(x) · y                        the repeated x is never written down
 *     1 where ReLU is above 0              two casts → one pass, as HardSigmoid of great slope
 *
 * Tried, not kept: ReduceSumSquare for the sum of x · x (slower than both nodes), Sign for the slope of ReLU (slower than
 * two casts), a slow transposition in two fast ones (ONNX Runtime joins them again).
 */
import { type Graph, type GraphNode, sameShape, sizeOf, type Value } from "./graph.js";
import { reshape } from "./kernels/shape.js";

/** Rows shorter than this are not worth a node of their own. */
const SHORTEST_ROW = 16;
/** BatchNormalization runs on one thread: two passes on three threads are faster. */
const MOST_THREADS = 2;

/** Rewrite `graph` for a session of `threads` threads. */
export function fuseForCpu(graph: Graph, threads: number): void {
  fuse(graph, expandedProduct);
  fuse(graph, slopeOfRelu);
  if (threads <= MOST_THREADS) fuse(graph, line);
}

/** Nodes of which only one other node wants to know, by their output. */
type Private = ReadonlyMap<Value, GraphNode>;
/** Record what computes the outputs of `node` in other ways, and name the nodes that are then superfluous. */
type Rewriting = (g: Graph, node: GraphNode, once: Private) => readonly GraphNode[] | undefined;

function fuse(graph: Graph, rewrite: Rewriting): void {
  const recorded = graph.nodes;
  const uses = new Map<Value, number>();
  for (const value of [...recorded.flatMap((node) => node.inputs), ...graph.outputs])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const once = new Map(
    recorded.filter((node) => uses.get(node.outputs[0]!) === 1).map((node) => [node.outputs[0]!, node]),
  );
  const gone = new Set<GraphNode>();
  graph.nodes = [];
  for (const node of recorded) {
    const superfluous = rewrite(graph, node, once);
    if (superfluous === undefined) graph.nodes.push(node);
    for (const other of superfluous ?? []) gone.add(other);
  }
  graph.nodes = graph.nodes.filter((node) => !gone.has(node));
}

/** The last step of a rewriting: `value`, in the shape and under the name of what `node` computed. */
function become(g: Graph, node: GraphNode, value: Value): void {
  const [output] = node.outputs as [Value];
  g.nodes.push({ op: "Reshape", inputs: [value, g.integers(output.shape)], outputs: [output], attributes: {} });
}

/** Add(Mul(x, a), b) with a and b constant along the last axis of x alone. */
const line: Rewriting = (g, node, once) => {
  if (node.op !== "Add") return undefined;
  for (const [sum, b] of [node.inputs, node.inputs.toReversed()] as [Value, Value][]) {
    const product = once.get(sum);
    if (product?.op !== "Mul") continue;
    for (const [x, a] of [product.inputs, product.inputs.toReversed()] as [Value, Value][]) {
      const width = x.shape.at(-1) ?? 0;
      const column = [...x.shape.slice(0, -1), 1];
      if (x.type !== "float32" || width < SHORTEST_ROW || !sameShape(a.shape, column) || !sameShape(b.shape, column))
        continue;
      const rows = sizeOf(column);
      const of = (value: number): Value => g.constant(value, [rows], "float32");
      const inputs = [reshape(g, x, [1, rows, width]), reshape(g, a, [rows]), reshape(g, b, [rows]), of(0), of(1)];
      become(g, node, g.node("BatchNormalization", inputs, [1, rows, width], { epsilon: 0 }));
      return [product];
    }
  }
  return undefined;
};

/** Mul(Reshape(Expand(x)), y): y in the shape of the Expand, times x, which is repeated as it is read. */
const expandedProduct: Rewriting = (g, node, once) => {
  if (node.op !== "Mul") return undefined;
  for (const [repeated, y] of [node.inputs, node.inputs.toReversed()] as [Value, Value][]) {
    const view = once.get(repeated);
    const expand = view?.op === "Reshape" ? once.get(view.inputs[0]!) : view;
    if (view === undefined || expand?.op !== "Expand" || !sameShape(y.shape, repeated.shape)) continue;
    const [x, shape] = [expand.inputs[0]!, expand.outputs[0]!.shape];
    if ((shape.at(-1) ?? 0) < SHORTEST_ROW || x.shape.at(-1) !== shape.at(-1)) continue;
    become(g, node, g.node("Mul", [x, reshape(g, y, shape)], shape));
    return [view, expand];
  }
  return undefined;
};

/** Every positive number times this is at least 1, but for those that sessions take for 0. */
const STEEP = 2 ** 127;

/** Cast(Cast(ReLU(x), bool), float32): what the gradient of ReLU multiplies by. */
const slopeOfRelu: Rewriting = (g, node, once) => {
  const truth = node.op === "Cast" && node.outputs[0]!.type === "float32" ? once.get(node.inputs[0]!) : undefined;
  const relu = truth?.op === "Cast" && truth.outputs[0]!.type === "bool" ? truth.inputs[0]! : undefined;
  if (truth === undefined || relu === undefined || g.producer(relu)?.op !== "Relu") return undefined;
  const { outputs } = node;
  g.nodes.push({ op: "HardSigmoid", inputs: [relu], outputs, attributes: { alpha: STEEP, beta: 0 } });
  return [truth];
};
