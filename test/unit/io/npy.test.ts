import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { formatNpyFloats, npyColumn, npyNumbers, parseNpy, readNpy } from "../../../src/io/npy.js";
import { columnBigints, columnNumbers, columnTexts } from "../../../src/io/npy-type.js";
import { parsePythonLiteral } from "../../../src/io/python-literal.js";
import { pythonsWithNumpy, run } from "../../support/other-programs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const python = pythonsWithNumpy[0];

const SCRIPT = `
import sys, json, numpy as np
out, = sys.argv[1:]
values = [0, 1, 2, 3, 4, 250]
for t in ["<f4", ">f4", "<f8", ">f8", "<f2", ">f2", "<i2", ">i4", "<i8", ">u8", "<u2", "u1", "<u4"]:
    np.save(f"{out}/{t[0] if t[0] in '<>' else ''}{t.lstrip('<>')}.npy", np.array(values, t).reshape(2, 3))
np.save(f"{out}/minus.npy", np.array([-1, -128, 127], "i1"))
np.save(f"{out}/truth.npy", np.array([True, False]))
np.save(f"{out}/fortran.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save(f"{out}/scalar.npy", np.float32(7))
np.save(f"{out}/empty.npy", np.zeros((0, 3)))
table = np.zeros(3, [("uid", "<u8"), ("a/b", "S7"), ("pose", "<f4", (3,)), ("big", ">i4"), ("U", "<U4"), ("m", "<f8", (2, 2))])
table["uid"] = [2**64 - 1, 2**53 + 1, 0]
table["a/b"] = [b"x", "\\u00e5".encode(), b"1234567"]
table["pose"] = np.arange(9).reshape(3, 3)
table["big"] = [-1, 2, 3]
table["U"] = ["\\u00c5\\U0001f525", "", "abcd"]
table["m"] = np.arange(12).reshape(3, 2, 2)
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(f"{out}/v{version[0]}.npy", "wb") as f:
        np.lib.format.write_array(f, table, version=version)
np.save(f"{out}/wide.npy", np.zeros(2, [(f"field_{i:05d}", "<f4") for i in range(4000)]))
np.save(f"{out}/objects.npy", np.array([{}], object), allow_pickle=True)
np.save(f"{out}/complex.npy", np.zeros(2, complex))
np.save(f"{out}/nested.npy", np.zeros(2, [("a", [("b", "f4")])]))
np.save(f"{out}/aligned.npy", np.array([(1, 2), (3, 4)], np.dtype([("a", "u1"), ("b", "<f8")], align=True)))
`;

describe.skipIf(python === undefined)("arrays saved by NumPy", () => {
  beforeAll(() => run(python!, ["-c", SCRIPT, folder()]));

  test.each([
    "<f4",
    ">f4",
    "<f8",
    ">f8",
    "<f2",
    ">f2",
    "<i2",
    ">i4",
    "<i8",
    ">u8",
    "<u2",
    "u1",
    "<u4",
  ])("%s are the numbers that were saved", (type) => {
    const array = readNpy(folder(`${type}.npy`));
    expect(array.shape).toEqual([2, 3]);
    expect([...npyNumbers(array)]).toEqual([0, 1, 2, 3, 4, 250]);
  });

  test("signs, truth values, scalars and empty arrays", () => {
    expect([...npyNumbers(readNpy(folder("minus.npy")))]).toEqual([-1, -128, 127]);
    expect([...npyNumbers(readNpy(folder("truth.npy")))]).toEqual([1, 0]);
    expect([...npyNumbers(readNpy(folder("scalar.npy")))]).toEqual([7]);
    expect(readNpy(folder("empty.npy")).shape).toEqual([0, 3]);
    expect(npyNumbers(readNpy(folder("empty.npy")))).toHaveLength(0);
  });

  test("Fortran's order becomes ours", () => {
    const array = readNpy(folder("fortran.npy"));
    expect(array.fortranOrder).toBe(true);
    expect([...npyNumbers(array)]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test.each([1, 2, 3])("a table in version %i of the header has its fields, uids beyond 2⁵³ among them", (version) => {
    const array = readNpy(folder(`v${version}.npy`));
    const column = (name: string) => npyColumn(array, array.fields.find((field) => field.name === name)!);
    expect([...columnBigints(column("uid"), "uid")]).toEqual([2n ** 64n - 1n, 2n ** 53n + 1n, 0n]);
    expect(() => columnNumbers(column("uid"), "uid")).toThrow("uid: expected whole numbers up to 2⁵³");
    expect(columnTexts(column("a/b"), "a/b")).toEqual(["x", "å", "1234567"]);
    expect([...columnNumbers(column("pose"), "pose")]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...columnNumbers(column("big"), "big")]).toEqual([-1, 2, 3]);
    expect(columnTexts(column("U"), "U")).toEqual(["Å🔥", "", "abcd"]);
    expect([...columnNumbers(column("m"), "m")]).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  test("padding between aligned fields is skipped", () => {
    const array = readNpy(folder("aligned.npy"));
    expect(array.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ["a", 0],
      ["b", 8],
    ]);
    expect([...columnNumbers(npyColumn(array, array.fields[1]!), "b")]).toEqual([2, 4]);
  });

  test("headers may be longer than NumPy's own limit", () => {
    expect(readNpy(folder("wide.npy")).fields).toHaveLength(4000);
  });

  test.each([
    ["objects", 'got "|O"'],
    ["complex", 'got "<c16"'],
    ["nested", "expected plain fields"],
  ])("%s are refused", (name, message) => {
    expect(() => readNpy(folder(`${name}.npy`))).toThrow(message);
  });

  test("what we write NumPy reads", () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const bytes = formatNpyFloats(values, [3, 4]);
    const script =
      "import sys, io, json, numpy as np; a = np.load(io.BytesIO(bytes.fromhex(sys.argv[1]))); print(json.dumps([a.shape, a.ravel().tolist()]))";
    const said = JSON.parse(run(python!, ["-c", script, Buffer.from(bytes).toString("hex")]));
    expect(said).toEqual([[3, 4], [...values]]);
  });

  test("a file cut short is refused with both lengths, wherever it was cut", () => {
    const bytes = readFileSync(folder("v1.npy"));
    for (const length of [0, 5, 9, 20, bytes.length - 1])
      expect(() => parseNpy(bytes.subarray(0, length), "cut.npy")).toThrow(/^cut\.npy: expected .*, got /);
  });
});

describe("Python literals", () => {
  test("are read as Python reads them", () => {
    const value = parsePythonLiteral("{'a': (1, -2L,), \"b\": [True, None, 'it\\'s'], 'c': (), }", "here");
    expect(value).toEqual(
      new Map<string, unknown>([
        ["a", [1, -2]],
        ["b", [true, null, "it's"]],
        ["c", []],
      ]),
    );
  });

  test.each([
    "",
    "{",
    "(1 2)",
    "{'a' 1}",
    "f()",
    "1.5",
    "__import__('os')",
    `${"(".repeat(50)}`,
    "1 1",
  ])("%j is refused", (text) => {
    expect(() => parsePythonLiteral(text, "here")).toThrow(/^here: expected /);
  });
});
