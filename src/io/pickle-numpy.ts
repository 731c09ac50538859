/**
 * @file The names that a pickle may call, and what they make: NumPy arrays, their types, scalars, and bytes.
 *
 * Both namespaces of NumPy (`numpy.core`, and `numpy._core` from 2 on); protocols 2 to 4 reconstruct an array and then
 * give it its state, protocol 5 makes it from a buffer. Arrays of Python objects are refused.
 */
import { IolausError } from "../core/errors.js";
import type { NpyArray } from "./npy.js";
import { columnNumbers, type NpyType, parseNpyType, rowWidth } from "./npy-type.js";
import type { PickleValue } from "./pickle.js";

/** A class or function, as a name. */
export interface PickledGlobal {
  readonly kind: "pickled-global";
  readonly name: string;
}

/** A type, or an array that has not got its state yet: BUILD makes an NpyArray of it. */
export type PickledObject = { readonly kind: "pickled-dtype"; type: NpyType } | { readonly kind: "pickled-array" };

const CALLABLE: ReadonlyMap<string, (args: readonly PickleValue[], source: string) => PickleValue> = new Map([
  ["numpy.dtype", dtype],
  ["numpy.core.multiarray._reconstruct", emptyArray],
  ["numpy.core.multiarray.scalar", scalar],
  ["numpy.core.numeric._frombuffer", fromBuffer],
  ["_codecs.encode", ([text], source) => bytesOf(text, source)],
  ["builtins.bytearray", bytes],
  ["builtins.bytes", bytes],
]);
/** Named, but never called: what arrays are made of. */
const NAMED = new Set(["numpy.ndarray"]);

/** The name, if it is one of those. Throws `unsupported` with the name of any other. */
export function pickledGlobal(module: PickleValue, name: PickleValue, source: string): PickledGlobal {
  const written =
    typeof module === "string" && typeof name === "string" ? `${module}.${name}` : "something without a name";
  const known = written.replace(/^numpy\._core\./, "numpy.core.").replace(/^__builtin__\./, "builtins.");
  if (CALLABLE.has(known) || NAMED.has(known)) return { kind: "pickled-global", name: known };
  throw new IolausError(
    "unsupported",
    `${source}: expected NumPy arrays, numbers and text, got ${written}; nothing was executed. ` +
      "Save plain arrays from Python instead",
  );
}

/** What the call makes. */
export function callPickled(callee: PickleValue, args: PickleValue, source: string): PickleValue {
  const call = isKind(callee, "pickled-global") ? CALLABLE.get(callee.name) : undefined;
  if (call === undefined || !Array.isArray(args)) return refuse(source, "a call of NumPy's", "another");
  return call(args, source);
}

/** Give an object its state. */
export function buildPickled(object: PickleValue, state: PickleValue, source: string): void {
  if (!Array.isArray(state)) refuse(source, "a state that is a tuple", "something else");
  else if (isKind(object, "pickled-dtype")) {
    const [, order, subarray, names, fields] = state;
    if (subarray != null || names != null || fields != null) refuse(source, "arrays of plain numbers", "records");
    object.type = { ...object.type, littleEndian: order !== ">" };
  } else if (isKind(object, "pickled-array")) {
    const [, shape, type, fortranOrder, data] = state;
    Object.assign(object, array(data, type, shape, fortranOrder === true, source));
  } else refuse(source, "a state for an array or a type", "one for something else");
}

function dtype([text]: readonly PickleValue[], source: string): PickleValue {
  if (typeof text !== "string") return refuse(source, "the name of a type", "something else");
  return { kind: "pickled-dtype", type: parseNpyType(text, source) };
}

function emptyArray(): PickleValue {
  return { kind: "pickled-array" };
}

function fromBuffer([buffer, type, shape, order]: readonly PickleValue[], source: string): PickleValue {
  return array(buffer, type, shape, order === "F", source);
}

function scalar([type, data]: readonly PickleValue[], source: string): PickleValue {
  const one = array(data, type, [], false, source);
  const column = { type: one.type!, shape: [], count: 1, bytes: one.data, offset: 0, stride: one.itemBytes };
  return columnNumbers(column, source)[0]!;
}

function bytes([data]: readonly PickleValue[], source: string): PickleValue {
  return data === undefined ? new Uint8Array(0) : bytesOf(data, source);
}

/** Python 2 wrote bytes as text, protocol 2 of Python 3 encodes them: both hold one byte per character. */
function bytesOf(value: PickleValue | undefined, source: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value, "latin1") : refuse(source, "bytes", "something else");
}

function array(
  data: PickleValue | undefined,
  dtypeValue: PickleValue | undefined,
  shape: PickleValue | undefined,
  fortranOrder: boolean,
  source: string,
): NpyArray {
  if (!isKind(dtypeValue, "pickled-dtype")) return refuse(source, "the type of an array", "something else");
  const { type } = dtypeValue;
  const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!isShape || type.bytes === 0) return refuse(source, "the shape of an array", "something else");
  const raw = bytesOf(data, source);
  const need = rowWidth(shape as readonly number[]) * type.bytes;
  if (raw.length !== need) refuse(source, `${need} bytes of an array`, `${raw.length}`);
  return {
    kind: "npy-array",
    type,
    fields: [],
    shape: shape as readonly number[],
    fortranOrder,
    itemBytes: type.bytes,
    data: raw,
  };
}

function isKind<K extends string>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

function refuse(source: string, expected: string, got: string): never {
  throw new IolausError("bad-file", `${source}: expected ${expected}, got ${got}; is it a pickle of NumPy arrays?`);
}
