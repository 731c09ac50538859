/**
 * @file A tensor program as a list of ONNX nodes, while it is being recorded.
 *
 * Values have fixed shapes. Constants that hold one repeated number are kept as that number, because gradients
 * multiply by arrays of ones all the time and those should cost nothing.
 */
import { IolausError } from "../core/errors.js";

/** ONNX element types in use. tfjs knows no int64; ONNX wants it for shapes and axes. */
export type ElementType = "float32" | "int32" | "bool" | "int64";

export interface Value {
  /** Unique in its graph; the graph's outputs are renamed at the end. */
  name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Constants only: the numbers, row-major, or one number that all elements equal. */
  readonly constant?: readonly number[] | Float32Array | Int32Array | Uint8Array | number;
}

export type Attribute = number | readonly number[] | string | Graph;

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export class Graph {
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  nodes: GraphNode[] = [];
  #count = 0;
  readonly #producers = new Map<Value, GraphNode>();

  readonly #prefix: string;

  /** `name`: the program's, for messages. `prefix`: of its values' names, which a graph within a graph has its own of. */
  constructor(
    readonly name: string,
    prefix = "v",
  ) {
    this.#prefix = prefix;
  }

  input(name: string, shape: readonly number[]): Value {
    const value: Value = { name: `in_${name}`, shape, type: "float32" };
    this.inputs.push(value);
    return value;
  }

  constant(data: NonNullable<Value["constant"]>, shape: readonly number[], type: ElementType): Value {
    return { ...this.#value(shape, type), constant: data };
  }

  scalar(x: number, type: ElementType = "float32"): Value {
    return this.constant(x, [], type);
  }

  /** A shape, a list of axes: int64, rank 1. */
  integers(values: readonly number[]): Value {
    return this.constant(values, [values.length], "int64");
  }

  /** Append a node with one output of the given shape; the type is the first input's unless told. */
  node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    { type = inputs[0]!.type, ...attributes }: { readonly type?: ElementType; readonly [name: string]: unknown } = {},
  ): Value {
    return this.nodeOfMany(op, inputs, [{ shape, type }], attributes as Record<string, Attribute>)[0]!;
  }

  nodeOfMany(
    op: string,
    inputs: readonly Value[],
    outputs: readonly { readonly shape: readonly number[]; readonly type: ElementType }[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    // Nothing computes nothing: an empty result is a constant, and no operator is asked what it does then.
    if (outputs.every(({ shape }) => shape.includes(0)))
      return outputs.map(({ shape, type }) => this.constant(0, shape, type));
    return this.#append(op, inputs, outputs, attributes);
  }

  /** The node that computes `x`; undefined for inputs and constants. */
  producer(x: Value): GraphNode | undefined {
    return this.#producers.get(x);
  }

  cast(x: Value, type: ElementType): Value {
    return x.type === type ? x : this.node("Cast", [x], x.shape, { type, to: ELEMENT_CODES[type] });
  }

  /** Declare a result. Results are float32, whatever the program computed. */
  output(name: string, value: Value): void {
    const float = this.cast(value, "float32");
    const made = this.nodes.some((node) => node.outputs.includes(float)) && !this.outputs.includes(float);
    const result = made ? float : this.#append("Identity", [float], [float], {})[0]!;
    result.name = `out_${name}`;
    this.outputs.push(result);
  }

  #append(
    op: string,
    inputs: readonly Value[],
    outputs: readonly { readonly shape: readonly number[]; readonly type: ElementType }[],
    attributes: Readonly<Record<string, Attribute>>,
  ): Value[] {
    const values = outputs.map(({ shape, type }) => this.#value(shape, type));
    const node = { op, inputs, outputs: values, attributes };
    this.nodes.push(node);
    for (const value of values) this.#producers.set(value, node);
    return values;
  }

  #value(shape: readonly number[], type: ElementType): Value {
    if (!shape.every((n) => Number.isInteger(n) && n >= 0))
      throw new IolausError("internal", `${this.name}: expected a shape of integers, got [${shape.join(", ")}]`);
    return { name: `${this.#prefix}${this.#count++}`, shape, type };
  }
}

/** TensorProto.DataType. */
export const ELEMENT_CODES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
