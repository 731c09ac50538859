import { existsSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { npyNumbers } from "../../../src/io/npy.js";
import { type PickleValue, parsePickle, readPickle, readPickles } from "../../../src/io/pickle.js";
import { pickleArray, picklePair } from "../../../src/io/pickle-write.js";
import { pythonsWithNumpy, run } from "../../support/other-programs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();

const SCRIPT = `
import sys, pickle, numpy as np
out, = sys.argv[1:]
r = np.arange(18, dtype="<f4").reshape(2, 3, 3)
values = {
  "pair": (r, np.array([[1, 2], [3, 4]], ">f8")),
  "single": (r,),
  "bare": r,
  "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
  "indices": np.array([0, 5, 2**40], "<i8"),
  "list": [1, -2, 2**40, -2**70, 1.5, "text", b"bytes", True, None, {"a": (1, (2,))}],
  "scalar": (np.float32(0.5), np.int64(7)),
  "same": (r, r),
  "empty": np.zeros((0, 8), "f4"),
  "long": np.arange(100000, dtype="f4"),
}
for protocol in range(2, 6):
    for name, value in values.items():
        with open(f"{out}/{name}.{protocol}.pkl", "wb") as f:
            pickle.dump(value, f, protocol=protocol)
    with open(f"{out}/two.{protocol}.pkl", "wb") as f:
        pickle.dump(r, f, protocol=protocol)
        pickle.dump(r + 1, f, protocol=protocol)
    with open(f"{out}/objects.{protocol}.pkl", "wb") as f:
        pickle.dump(np.array([{}, []], object), f, protocol=protocol)
    with open(f"{out}/records.{protocol}.pkl", "wb") as f:
        pickle.dump(np.zeros(2, [("a", "f4")]), f, protocol=protocol)
pickle.dump(r, open(f"{out}/old.pkl", "wb"), protocol=0)
`;

function numbers(value: PickleValue | undefined): { shape: readonly number[]; values: number[] } {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "npy-array")
    throw new Error(`no array: ${String(value)}`);
  return { shape: value.shape, values: [...npyNumbers(value)] };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(pythonsWithNumpy)("pickles of %s", (python) => {
  beforeAll(() => run(python, ["-c", SCRIPT, folder()]));

  describe.each([2, 3, 4, 5])("in protocol %i", (protocol) => {
    const read = (name: string): PickleValue => readPickle(folder(`${name}.${protocol}.pkl`));

    test("are the arrays that were saved, alone, in tuples, in either byte order", () => {
      const [rotations, shifts] = read("pair") as PickleValue[];
      expect(numbers(rotations)).toEqual({ shape: [2, 3, 3], values: upTo(18) });
      expect(numbers(shifts)).toEqual({ shape: [2, 2], values: [1, 2, 3, 4] });
      expect(numbers((read("single") as PickleValue[])[0]).values).toEqual(upTo(18));
      expect(numbers(read("bare")).values).toEqual(upTo(18));
      expect(numbers(read("fortran"))).toEqual({ shape: [2, 3], values: upTo(6) });
      expect(numbers(read("indices")).values).toEqual([0, 5, 2 ** 40]);
      expect(numbers(read("long")).values).toEqual(upTo(100_000));
      expect(numbers(read("empty"))).toEqual({ shape: [0, 8], values: [] });
      const [first, second] = read("same") as PickleValue[];
      expect(numbers(first)).toEqual(numbers(second));
    });

    test("are the plain values that were saved", () => {
      const value = read("list") as PickleValue[];
      expect(value.slice(0, 6)).toEqual([1, -2, 2 ** 40, -(2n ** 70n), 1.5, "text"]);
      expect(Buffer.from(value[6] as Uint8Array).toString()).toBe("bytes");
      expect(value.slice(7)).toEqual([true, null, new Map([["a", [1, [2]]]])]);
      expect(read("scalar")).toEqual([0.5, 7]);
    });

    test("one after the other in a file are all read, as in cryoDRGN's z.pkl", () => {
      const [first, second, ...others] = readPickles(folder(`two.${protocol}.pkl`));
      expect(numbers(first).values).toEqual(upTo(18));
      expect(numbers(second).values).toEqual(upTo(18).map((x) => x + 1));
      expect(others).toEqual([]);
    });

    test("of Python objects or records in arrays are refused", () => {
      expect(() => read("objects")).toThrow('got "O8"');
      expect(() => read("records")).toThrow(/got "V4"|got records/);
    });
  });

  test("in a protocol before 2 are refused", () => {
    expect(() => readPickle(folder("old.pkl"))).toThrow("expected a pickle of protocol 2 to 5");
  });

  test("of ours are read there", () => {
    const r = { values: Float32Array.from(upTo(18)), shape: [2, 3, 3] };
    writeFileSync(folder("ours.pkl"), picklePair(r, { values: Float32Array.of(0.5, -0.25, 0, 1), shape: [2, 2] }));
    writeFileSync(folder("index.pkl"), pickleArray({ values: Int32Array.of(0, 7, 100_000), shape: [3] }));
    const script = `
import sys, json, pickle
(r, t), i = [pickle.load(open(path, "rb")) for path in sys.argv[1:]]
t[0] += 0  # arrays may be changed
print(json.dumps([r.shape, str(r.dtype), r.ravel().tolist(), t.tolist(), i.tolist(), str(i.dtype)]))`;
    expect(JSON.parse(run(python, ["-c", script, folder("ours.pkl"), folder("index.pkl")]))).toEqual([
      [2, 3, 3],
      "float32",
      upTo(18),
      [
        [0.5, -0.25],
        [0, 1],
      ],
      [0, 7, 100_000],
      "int32",
    ]);
  });

  test("that would run a program are refused by its name, and run nothing", () => {
    const script = `
import sys, os, pickle, subprocess, builtins
class Evil:
    def __init__(self, f, *args): self.call = (f, args)
    def __reduce__(self): return self.call
mark = sys.argv[1] + "/executed"
evils = [Evil(os.system, f"touch {mark}"), Evil(subprocess.getoutput, f"touch {mark}"), Evil(builtins.eval, f"open({mark!r}, 'w')"), Evil(builtins.exec, f"open({mark!r}, 'w')"), Evil(getattr, "text", "upper"), Evil(open, mark, "w")]
for protocol in range(2, 6):
    for i, evil in enumerate(evils):
        pickle.dump([1, evil], open(f"{sys.argv[1]}/evil{i}.{protocol}.pkl", "wb"), protocol=protocol)`;
    run(python, ["-c", script, folder()]);
    const names = ["system", "getoutput", "eval", "exec", "getattr", "open"];
    for (let protocol = 2; protocol <= 5; protocol++)
      names.forEach((name, i) => {
        const refusal = new RegExp(`got [a-z_]+\\.${name}; nothing was executed`);
        expect(() => readPickle(folder(`evil${i}.${protocol}.pkl`))).toThrow(refusal);
      });
    expect(existsSync(folder("executed"))).toBe(false);
  });
});

describe("pickles made by hand", () => {
  const bytes = (...parts: (string | number[])[]): Uint8Array =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

  test.each([
    ["a class", bytes([0x80, 2], "cdatetime\ndatetime\n."), "got datetime.datetime; nothing was executed"],
    ["torch", bytes([0x80, 2], "ctorch._utils\n_rebuild_tensor_v2\n."), "got torch._utils._rebuild_tensor_v2"],
    ["a name in disguise", bytes([0x80, 4, 0x8c, 2], "os", [0x8c, 6], "system", [0x93], "."), "got os.system"],
    ["a name that is no text", bytes([0x80, 4], "K\x01K\x02", [0x93], "."), "got something without a name"],
    ["a call of a class", bytes([0x80, 2], "cnumpy\nndarray\n)R."), "expected a call of NumPy's"],
    ["new objects", bytes([0x80, 2], "cnumpy\nndarray\n)\x81."), "got 0x81"],
    ["persistent ids", bytes([0x80, 2], "K\x01Q."), "got 0x51"],
    ["nothing", new Uint8Array(0), "expected 1 bytes at byte 0"],
    ["no end", bytes([0x80, 2], "N"), "expected 1 bytes"],
    ["an empty stack", bytes([0x80, 2], "."), "expected 1 values"],
    ["a mark as value", bytes([0x80, 2], "(."), "expected 1 values"],
    ["a wrong memo", bytes([0x80, 2], "h\x07."), "expected the value kept as 7"],
    ["bytes that are not there", bytes([0x80, 3], "B", [0xff, 0xff, 0xff, 0x7f], "x"), "expected 2147483647 bytes"],
    ["too many dictionaries", bytes([0x80, 2], "}".repeat(5000), "."), "expected at most 2000 lists"],
  ])("with %s are refused", (_, pickle, message) => {
    expect(() => parsePickle(pickle, "evil.pkl")).toThrow(message);
  });
});
