import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import { rotationAt, rotationFromVector, transpose } from "../../../src/geometry/rotation.js";
import { csCtfs } from "../../../src/io/cs-ctf.js";
import { joinCs, joinedNumbers, joinedTexts } from "../../../src/io/cs-join.js";
import { csAlignments } from "../../../src/io/cs-poses.js";
import { csNumbers, csTexts, csUids, parseCs, readCs, writeCs } from "../../../src/io/cs-table.js";
import { exportParticles } from "../../../src/io/export-particles.js";
import { decodeLz4Block } from "../../../src/io/lz4-block.js";
import { openMrcStack } from "../../../src/io/mrc-stack.js";
import { openParticles } from "../../../src/io/particles.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { textColumns } from "../../../src/io/star-table.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { answers, pythonsWithNumpy, run } from "../../support/other-programs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const python = pythonsWithNumpy[0];
const hasLz4 = python !== undefined && answers(python, "-c", "import lz4.block");

/** Two tables of one job: the particles, and in another order, with one row more, their passthrough. */
const SCRIPT = `
import sys, json, struct, numpy as np
out, = sys.argv[1:]
rng = np.random.default_rng(1)
N, K = 50, 3
uid = rng.integers(2**60, 2**63, N).astype("<u8")
main = np.zeros(N, [("uid", "<u8"), ("alignments3D/pose", "<f4", (3,)), ("alignments3D/shift", "<f4", (2,)), ("alignments3D/psize_A", "<f4"), ("alignments3D/class", "<u4")])
main["uid"] = uid
main["alignments3D/pose"] = rng.normal(size=(N, 3)); main["alignments3D/pose"][7] = 0
main["alignments3D/shift"] = rng.normal(size=(N, 2)) * 3
main["alignments3D/psize_A"] = 3.0
main["alignments3D/class"] = np.arange(N) % K
np.save(f"{out}/main.npy", main)
order = rng.permutation(N + 1)
far = np.zeros(N + 1, [("uid", "<u8"), ("blob/path", "S40"), ("blob/idx", "<u4"), ("blob/shape", "<u4", (2,)), ("blob/psize_A", "<f4"), ("ctf/exp_group_id", "<u4"), ("ctf/accel_kv", "<f4"), ("ctf/cs_mm", "<f4"), ("ctf/amp_contrast", "<f4"), ("ctf/df1_A", "<f4"), ("ctf/df2_A", "<f4"), ("ctf/df_angle_rad", "<f4"), ("ctf/phase_shift_rad", "<f4"), ("alignments3D/pose", "<f4", (3,))])
far["uid"] = np.append(uid, np.uint64(5))
far["blob/path"] = [(">J1/extract/a.mrc" if i % 2 else "J1/extract/b.mrc") for i in range(N + 1)]
far["blob/idx"] = np.arange(N + 1) // 2
far["blob/shape"] = 4
far["blob/psize_A"] = 1.5
far["ctf/exp_group_id"] = np.arange(N + 1) % 2 + 3
far["ctf/accel_kv"], far["ctf/cs_mm"], far["ctf/amp_contrast"] = 300, 2.7, 0.1
far["ctf/df1_A"], far["ctf/df2_A"], far["ctf/df_angle_rad"], far["ctf/phase_shift_rad"] = 10000 + np.arange(N + 1), 9000, 0.5, np.arange(N + 1) / 100
np.save(f"{out}/far.npy", far[order])
multi = np.zeros(N, [("uid", "<u8"), ("alignments3D_multi/pose", "<f4", (K, 3)), ("alignments3D_multi/shift", "<f4", (K, 2)), ("alignments3D_multi/psize_A", "<f4"), ("alignments3D_multi/class", "<u4", (K,)), ("alignments3D_multi/class_posterior", "<f4", (K,))])
multi["uid"] = uid
p = rng.dirichlet(np.ones(K), N)
multi["alignments3D_multi/pose"] = rng.normal(size=(N, K, 3))
multi["alignments3D_multi/shift"] = rng.normal(size=(N, K, 2))
multi["alignments3D_multi/psize_A"] = 3.0
multi["alignments3D_multi/class"] = np.arange(K)
multi["alignments3D_multi/class_posterior"] = p
np.save(f"{out}/multi.npy", multi)
old = np.zeros(N, [("uid", "<u8")] + [f for k in range(K) for f in [(f"alignments_class_{k}/pose", "<f4", (3,)), (f"alignments_class_{k}/shift", "<f4", (2,)), (f"alignments_class_{k}/psize_A", "<f4"), (f"alignments_class_{k}/class", "<u4"), (f"alignments_class_{k}/class_posterior", "<f4")]])
old["uid"] = uid
for k in range(K):
    for name in ["pose", "shift", "class_posterior"]:
        old[f"alignments_class_{k}/{name}"] = multi[f"alignments3D_multi/{name}"][:, k]
    old[f"alignments_class_{k}/psize_A"], old[f"alignments_class_{k}/class"] = 3.0, k
np.save(f"{out}/old.npy", old)
for name in ["main", "far", "multi", "old"]:
    import os; os.rename(f"{out}/{name}.npy", f"{out}/{name}.cs")
best = p.argmax(1)
w = np.arange(N)
print(json.dumps({"uid": [str(u) for u in uid], "best": best.tolist(), "pose": multi["alignments3D_multi/pose"][w, best].tolist(), "shift": multi["alignments3D_multi/shift"][w, best].tolist(), "main": main["alignments3D/pose"].tolist()}))
`;

