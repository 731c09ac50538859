/** @file A planned step on P rows → an ONNX Scan over pieces of them. */
import { Graph, type GraphNode, type Value } from "./graph.js";
import { reshape } from "./kernels/shape.js";
import { addPiece, carriedShape, closeSum } from "./row-sums.js";

/** What happens before the rows, to each of them, and after their sums are known. */
export interface RowPlan {
  /** P */
  readonly rows: number;
  readonly before: readonly GraphNode[];
  readonly body: readonly GraphNode[];
  readonly after: readonly GraphNode[];
  /** Values of P rows that come from outside of the body. */
  readonly given: ReadonlySet<Value>;
  /** Values of P rows that the body computes. */
  readonly split: ReadonlySet<Value>;
  /** Values that are sums of what the body computes for its pieces. */
  readonly sums: ReadonlySet<Value>;
}

/** Of fewer rows, a share's product costs less than to keep a sum of its own. */
const FEWEST_IN_SHARE = 128;

/** Rewrite `graph` with pieces of `rows`, which divides the plan's P. */
export function scanRows(graph: Graph, plan: RowPlan, rows: number, threads: number): void {
  const body = new Graph(`${graph.name}: a piece of ${rows} rows`, "piece_of_");
  const copies = new Map<Value, Value>();
  const pieceOf = ({ name, shape, type }: Value): Value => ({
    name: `piece_${name}`,
    shape: shape.with(0, rows),
    type,
  });
  const stacked = ({ shape }: Value): number[] => [plan.rows / rows, rows, ...shape.slice(1)];

  const sums = plan.body.filter(({ outputs }) => plan.sums.has(outputs[0]!));
  const shares = rows % threads === 0 && rows / threads >= FEWEST_IN_SHARE ? threads : 1;
  const carried = sums.map((node): Value => {
    const { name, type } = node.outputs[0]!;
    return { name: `sum_${name}`, shape: carriedShape(node, shares), type };
  });
  graph.nodes = [...plan.before];
  const start = carried.map(({ shape, type }) =>
    graph.node("Expand", [graph.scalar(0, type), graph.integers(shape)], shape),
  );
  const given: Value[] = [];
  for (const value of plan.given) {
    const piece = pieceOf(value);
    // One number repeated is the same in every piece.
    if (typeof value.constant === "number") copies.set(value, { ...piece, constant: value.constant });
    else {
      given.push(reshape(graph, value, stacked(value)));
      copies.set(value, piece);
      body.inputs.push(piece);
    }
  }
  body.inputs.unshift(...carried);

  for (const node of plan.body) {
    const parts = node.inputs.map((x) => copies.get(x) ?? x);
    const at = sums.indexOf(node);
    if (at >= 0) body.outputs[at] = addPiece(body, node, parts, carried[at]!, shares);
    else {
      const piece = pieceOf(node.outputs[0]!);
      copies.set(node.outputs[0]!, piece);
      const inputs = node.op === "Reshape" ? [parts[0]!, graph.integers(piece.shape)] : parts;
      body.nodes.push({ ...node, inputs, outputs: [piece] });
    }
  }
  const wanted = new Set([...plan.after.flatMap((node) => node.inputs), ...graph.outputs]);
  const rowsOut = [...plan.split].filter((value) => wanted.has(value));
  for (const value of rowsOut) body.outputs.push(copies.get(value)!);

  const results = graph.nodeOfMany(
    "Scan",
    [...start, ...given],
    [...carried, ...rowsOut.map((value) => ({ shape: stacked(value), type: value.type }))],
    { body, num_scan_inputs: given.length },
  );
  sums.forEach((node, i) => {
    graph.nodes.push(closeSum(graph, results[i]!, node.outputs[0]!));
  });
  rowsOut.forEach((value, i) => {
    const inputs = [results[sums.length + i]!, graph.integers(value.shape)];
    graph.nodes.push({ op: "Reshape", inputs, outputs: [value], attributes: {} });
  });
  graph.nodes.push(...plan.after);
}
