/**
 * @file Python pickles, protocols 2 to 5, bytes → numbers (Python's pickletools lists the opcodes).
 *
 * Nothing is executed: a class or function is a name, and the names that may be called stand in pickle-numpy.ts
 * (NumPy arrays, their types, bytes). Every other name is refused, by name.
 */
import { readFileSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { reading } from "./file-access.js";
import type { NpyArray } from "./npy.js";
import { buildPickled, callPickled, type PickledGlobal, type PickledObject, pickledGlobal } from "./pickle-numpy.js";

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | NpyArray
  | PickledGlobal
  | PickledObject;

/** Lists, tuples and dictionaries that a file of arrays may hold: far more than any needs. */
const MOST_CONTAINERS = 2_000;
const MOST_VALUES = 4_000_000;
/** Longest whole number, bytes. */
const LONGEST_NUMBER = 16;

/** Read a pickle: arrays, numbers, text, tuples, lists and dictionaries of them; tuples and lists both become arrays. */
export function readPickle(path: string): PickleValue {
  return parsePickle(
    reading(path, () => readFileSync(path)),
    path,
  )[0]!;
}

/** Read a file of several pickles one after the other, as cryoDRGN's z.pkl is. */
export function readPickles(path: string): PickleValue[] {
  return parsePickle(
    reading(path, () => readFileSync(path)),
    path,
  );
}

/** The pickles in `bytes`, at least one; arrays share their memory. `source` appears in messages only. */
export function parsePickle(bytes: Uint8Array, source = "<memory>"): PickleValue[] {
  const values: PickleValue[] = [];
  for (let at = 0; at < bytes.length || at === 0; ) {
    const machine = new PickleMachine(bytes, at, source);
    values.push(machine.run());
    at = machine.at;
  }
  return values;
}

const MARK = Symbol("mark");

class PickleMachine {
  readonly #buffer: Buffer;
  readonly #memo = new Map<number, PickleValue>();
  #stack: (PickleValue | typeof MARK)[] = [];
  #containers = 0;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly source: string,
  ) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Follow the opcodes to the end of one pickle. */
  run(): PickleValue {
    const first = this.#byte();
    const protocol = first === 0x80 ? this.#byte() : 0;
    if (protocol < 2 || protocol > 5)
      this.refuse(
        "a pickle of protocol 2 to 5",
        protocol === 0 ? "another file, or an older pickle" : `protocol ${protocol}`,
      );
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#pop(); // STOP
      const act = OPCODES.get(opcode);
      if (act === undefined) this.refuse("an opcode of numbers, text and containers", `0x${opcode.toString(16)}`);
      else act(this);
      if (this.#stack.length > MOST_VALUES) this.refuse(`at most ${MOST_VALUES} values`, "more");
    }
  }

  refuse(expected: string, got: string): never {
    const advice = "is it a pickle of NumPy arrays, and whole?";
    throw new IolausError("bad-file", `${this.source}: expected ${expected} at byte ${this.at}, got ${got}; ${advice}`);
  }

  #byte(): number {
    return this.take(1)[0]!;
  }

  take(count: number): Uint8Array {
    if (!(count <= this.bytes.length - this.at)) this.refuse(`${count} bytes`, `${this.bytes.length - this.at}`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** An unsigned whole number of 1, 2, 4 or 8 bytes. */
  unsigned(width: number): number {
    const from = this.at;
    this.take(width);
    if (width === 8) return Number(this.#buffer.readBigUInt64LE(from));
    return this.#buffer.readUIntLE(from, width);
  }

  signed(): number {
    this.take(4);
    return this.#buffer.readInt32LE(this.at - 4);
  }

  double(): number {
    this.take(8);
    return this.#buffer.readDoubleBE(this.at - 8);
  }

  /** A two's complement number of `width` bytes. */
  long(width: number): number | bigint {
    if (width > LONGEST_NUMBER) this.refuse(`a number of at most ${LONGEST_NUMBER} bytes`, `${width}`);
    const bytes = this.take(width);
    let value = 0n;
    for (let k = width - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[k]!);
    if (width > 0 && bytes[width - 1]! > 127) value -= 1n << BigInt(8 * width);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(length: number, encoding: "utf8" | "latin1" = "utf8"): string {
    this.take(length);
    return this.#buffer.toString(encoding, this.at - length, this.at);
  }

  line(): string {
    const end = this.#buffer.indexOf(10, this.at);
    if (end < 0) this.refuse("a line", "none");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  container<T extends PickleValue>(value: T): void {
    if (++this.#containers > MOST_CONTAINERS)
      this.refuse(`at most ${MOST_CONTAINERS} lists, tuples and dictionaries`, "more");
    this.push(value);
  }

  mark(): void {
    this.#stack.push(MARK);
  }

  #pop(): PickleValue {
    return this.pop(1)[0]!;
  }

  /** The last `count` values, none of them the mark. */
  pop(count: number): PickleValue[] {
    const values = this.#stack.splice(Math.max(0, this.#stack.length - count));
    if (values.length < count || values.includes(MARK)) this.refuse(`${count} values`, "fewer");
    return values as PickleValue[];
  }

  /** All values since the mark. */
  popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) this.refuse("a mark", "none");
    return this.#stack.splice(at).slice(1) as PickleValue[];
  }

  top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined || value === MARK ? this.refuse("a value", "none") : value;
  }

  put(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    this.push(value === undefined ? this.refuse(`the value kept as ${index}`, "none") : value);
  }

  /** Add to the list on top. */
  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.refuse("a list", "something else");
    else for (const item of items) list.push(item);
  }

  /** Add to the dictionary on top. */
  setItems(items: readonly PickleValue[]): void {
    const entries = this.top();
    if (!(entries instanceof Map) || items.length % 2 !== 0) this.refuse("a dictionary and pairs", "something else");
    else for (let i = 0; i < items.length; i += 2) entries.set(items[i]!, items[i + 1]!);
  }

  global(module: PickleValue, name: PickleValue): void {
    this.push(pickledGlobal(module, name, this.source));
  }

  reduce(): void {
    const [callee, args] = this.pop(2);
    this.push(callPickled(callee!, args!, this.source));
  }

  build(): void {
    const [object, state] = this.pop(2);
    this.push(object!);
    buildPickled(object!, state!, this.source);
  }
}

