/**
 * @file Convolutions in ONNX Runtime's blocked layout, with filters that are known at run time only.
 *
 *     plain    [batch channels rows columns]
 *     blocked  [batch channels/n rows columns n]      n: the channels that one instruction takes, 8 or 16
 *
 * In blocks a convolution runs near the peak of matrix products, where the plain one, which writes every window
 * down, runs at half of it for few channels. ONNX Runtime blocks constant filters itself; in a training step filters are
 * inputs, and it leaves them plain. Its own operators (domain com.microsoft.nchwc) are used here, which it also writes
 * into the models it optimises; whether this build has them, and n, is found out by asking it.
 */
import * as ort from "onnxruntime-node";
import { Graph, type GraphNode, type Value } from "./graph.js";
import { reshape, transpose } from "./kernels/shape.js";
import { encodeOnnx } from "./onnx-model.js";
import { dropUnused } from "./simplify.js";

const DOMAIN = "com.microsoft.nchwc";

let probed: Promise<number> | undefined;

/** Channels of a block on this processor; 0 where ONNX Runtime has no blocked operators. */
export function blockSize(): Promise<number> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<number> {
  const channels = 64;
  const graph = new Graph("blocks");
  const shape = [1, channels, 1, 2];
  graph.output("y", blocked(graph, graph.input("x", shape)));
  try {
    const session = await ort.InferenceSession.create(encodeOnnx(graph), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const x = new ort.Tensor(
      "float32",
      Float32Array.from({ length: 2 * channels }, (_, i) => i),
      shape,
    );
    const { out_y } = await session.run({ in_x: x });
    await session.release();
    // The second pixel of the first channel follows the first pixel of a whole block.
    const n = (out_y!.data as Float32Array).indexOf(1);
    return n > 1 ? n : 0;
  } catch {
    return 0;
  }
}

function blocked(g: Graph, x: Value): Value {
  return g.node(`${DOMAIN}.ReorderInput`, [x], x.shape);
}

/** Convolve, and average for a convolution, in blocks of `n` channels where that is faster; n = 0: nowhere. */
export function blockConvolutions(graph: Graph, n: number): void {
  if (n === 0) return;
  const recorded = graph.nodes;
  const chosen = new Set(recorded.filter((node) => isBlockable(graph, node, n)));
  // Pooled in blocks, if a convolution wants the result so.
  const wanted = new Set([...chosen].map((node) => node.inputs[0]!));
  const pools = new Set(recorded.filter(({ op, outputs }) => op === "AveragePool" && wanted.has(outputs[0]!)));

  const twins = new Map<Value, Value>();
  const twin = (x: Value): Value => {
    const known = twins.get(x) ?? blocked(graph, x);
    twins.set(x, known);
    return known;
  };
  graph.nodes = [];
  for (const node of recorded) {
    if (!chosen.has(node) && !pools.has(node)) {
      graph.nodes.push(node);
      continue;
    }
    const [x, filter] = node.inputs as [Value, Value?];
    const [y] = node.outputs as [Value];
    const inputs = [twin(x), ...(filter === undefined ? [] : [blockedFilter(graph, filter, n)])];
    const inBlocks = graph.node(`${DOMAIN}.${node.op}`, inputs, y.shape, node.attributes);
    twins.set(y, inBlocks);
    const channels = y.shape[1]!;
    graph.nodes.push({ op: `${DOMAIN}.ReorderOutput`, inputs: [inBlocks], outputs: [y], attributes: { channels } });
  }
  dropUnused(graph); // filters as they were
}

function isBlockable(g: Graph, { op, inputs, outputs, attributes }: GraphNode, n: number): boolean {
  if (op !== "Conv" || (attributes["group"] !== undefined && attributes["group"] !== 1)) return false;
  const [out, from] = inputs[1]!.shape as [number, number];
  const [rows, columns] = outputs[0]!.shape.slice(2) as [number, number];
  if (out % n !== 0 || from % n !== 0 || isConstant(g, inputs[1]!)) return false;
  // Small images of many channels are products near the peak in any layout.
  return 4 * rows * columns >= out;
}

function isConstant(g: Graph, x: Value): boolean {
  return x.constant !== undefined || (g.producer(x)?.inputs.every((input) => isConstant(g, input)) ?? false);
}

/**
 * [out in rows columns] → [out/n in/n rows columns n·in n·out], declared as it was. Filters of tfjs have rows and
 * columns in front, and there n numbers or n² move together; the last two axes are swapped by ReorderInput, far
 * faster than by Transpose.
 */
function blockedFilter(g: Graph, filter: Value, n: number): Value {
  const [out, from, rows, columns] = filter.shape as [number, number, number, number];
  const producer = g.producer(filter);
  const perm = producer?.op === "Transpose" ? String(producer.attributes["perm"]) : "";
  const [source] = producer?.inputs ?? [];
  const arranged = (): Value => {
    if (perm === "3,2,0,1") {
      const parts = reshape(g, source!, [rows, columns, from / n, n, out / n, n]);
      return transpose(g, parts, [4, 2, 0, 1, 3, 5]);
    }
    if (perm === "2,3,0,1") {
      const swapped = blocked(g, reshape(g, source!, [rows * columns, out, 1, from]));
      return transpose(g, reshape(g, swapped, [rows, columns, out / n, from / n, n * n]), [2, 3, 0, 1, 4]);
    }
    return transpose(g, reshape(g, filter, [out / n, n, from / n, n, rows, columns]), [0, 2, 4, 5, 3, 1]);
  };
  return reshape(g, arranged(), filter.shape);
}
