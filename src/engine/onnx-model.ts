/** @file A recorded graph → the bytes of an ONNX model (IR 8, opset 17). */
import onnxProto from "onnx-proto";
import { type Attribute, ELEMENT_CODES, Graph, type GraphNode, sizeOf, type Value } from "./graph.js";

const { onnx } = onnxProto;
const { AttributeType } = onnx.AttributeProto;

export interface ModelDescription {
  /** The graph's; programs that are otherwise equal are told apart by it. */
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function encodeOnnx(graph: Graph, { name, metadata = {} }: ModelDescription = { name: "program" }): Uint8Array {
  const nodes = withInner(graph.nodes);
  const constants = new Set(nodes.flatMap((node) => node.inputs).filter((v) => v.constant !== undefined));
  const domains = new Set(["", ...nodes.map(({ op }) => operator(op).domain)]);
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [...domains].map((domain) => ({ domain, version: domain === "" ? 17 : 1 })),
    producerName: "iolaus",
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      ...graphProto(graph, name),
      initializer: [...constants].map((value) => ({
        name: value.name,
        dims: [...value.shape],
        dataType: ELEMENT_CODES[value.type],
        rawData: rawBytes(value),
      })),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/** Without constants: those of inner graphs are the outermost's, too. */
function graphProto(graph: Graph, name: string): OnnxGraph {
  return onnx.GraphProto.create({
    name,
    input: graph.inputs.map(valueInfo),
    output: graph.outputs.map(valueInfo),
    node: graph.nodes.map((node, i) => ({
      name: `${operator(node.op).opType}_${i}`,
      ...operator(node.op),
      input: node.inputs.map((value) => value.name),
      output: node.outputs.map((value) => value.name),
      attribute: Object.entries(node.attributes).map(([name, value]) => ({ name, ...attribute(name, value) })),
    })),
  });
}

type OnnxGraph = InstanceType<typeof onnx.GraphProto>;

/** `nodes` and those of graphs that are attributes of theirs. */
function withInner(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => [
    node,
    ...Object.values(node.attributes).flatMap((value) => (value instanceof Graph ? withInner(value.nodes) : [])),
  ]);
}

/** Operators of other domains bear the domain before a dot. */
function operator(op: string): { readonly domain: string; readonly opType: string } {
  const dot = op.lastIndexOf(".");
  return { domain: op.slice(0, Math.max(0, dot)), opType: op.slice(dot + 1) };
}

function valueInfo(value: Value): InstanceType<typeof onnx.ValueInfoProto> {
  const dim = value.shape.map((n) => ({ dimValue: n }));
  const type = { tensorType: { elemType: ELEMENT_CODES[value.type], shape: { dim } } };
  return onnx.ValueInfoProto.create({ name: value.name, type });
}

/** Attributes that ONNX wants as floats even when their value happens to be whole. */
const FLOATS = new Set(["alpha", "beta", "epsilon"]);

function attribute(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === "string") return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (value instanceof Graph) return { type: AttributeType.GRAPH, g: graphProto(value, value.name) };
  if (typeof value !== "number") return { type: AttributeType.INTS, ints: [...value] };
  return FLOATS.has(name) ? { type: AttributeType.FLOAT, f: value } : { type: AttributeType.INT, i: value };
}

function rawBytes(value: Value): Uint8Array {
  const size = sizeOf(value.shape);
  const source = value.constant ?? 0;
  const at = typeof source === "number" ? () => source : (i: number) => source[i]!;
  if (value.type === "bool") return Uint8Array.from({ length: size }, (_, i) => (at(i) ? 1 : 0));
  if (value.type === "int64") {
    return new Uint8Array(BigInt64Array.from({ length: size }, (_, i) => BigInt(at(i))).buffer);
  }
  const Type = value.type === "int32" ? Int32Array : Float32Array;
  const data = new Type(size);
  for (let i = 0; i < size; i++) data[i] = at(i);
  return new Uint8Array(data.buffer);
}