interface Truth {
  readonly uid: string[];
  readonly best: number[];
  readonly pose: [number, number, number][];
  readonly shift: [number, number][];
  readonly main: [number, number, number][];
}

describe.skipIf(python === undefined)("tables as cryoSPARC saves them", () => {
  let truth: Truth;
  beforeAll(() => {
    mkdirSync(folder("J1/extract"), { recursive: true });
    truth = JSON.parse(run(python!, ["-c", SCRIPT, folder()])) as Truth;
    for (const [name, value] of [
      ["a", 100],
      ["b", 200],
    ] as const) {
      const values = Float32Array.from({ length: 26 * 16 }, (_, i) => value + Math.floor(i / 16));
      writeFileSync(folder(`J1/extract/${name}.mrc`), mrcBytes({ n: [4, 4, 26], values }));
    }
  });

  test("have their fields, and uids beyond 2⁵³", () => {
    const table = readCs(folder("main.cs"));
    expect([...csUids(table)].map(String)).toEqual(truth.uid);
    expect([...csNumbers(table, "alignments3D/class").subarray(0, 4)]).toEqual([0, 1, 2, 0]);
    expect(() => csNumbers(table, "blob/idx")).toThrow(
      /main\.cs: expected the field blob\/idx, got only uid, alignments3D/,
    );
    expect(() => csTexts(table, "uid")).toThrow("expected text, got <u8");
  });

  test("are joined on uid, whatever the order; the first table that has a field speaks for it", () => {
    const joined = joinCs(readCs(folder("main.cs")), [readCs(folder("far.cs"))]);
    expect([...joinedNumbers(joined, "blob/idx")!]).toEqual(truth.uid.map((_, i) => Math.floor(i / 2)));
    expect(joinedTexts(joined, "blob/path")!.slice(0, 2)).toEqual(["J1/extract/b.mrc", ">J1/extract/a.mrc"]);
    expect([...joinedNumbers(joined, "alignments3D/pose")!.slice(0, 3)]).toEqual(truth.main[0]);
    expect(joinedNumbers(joined, "no/such")).toBeNull();
  });

  test("that miss particles, or name one twice, are refused by uid", () => {
    const [main, far] = [readCs(folder("main.cs")), readCs(folder("far.cs"))];
    expect(() => joinCs(far, [main])).toThrow(`expected every uid of ${folder("far.cs")}, got none of 1 (5)`);
    writeCs(folder("twice.cs"), main, { rows: [0, 1, 0] });
    expect(() => joinCs(readCs(folder("twice.cs")))).toThrow(`got ${truth.uid[0]} in rows 0 and 2 (from 0)`);
  });

  test("open as particles: image, CTF and pose of each uid together, in any order of rows and files", async () => {
    const options = { passthrough: [folder("far.cs")] };
    const particles = await openParticles(folder("main.cs"), options);
    expect(particles).toMatchObject({ count: 50, box: 4, pixelSizeAngstrom: 1.5, hasCtf: true });
    expect(particles.keys).toEqual(truth.uid);
    expect([0, 1, 2, 3].map((i) => particles.readImage(i)[0])).toEqual([200, 100, 201, 101]);
    expect(particles.optics(0)).toEqual({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 });
    expect(particles.defocus(9)).toMatchObject({ uAngstrom: 10009, vAngstrom: 9000, angleRad: 0.5 });
    expect(particles.defocus(9).phaseShiftRad).toBeCloseTo(0.09, 7);
    const poses = readPoses(particles)!;
    const table = readCs(folder("main.cs"));
    for (let i = 0; i < 5; i++)
      rotationAt(poses.rotations, i).forEach((x, k) => {
        expect(x).toBeCloseTo(transpose(rotationFromVector(truth.main[i]!))[k]!, 6);
      });
    expect(poses.shiftsAngstrom[2]).toBeCloseTo(-3 * csNumbers(table, "alignments3D/shift")[2]!, 5); // of 3 Å pixels

    const rows = shuffledIndices(50, seededRandom(2));
    writeCs(folder("shuffled.cs"), table, { rows });
    const shuffled = await openParticles(folder("shuffled.cs"), options);
    rows.forEach((from, to) => {
      expect(shuffled.keys[to]).toBe(particles.keys[from]);
      expect(shuffled.readImage(to)).toEqual(particles.readImage(from));
      expect(shuffled.defocus(to)).toEqual(particles.defocus(from));
    });
  });

  test("become a STAR file with one optics group per exposure group, numbers from 1, uids alongside", async () => {
    const particles = await openParticles(folder("main.cs"), { passthrough: [folder("far.cs")] });
    const [optics, list] = particles.star.blocks.map((block) => block.table!);
    expect(textColumns(optics!, ["rlnOpticsGroupName"])[0]).toEqual(["exposureGroup3", "exposureGroup4"]);
    expect(textColumns(list!, ["rlnImageName", "rlnClassNumber", "csparcUid"]).map((column) => column[3])).toEqual([
      "000002@J1/extract/a.mrc",
      "1",
      truth.uid[3],
    ]);
  });

  test("of several pixel sizes and sides are opened, each image with its own, and go back out", async () => {
    const far = readCs(folder("far.cs"));
    const isFine = csTexts(far, "blob/path").map((path) => path.endsWith("b.mrc"));
    mkdirSync(folder("mixed/J1/extract"), { recursive: true });
    for (const [name, n] of [
      ["a", 4],
      ["b", 6],
    ] as const)
      writeFileSync(
        folder(`mixed/J1/extract/${name}.mrc`),
        mrcBytes({ n: [n, n, 26], values: new Float32Array(26 * n * n).fill(n) }),
      );
    const sides = Uint32Array.from(isFine.flatMap((fine) => (fine ? [6, 6] : [4, 4])));
    const sizes = (fine: number): Float32Array => Float32Array.from(isFine, (is) => (is ? fine : 1.5));
    const [shape, psize] = [{ name: "blob/shape", values: sides, shape: [2] }, "blob/psize_A"];
    writeCs(folder("mixed/far.cs"), far, { added: [shape, { name: psize, values: sizes(1) }] });
    const particles = await openParticles(folder("main.cs"), {
      passthrough: [folder("mixed/far.cs")],
      dataDir: folder("mixed"),
    });
    expect(particles).toMatchObject({ box: 4, pixelSizeAngstrom: 1.5 }); // the shortest length in the coarsest pixels
    const grids = [0, 1].map((i) => particles.gridOf!(i));
    expect(grids).toEqual([
      { box: 6, pixelSizeAngstrom: 1 },
      { box: 4, pixelSizeAngstrom: 1.5 },
    ]);
    expect([0, 1].map((i) => particles.readImage(i).length)).toEqual([36, 16]);
    const uniform = await openParticles(folder("main.cs"), { passthrough: [folder("far.cs")] });
    expect(readPoses(particles)).toEqual(readPoses(uniform)); // shifts in Å, whatever the pixels of the images

    const optics = particles.star.blocks[0]!.table!;
    expect(textColumns(optics, ["rlnOpticsGroupName", "rlnImagePixelSize", "rlnImageSize"])).toEqual([
      ["exposureGroup3", "exposureGroup4"],
      ["1", "1.5"],
      ["6", "4"],
    ]);
    const poses = readPoses(particles)!;
    const { files } = exportParticles(particles, folder("mixed/out.cs"), { poses });
    const again = await openParticles(files[0]!, { passthrough: files.slice(1) });
    expect([0, 1].map((i) => again.gridOf!(i))).toEqual(grids);
    expect(csNumbers(readCs(files[0]!), "alignments3D/psize_A").slice(0, 2)).toEqual(Float32Array.of(1, 1.5));
    readPoses(again)!.shiftsAngstrom.forEach((shift, k) => {
      expect(shift).toBeCloseTo(poses.shiftsAngstrom[k]!, 5);
    });
    // A stack has one kind of image.
    expect(() => exportParticles(particles, folder("mixed/out.mrcs"))).toThrow("got 6 px of 1 Å and 4 px of 1.5 Å");
    exportParticles(particles, folder("mixed/out.mrcs"), { rows: [0, 2] });
    expect(openMrcStack(folder("mixed/out.mrcs"))).toMatchObject({ count: 2, nx: 6, pixelSizeAngstrom: 1 });

    const others = Uint32Array.from(isFine.flatMap(() => [4, 4]));
    writeCs(folder("mixed/wrong.cs"), far, {
      added: [
        { ...shape, values: others },
        { name: psize, values: sizes(1) },
      ],
    });
    await expect(
      openParticles(folder("main.cs"), { passthrough: [folder("mixed/wrong.cs")], dataDir: folder("mixed") }),
    ).rejects.toThrow("expected images of 4 px, as blob/shape says, got 6 px");
    writeCs(folder("mixed/zero.cs"), far, { added: [shape, { name: psize, values: sizes(0) }] });
    await expect(
      openParticles(folder("main.cs"), { passthrough: [folder("mixed/zero.cs")], dataDir: folder("mixed") }),
    ).rejects.toThrow("expected positive pixel sizes as blob/psize_A, got 0 Å; pass pixelSizeAngstrom");
    const given = { passthrough: [folder("mixed/zero.cs")], dataDir: folder("mixed"), pixelSizeAngstrom: 2 };
    expect((await openParticles(folder("main.cs"), given)).gridOf!(0)).toEqual({ box: 6, pixelSizeAngstrom: 2 });
  });

  test("without images or without CTF are refused with what to pass", async () => {
    await expect(openParticles(folder("main.cs"))).rejects.toThrow(
      "expected blob/path and blob/idx, got a table without them; pass the passthrough",
    );
    expect(() => csCtfs(joinCs(readCs(folder("main.cs"))))).toThrow("got no ctf/accel_kv");
  });

  test.each(["multi", "old"])("%s: of several classes, the most probable one's pose counts", (name) => {
    const found = csAlignments(joinCs(readCs(folder(`${name}.cs`))), 1.5)!;
    expect([...found.classes!]).toEqual(truth.best);
    expect(found.posterior).toHaveLength(150);
    truth.pose.forEach((pose, i) => {
      const expected = transpose(rotationFromVector(pose));
      rotationAt(found.poses.rotations, i).forEach((x, k) => {
        expect(x).toBeCloseTo(expected[k]!, 6);
      });
      expect(found.poses.shiftsAngstrom[2 * i]).toBeCloseTo(-3 * truth.shift[i]![0], 5);
      expect(found.poses.shiftsAngstrom[2 * i + 1]).toBeCloseTo(-3 * truth.shift[i]![1], 5);
    });
  });

  test("a rotation vector of zeros is flagged, not taken for a pose", () => {
    expect([...csAlignments(joinCs(readCs(folder("main.cs"))), 1.5)!.unaligned]).toEqual([7]);
  });

  test("rows are written byte for byte, fields replaced or added where asked, and NumPy reads them", () => {
    const source = readFileSync(folder("main.cs"));
    const table = readCs(folder("main.cs"));
    const rows = [4, 0, 30];
    writeCs(folder("some.cs"), table, { rows });
    const [was, is] = [source.subarray(source.length - 50 * 36), readFileSync(folder("some.cs"))];
    rows.forEach((row, i) => {
      const record = is.subarray(is.length - 3 * 36 + 36 * i).subarray(0, 36);
      expect(Buffer.compare(record, was.subarray(36 * row, 36 * row + 36))).toBe(0);
    });
    writeCs(folder("all.cs"), table);
    const script = `
import sys, json, numpy as np
a, b = [np.load(open(path, "rb")) for path in sys.argv[1:]]
print(json.dumps([a.dtype == b.dtype, a.tobytes() == b.tobytes()]))`;
    expect(JSON.parse(run(python!, ["-c", script, folder("main.cs"), folder("all.cs")]))).toEqual([true, true]);
    const added = [
      { name: "alignments3D/class", values: Uint32Array.of(9, 8, 7) },
      { name: "new/pair", values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2] },
    ];
    writeCs(folder("filled.cs"), table, { rows, added });
    const filled = readCs(folder("filled.cs"));
    expect([...csUids(filled)].map(String)).toEqual(rows.map((row) => truth.uid[row]));
    expect([...csNumbers(filled, "alignments3D/class")]).toEqual([9, 8, 7]);
    expect([...csNumbers(filled, "new/pair")]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

/** The container of cryosparc-tools' `stream`, by its description: texts in a heap, fields packed or not. */
const STREAM = `
import sys, json, struct, numpy as np, lz4.block
source, out, packed = sys.argv[1:]
table = np.load(open(source, "rb"))
heap, offsets = b"", {}
columns = []
for name in table.dtype.names:
    column = table[name]
    if column.dtype.kind == "S":
        for text in np.unique(column):
            offsets[text] = len(heap); heap += text + b"\\0"
        columns.append((name, "|O", (), np.array([offsets[t] for t in column], "<u8").tobytes()))
    else:
        columns.append((name, column.dtype.base.str, column.shape[1:], column.tobytes()))
fields = [[n, t, list(s)] if s else [n, t] for n, t, s, _ in columns]
compressed = [n for n, *_ in columns if n != "uid"] if packed == "lz4" else []
header = json.dumps({"length": len(table), "dtype": fields, "compression": "lz4" if compressed else None, "compressed_fields": compressed}).encode()
with open(out, "wb") as f:
    f.write(b"\\x95CSDAT" + struct.pack("<I", len(header)) + header)
    for n, _, _, data in columns:
        if n in compressed: data = lz4.block.compress(data, store_size=False)
        f.write(struct.pack("<I", len(data)) + data)
    f.write(heap)
`;

describe.skipIf(!hasLz4)("the streaming container", () => {
  beforeAll(() => run(python!, ["-c", SCRIPT, folder()]));

  test.each(["plain", "lz4"])("%s holds what the table holds, and is written as the container all read", (kind) => {
    run(python!, ["-c", STREAM, folder("far.cs"), folder(`${kind}.cs`), kind]);
    const [stream, table] = [readCs(folder(`${kind}.cs`)), readCs(folder("far.cs"))];
    expect([...stream.fields.keys()]).toEqual([...table.fields.keys()]);
    expect(csUids(stream)).toEqual(csUids(table));
    expect(csTexts(stream, "blob/path")).toEqual(csTexts(table, "blob/path"));
    for (const name of ["blob/idx", "ctf/df1_A", "alignments3D/pose"])
      expect(csNumbers(stream, name)).toEqual(csNumbers(table, name));
    writeCs(folder("back.cs"), stream);
    const back = readCs(folder("back.cs"));
    expect(csTexts(back, "blob/path")).toEqual(csTexts(table, "blob/path"));
    expect(csNumbers(back, "ctf/df1_A")).toEqual(csNumbers(table, "ctf/df1_A"));
  });

  test("cut short is refused, wherever", () => {
    run(python!, ["-c", STREAM, folder("main.cs"), folder("cut.cs"), "lz4"]);
    const bytes = readFileSync(folder("cut.cs"));
    for (let length = 6; length < bytes.length; length += 97)
      expect(() => csUids(parseCs(bytes.subarray(0, length), "cut.cs"))).toThrow(/^cut\.cs/);
  });

  test("LZ4 blocks of any content come back", () => {
    const script =
      "import sys, lz4.block; [print(lz4.block.compress(bytes.fromhex(line.strip()), store_size=False, mode='high_compression').hex()) for line in open(sys.argv[1])]";
    const random = seededRandom(3);
    const plain = Array.from({ length: 60 }, (_, i) => {
      const alphabet = 1 + random.integer(i % 2 === 0 ? 3 : 256);
      return Buffer.from(Array.from({ length: 1 + random.integer(3000) }, () => random.integer(alphabet)));
    });
    writeFileSync(folder("plain.hex"), plain.map((bytes) => bytes.toString("hex")).join("\n"));
    const said = run(python!, ["-c", script, folder("plain.hex")]);
    said
      .trim()
      .split("\n")
      .forEach((hex, i) => {
        const block = Buffer.from(hex, "hex");
        expect(Buffer.compare(decodeLz4Block(block, plain[i]!.length, "block"), plain[i]!)).toBe(0);
        expect(() => decodeLz4Block(block, plain[i]!.length + 1, "block")).toThrow("block: expected an LZ4 block");
      });
  });
});

test("bytes that are no LZ4 block are refused or make exactly what was promised", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(500), (block, size) => {
      try {
        expect(decodeLz4Block(block, size, "b")).toHaveLength(size);
      } catch (error) {
        expect((error as Error).message).toContain("b: expected an LZ4 block");
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});
