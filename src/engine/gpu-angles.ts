/**
 * @file Sine and cosine from products and sums, for GPUs.
 *
 * WGSL promises them to 2⁻¹¹ and between −π and π only, and some drivers give no more; frequencies reach further.
 * In turns t = x / 2π − round(x / 2π), sin x = t P(t²): P is the polynomial of degree 5 that fits best between −½
 * and ½ (error 1e-7; 7e-7 in float32). cos x is a quarter turn ahead.
 */
import type { Graph, Value } from "./graph.js";

const SINE_OF_TURNS = [6.28318282, -41.3414214, 81.5961839, -76.5801005, 41.2053949, -12.2712624];

/** Replace every Sin and Cos of the graph. */
export function replaceAngles(graph: Graph): void {
  const recorded = graph.nodes;
  graph.nodes = [];
  for (const node of recorded) {
    if (node.op !== "Sin" && node.op !== "Cos") {
      graph.nodes.push(node);
      continue;
    }
    const [x] = node.inputs as [Value];
    const apply = (op: string, a: Value, b: Value | number): Value =>
      graph.node(op, [a, typeof b === "number" ? graph.scalar(b) : b], x.shape);
    const sine = apply("Mul", x, 1 / (2 * Math.PI));
    const angle = node.op === "Sin" ? sine : apply("Add", sine, 0.25);
    const turns = apply("Sub", angle, graph.node("Round", [angle], x.shape));
    const square = apply("Mul", turns, turns);
    const [last, ...others] = SINE_OF_TURNS.toReversed();
    const polynomial = others.reduce<Value | number>(
      (sum, coefficient) =>
        apply("Add", typeof sum === "number" ? apply("Mul", square, sum) : apply("Mul", sum, square), coefficient),
      last!,
    );
    graph.nodes.push({ op: "Mul", inputs: [turns, polynomial as Value], outputs: node.outputs, attributes: {} });
  }
}
