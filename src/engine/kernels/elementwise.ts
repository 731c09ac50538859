/** @file Kernels that work element by element, with broadcasting. */
import type { ElementType, Graph, Value } from "../graph.js";
import { sameShape } from "../graph.js";
import type { Kernel, Kernels } from "./kernel.js";
import { broadcast, broadcastShape } from "./shape.js";

/** One ONNX operator of one input: tfjs name → ONNX name. */
const UNARY: Readonly<Record<string, string>> = {
  ...same("Abs", "Neg", "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Round", "Sign", "Erf"),
  ...same("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh"),
  ...same("Sigmoid", "Relu", "Elu", "Selu", "Softplus"),
  LogicalNot: "Not",
};

/** One ONNX operator of two inputs. */
const BINARY: Readonly<Record<string, string>> = {
  ...{ Add: "Add", Sub: "Sub", RealDiv: "Div", Pow: "Pow", Maximum: "Max", Minimum: "Min" },
  ...{ Greater: "Greater", GreaterEqual: "GreaterOrEqual", Less: "Less", LessEqual: "LessOrEqual", Equal: "Equal" },
  ...{ LogicalAnd: "And", LogicalOr: "Or" },
};

const COMPARISONS = new Set(["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "And", "Or"]);

const composed: Kernels = {
  Identity: (_g, { x }) => x!,
  Cast: (g, { x }, { dtype }) => g.cast(x!, dtype),
  Multiply: (g, { a, b }) => multiply(g, a!, b!),
  Square: (g, { x }) => g.node("Mul", [x!, x!], x!.shape),
  Rsqrt: (g, { x }) => unary(g, "Reciprocal", unary(g, "Sqrt", x!)),
  Relu6: (g, { x }) => g.node("Clip", [x!, g.scalar(0), g.scalar(6)], x!.shape),
  LeakyRelu: (g, { x }, { alpha }) => g.node("LeakyRelu", [x!], x!.shape, { alpha }),
  Prelu: (g, { x, alpha }) => prelu(g, x!, alpha!),
  ClipByValue: (g, { x }, { clipValueMin, clipValueMax }) =>
    g.node("Clip", [x!, g.scalar(clipValueMin, x!.type), g.scalar(clipValueMax, x!.type)], x!.shape),
  Step: (g, { x }, { alpha = 0 }) => {
    // The gradient of ReLU asks for this; its result tells as much as its input, which need then not be kept.
    const relu = g.nodes.find((node) => node.op === "Relu" && node.inputs[0] === x);
    if (relu !== undefined && alpha === 0) return g.cast(g.cast(relu.outputs[0]!, "bool"), x!.type);
    const positive = binary(g, "Greater", x!, g.scalar(0, x!.type));
    if (alpha === 0) return g.cast(positive, x!.type);
    return select(g, positive, g.scalar(1, x!.type), g.scalar(alpha, x!.type));
  },
  EluGrad: (g, { dy, y }) => {
    const slope = g.node("Min", [binary(g, "Add", y!, g.scalar(1)), g.scalar(1)], y!.shape);
    return g.node("Mul", [dy!, slope], y!.shape);
  },
  SquaredDifference: (g, { a, b }) => {
    const d = binary(g, "Sub", a!, b!);
    return g.node("Mul", [d, d], d.shape);
  },
  FloorDiv: (g, { a, b }) => {
    const quotient = binary(g, "Div", g.cast(a!, "float32"), g.cast(b!, "float32"));
    return g.cast(unary(g, "Floor", quotient), "int32");
  },
  // The sign of the divisor, as in Python; ONNX has the sign of the dividend, as in C.
  Mod: (g, { a, b }) => {
    const rest = binary(g, "Mod", a!, b!, { fmod: 1 });
    const opposed = binary(g, "Less", binary(g, "Mul", rest, b!), g.scalar(0, a!.type));
    return select(g, opposed, binary(g, "Add", rest, b!), rest);
  },
  NotEqual: (g, { a, b }) => unary(g, "Not", binary(g, "Equal", a!, b!)),
  AddN: (g, inputs) => Object.values(inputs).reduce((a, b) => g.node("Add", [a, b], a.shape)),
  Select: (g, { condition, t, e }) => select(g, condition!, t!, e!),
  IsNan: (g, { x }) => g.node("IsNaN", [x!], x!.shape, { type: "bool" }),
  IsInf: (g, { x }) => g.node("IsInf", [x!], x!.shape, { type: "bool" }),
  IsFinite: (g, { x }) => {
    const [nan, infinite] = ["IsNaN", "IsInf"].map((op) => g.node(op, [x!], x!.shape, { type: "bool" }));
    return unary(g, "Not", binary(g, "Or", nan!, infinite!));
  },
  Atan2: (g, { a, b }) => arcTangent(g, a!, b!),
  // Kahan's correction: what rounding 1 + x took away is put back; at large |x| nothing is lost.
  Log1p: (g, { x }) => {
    const u = binary(g, "Add", x!, g.scalar(1));
    const log = unary(g, "Log", u);
    const lost = binary(g, "Div", x!, binary(g, "Sub", u, g.scalar(1)));
    return small(g, x!, select(g, binary(g, "Equal", u, g.scalar(1)), x!, binary(g, "Mul", log, lost)), log);
  },
  Expm1: (g, { x }) => {
    const u = unary(g, "Exp", x!);
    const less = binary(g, "Sub", u, g.scalar(1));
    const exact = binary(g, "Mul", less, binary(g, "Div", x!, unary(g, "Log", u)));
    return small(g, x!, select(g, binary(g, "Equal", u, g.scalar(1)), x!, exact), less);
  },
};

export const elementwise: Kernels = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, op]): [string, Kernel] => [name, (g, { x }) => unary(g, op, x!)]),
  ),
  ...Object.fromEntries(
    Object.entries(BINARY).map(([name, op]): [string, Kernel] => [name, (g, { a, b }) => binary(g, op, a!, b!)]),
  ),
  ...composed,
};

