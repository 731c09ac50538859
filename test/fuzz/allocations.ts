/**
 * @file How much memory a reader asks for: every typed array and every array of a given length, counted by their bytes.
 *
 * The constructors are replaced while `act` runs; views of memory that is there already cost nothing.
 */
const NAMES = [
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigUint64Array",
] as const;

/** Bytes asked for by `act`, whose errors pass through `onError`. */
export function allocatedBytes(act: () => void, onError: (error: unknown) => void): number {
  let total = 0;
  const global = globalThis as unknown as Record<string, unknown>;
  const originals = [...NAMES, "Array"].map((name) => [name, global[name]] as const);
  for (const [name, original] of originals) {
    global[name] = new Proxy(original as new (...args: unknown[]) => unknown, {
      construct(target, args, newTarget) {
        const [first] = args;
        const length = typeof first === "number" ? first : lengthOf(first);
        const width =
          name === "Array"
            ? typeof first === "number"
              ? 8
              : 0
            : (target as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
        total += length * width;
        // A promise this large would end the process: counted, but not kept.
        if (length * width > 2 ** 30) throw new RangeError(`asked for ${length * width} bytes`);
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
  try {
    act();
  } catch (error) {
    onError(error);
  } finally {
    for (const [name, original] of originals) global[name] = original;
  }
  return total;
}

function lengthOf(value: unknown): number {
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return 0;
  return typeof value === "object" && value !== null && "length" in value ? Number(value.length) : 0;
}
