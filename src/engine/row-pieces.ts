/**
 * @file Long batches of rows in pieces that stay in the processor's cache.
 *
 * A training step on P points goes through arrays of P rows some fifty times, and from 1 MiB on they come from slow
 * memory every time. Where all that happens to a row depends on that row alone, until sums over the rows are taken, the
 * step becomes an ONNX Scan over pieces of the rows, each of which goes forwards and backwards while it is in the cache:
 *
 *     what depends on no row  →  Scan (rows in pieces; sums are carried along)  →  what depends on the sums
 */
import { type Graph, type GraphNode, sizeOf, type Value } from "./graph.js";
import { type RowPlan, scanRows } from "./row-scan.js";

/** Of the widest array of a piece, per thread; half of a core's cache. */
const PIECE_BYTES = 1 << 20;
/** Shorter pieces would spend their time on arranging weights. */
const FEWEST_ROWS = 128;

/** Rewrite the heavy part of `graph`, a training step, as a Scan; false where the graph is not of that kind, and left. */
export function pieceRows(graph: Graph, threads: number): boolean {
  const plans = graph.inputs
    .filter(({ shape }) => shape.length === 2 && shape[0]! >= 2 * FEWEST_ROWS)
    .map((seed) => planPieces(graph, seed))
    .filter((plan) => plan !== undefined)
    .sort((a, b) => b.body.length - a.body.length);
  const [plan] = plans;
  if (plan === undefined || plan.sums.size === 0) return false;
  const rows = rowsPerPiece(plan, threads);
  if (rows === undefined || plan.body.filter(({ op }) => op === "Gemm").length < 2) return false;
  scanRows(graph, plan, rows, threads);
  return true;
}

function planPieces(graph: Graph, seed: Value): RowPlan | undefined {
  const rows = seed.shape[0]!;
  const [before, body, after]: [GraphNode[], GraphNode[], GraphNode[]] = [[], [], []];
  const given = new Set([seed]);
  const [split, sums, late] = [new Set<Value>(), new Set<Value>(), new Set<Value>()];
  const isSplit = (x: Value): boolean => given.has(x) || split.has(x);
  for (const node of graph.nodes) {
    const cut = node.inputs.some((x) => split.has(x) || x === seed);
    const waits = node.inputs.some((x) => sums.has(x) || late.has(x));
    if (waits) {
      // A row that needs a sum over all rows cannot be finished in its piece.
      if (cut) return undefined;
      after.push(node);
      for (const value of node.outputs) late.add(value);
      continue;
    }
    if (!cut) {
      before.push(node);
      continue;
    }
    const part = partOf(node, rows, isSplit);
    if (part === undefined || node.outputs.length > 1) return undefined;
    for (const value of part.rows) if (!split.has(value)) given.add(value);
    (part.summed ? sums : split).add(node.outputs[0]!);
    body.push(node);
  }
  return { rows, before, body, after, given, split, sums };
}

interface Part {
  /** The inputs that are cut into pieces. */
  readonly rows: readonly Value[];
  /** Whether the result is a sum over rows, not rows. */
  readonly summed: boolean;
}

/** Operators that treat every element alike, with broadcasting. */
const ELEMENTWISE = new Set([
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Neg", "Abs", "Sqrt", "Reciprocal", "Exp", "Log"],
  ...["Sin", "Cos", "Tanh", "Sigmoid", "Relu", "HardSigmoid", "LeakyRelu", "Elu", "Softplus", "Erf", "Identity"],
  ...["Cast", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "Not", "And", "Or", "Where"],
]);

/** How `node` works on a piece of its rows; undefined where it cannot. */
function partOf(
  { op, inputs, outputs, attributes }: GraphNode,
  rows: number,
  isSplit: (x: Value) => boolean,
): Part | undefined {
  const { shape } = outputs[0]!;
  const inRows = (x: Value): boolean => x.shape[0] === rows;
  if (ELEMENTWISE.has(op)) {
    const cut = inputs.filter((x) => x.shape.length === shape.length && x.shape[0] !== 1);
    return cut.every(inRows) && inputs.every((x) => cut.includes(x) || !isSplit(x))
      ? { rows: cut, summed: false }
      : undefined;
  }
  if (op === "Gemm") {
    const [a, b, c] = inputs as [Value, Value, Value?];
    if (attributes["transA"] !== 1) {
      const bias = c !== undefined && c.shape.length === 2 && c.shape[0] !== 1 ? [c] : [];
      const whole = [b, ...(c !== undefined && bias.length === 0 ? [c] : [])];
      return [a, ...bias].every(inRows) && !whole.some(isSplit) ? { rows: [a, ...bias], summed: false } : undefined;
    }
    return c === undefined && attributes["transB"] !== 1 && inRows(a) && inRows(b)
      ? { rows: [a, b], summed: true }
      : undefined;
  }
  const [x] = inputs as [Value];
  if (!inRows(x) || inputs.slice(1).some(isSplit)) return undefined;
  if (op === "Reshape") return shape[0] === rows ? { rows: [x], summed: false } : undefined;
  if (op === "ReduceSum") {
    const axes = inputs[1]?.constant as readonly number[] | undefined;
    return axes === undefined ? undefined : { rows: [x], summed: axes.includes(0) };
  }
  return undefined;
}

/** Undefined where all rows fit, or no number of equal pieces does. */
function rowsPerPiece({ rows, body }: RowPlan, threads: number): number | undefined {
  const width = Math.max(
    ...body
      .flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
      .filter(({ shape }) => shape[0] === rows)
      .map(({ shape }) => sizeOf(shape) / rows),
  );
  const most = (threads * PIECE_BYTES) / (4 * width);
  if (rows <= most) return undefined;
  for (let pieces = 2; rows / pieces >= FEWEST_ROWS; pieces++)
    if (rows % pieces === 0 && rows / pieces <= most) return rows / pieces;
  return undefined;
}