export function unary(g: Graph, op: string, x: Value): Value {
  return g.node(op, [x], x.shape);
}

export function binary(g: Graph, op: string, a: Value, b: Value, attributes: Record<string, number> = {}): Value {
  const shape = broadcastShape(a, b);
  const type: ElementType = COMPARISONS.has(op) ? "bool" : a.type;
  return g.node(op, [operand(g, a, b, shape), operand(g, b, a, shape)], shape, { type, ...attributes });
}

/** Gradients multiply by arrays of ones; such a product is a copy or a broadcast. */
export function multiply(g: Graph, a: Value, b: Value): Value {
  if (b.constant === 1) return broadcast(g, a, broadcastShape(a, b));
  if (a.constant === 1) return multiply(g, b, a);
  return binary(g, "Mul", a, b);
}

export function select(g: Graph, condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShape({ ...condition, shape: broadcastShape(condition, yes) }, no);
  return g.node("Where", [condition, yes, no], shape, { type: yes.type });
}

export function prelu(g: Graph, x: Value, slope: Value): Value {
  const negative = binary(g, "Mul", g.node("Min", [x, g.scalar(0)], x.shape), slope);
  return binary(g, "Add", unary(g, "Relu", x), negative);
}

function same(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** A repeated constant need not be spelled out where the other operand already has the result's shape. */
function operand(g: Graph, x: Value, other: Value, shape: readonly number[]): Value {
  return typeof x.constant === "number" && sameShape(other.shape, shape) ? g.scalar(x.constant, x.type) : x;
}

/** `near` where |x| < ½, else `far`. */
function small(g: Graph, x: Value, near: Value, far: Value): Value {
  return select(g, binary(g, "Less", unary(g, "Abs", x), g.scalar(0.5)), near, far);
}

/** The angle of (x, y) = (b, a), −π..π. */
function arcTangent(g: Graph, a: Value, b: Value): Value {
  const zero = g.scalar(0);
  const half = unary(g, "Atan", binary(g, "Div", a, b));
  const turn = select(g, binary(g, "Less", a, zero), g.scalar(-Math.PI), g.scalar(Math.PI));
  const left = binary(g, "Less", b, zero);
  const angle = select(g, left, binary(g, "Add", half, turn), half);
  const origin = binary(g, "And", binary(g, "Equal", a, zero), binary(g, "Equal", b, zero));
  return select(g, origin, zero, angle);
}