type Act = (machine: PickleMachine) => void;

const OPCODES: ReadonlyMap<number, Act> = new Map<number, Act>([
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4b, (m) => m.push(m.unsigned(1))], // BININT1
  [0x4d, (m) => m.push(m.unsigned(2))], // BININT2
  [0x4a, (m) => m.push(m.signed())], // BININT
  [0x8a, (m) => m.push(m.long(m.unsigned(1)))], // LONG1
  [0x8b, (m) => m.push(m.long(m.unsigned(4)))], // LONG4
  [0x47, (m) => m.push(m.double())], // BINFLOAT
  [0x8c, (m) => m.push(m.text(m.unsigned(1)))], // SHORT_BINUNICODE
  [0x58, (m) => m.push(m.text(m.unsigned(4)))], // BINUNICODE
  [0x8d, (m) => m.push(m.text(m.unsigned(8)))], // BINUNICODE8
  [0x55, (m) => m.push(m.text(m.unsigned(1), "latin1"))], // SHORT_BINSTRING, of Python 2
  [0x54, (m) => m.push(m.text(m.unsigned(4), "latin1"))], // BINSTRING, of Python 2
  [0x43, (m) => m.push(m.take(m.unsigned(1)))], // SHORT_BINBYTES
  [0x42, (m) => m.push(m.take(m.unsigned(4)))], // BINBYTES
  [0x8e, (m) => m.push(m.take(m.unsigned(8)))], // BINBYTES8
  [0x96, (m) => m.push(m.take(m.unsigned(8)))], // BYTEARRAY8
  [0x28, (m) => m.mark()], // MARK
  [0x29, (m) => m.container([])], // EMPTY_TUPLE
  [0x5d, (m) => m.container([])], // EMPTY_LIST
  [0x7d, (m) => m.container(new Map())], // EMPTY_DICT
  [0x85, (m) => m.container(m.pop(1))], // TUPLE1
  [0x86, (m) => m.container(m.pop(2))], // TUPLE2
  [0x87, (m) => m.container(m.pop(3))], // TUPLE3
  [0x74, (m) => m.container(m.popToMark())], // TUPLE
  [0x61, (m) => m.append(m.pop(1))], // APPEND
  [0x65, (m) => m.append(m.popToMark())], // APPENDS
  [0x73, (m) => m.setItems(m.pop(2))], // SETITEM
  [0x75, (m) => m.setItems(m.popToMark())], // SETITEMS
  [0x71, (m) => m.put(m.unsigned(1))], // BINPUT
  [0x72, (m) => m.put(m.unsigned(4))], // LONG_BINPUT
  [0x94, (m) => m.put()], // MEMOIZE
  [0x68, (m) => m.get(m.unsigned(1))], // BINGET
  [0x6a, (m) => m.get(m.unsigned(4))], // LONG_BINGET
  [0x95, (m) => void m.take(8)], // FRAME
  [0x63, (m) => m.global(m.line(), m.line())], // GLOBAL
  [0x93, (m) => m.global(...(m.pop(2) as [PickleValue, PickleValue]))], // STACK_GLOBAL
  [0x52, (m) => m.reduce()], // REDUCE
  [0x62, (m) => m.build()], // BUILD
]);
