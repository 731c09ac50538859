import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Poses } from "../../../src/core/types.js";
import { randomRotation, rotationsOf } from "../../../src/geometry/rotation.js";
import { readCryodrgnCtfs, readCryodrgnIndices, readCryodrgnPoses } from "../../../src/io/cryodrgn.js";
import { csNumbers, csUids, readCs } from "../../../src/io/cs-table.js";
import { exportParticles } from "../../../src/io/export-particles.js";
import { formatNpyHeader, type NpyField } from "../../../src/io/npy.js";
import { openParticles, type Particles } from "../../../src/io/particles.js";
import { readStar } from "../../../src/io/star.js";
import { particleTables } from "../../../src/io/star-optics.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { textColumns } from "../../../src/io/star-table.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const COUNT = 12;

/** Truth, by hand: 12 images of two stacks in three optics groups, as a STAR file and as two tables of cryoSPARC's. */
beforeAll(() => {
  mkdirSync(folder("s"), { recursive: true });
  for (const [name, first] of [
    ["a", 0],
    ["b", 6],
  ] as const) {
    const values = Float32Array.from({ length: 6 * 16 }, (_, i) => first + Math.floor(i / 16));
    writeFileSync(folder(`s/${name}.mrcs`), mrcBytes({ n: [4, 4, 6], values, pixelSizeAngstrom: 2 }));
  }
  const optics =
    "# version 30001\ndata_optics\nloop_\n_rlnOpticsGroup #1\n_rlnOpticsGroupName #2\n_rlnImagePixelSize #3\n_rlnVoltage #4\n" +
    "_rlnSphericalAberration #5\n_rlnAmplitudeContrast #6\n_rlnImageSize #7\n_rlnImageDimensionality #8\n" +
    "1 one 2 300 2.7 0.1 4 2\n2 two 2 200 2.7 0.1 4 2\n3 three 2 120 2.7 0.1 4 2\n\n";
  const rows = Array.from({ length: COUNT }, (_, i) => {
    return `00000${(i % 6) + 1}@s/${i < 6 ? "a" : "b"}.mrcs  ${10_000 + i}.50 'mic ${i}'  ${(i % 3) + 1} x${i}`;
  });
  const list =
    "# version 30001\ndata_particles\nloop_\n_rlnImageName #1\n_rlnDefocusU #2\n_rlnMicrographName #3\n_rlnOpticsGroup #4\n_odd #5\n";
  writeFileSync(folder("all.star"), `${optics}${list}${rows.join("\n")}\n`);

  const u4 = { kind: "u", bytes: 4, littleEndian: true } as const;
  const f4 = { kind: "f", bytes: 4, littleEndian: true } as const;
  const field = (name: string, type: NpyField["type"], shape: number[] = []): Omit<NpyField, "offset"> => ({
    name,
    type,
    shape,
  });
  const uid = field("uid", { kind: "u", bytes: 8, littleEndian: true });
  const write = (path: string, fields: Omit<NpyField, "offset">[], record: (i: number) => Buffer): void => {
    const records = Array.from({ length: COUNT }, (_, i) => record(i));
    writeFileSync(folder(path), Buffer.concat([formatNpyHeader(fields, COUNT), ...records]));
  };
  const uidOf = (i: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(2n ** 63n + BigInt(i));
    return bytes;
  };
  const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
  const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
  const path: NpyField["type"] = { kind: "S", bytes: 10, littleEndian: true };
  write("main.cs", [uid, field("blob/path", path), field("blob/idx", u4), field("blob/psize_A", f4)], (i) =>
    Buffer.concat([uidOf(i), Buffer.from(`s/${i < 6 ? "a" : "b"}.mrcs`.padEnd(10, "\0")), words(i % 6), floats(2)]),
  );
  const ctf = ["ctf/accel_kv", "ctf/cs_mm", "ctf/amp_contrast", "ctf/df1_A"].map((name) => field(name, f4));
  write("pass.cs", [field("uid", uid.type), ...ctf], (i) => {
    const other = COUNT - 1 - i;
    return Buffer.concat([uidOf(other), floats(300, 2.7, 0.1, 10_000.5 + other)]);
  });
});

const openStar = (): Promise<Particles> => openParticles(folder("all.star"));
const openCs = (): Promise<Particles> => openParticles(folder("main.cs"), { passthrough: [folder("pass.cs")] });

function randomPoses(seed: number): Poses {
  const random = seededRandom(seed);
  return {
    rotations: rotationsOf(Array.from({ length: COUNT }, () => randomRotation(random))),
    shiftsAngstrom: Float64Array.from({ length: 2 * COUNT }, () => 2 * (random.uniform() - 0.5)),
  };
}

const anyRows = fc.shuffledSubarray(
  Array.from({ length: COUNT }, (_, i) => i),
  { minLength: 1 },
);

describe("an export of any subset, read again, is that subset", () => {
  test.each([
    ["star", openStar],
    ["cs", openCs],
  ] as const)("as .%s: keys, images, CTF, poses and classes of each particle together", async (ending, open) => {
    const source = await open();
    await fc.assert(
      fc.asyncProperty(anyRows, fc.nat(1000), async (rows, seed) => {
        const [poses, classes] = [randomPoses(seed), Int32Array.from({ length: COUNT }, (_, i) => i % 4)];
        const { count, files } = exportParticles(source, folder(`out.${ending}`), { rows, poses, classes });
        expect(count).toBe(rows.length);
        const again = await openParticles(files[0]!, ending === "cs" ? { passthrough: files.slice(1) } : {});
        expect(again.keys).toEqual(rows.map((row) => source.keys[row]));
        const found = readPoses(again)!;
        rows.forEach((row, i) => {
          expect(again.readImage(i)).toEqual(source.readImage(row));
          expect(again.readImage(i)[0]).toBe(row);
          expect(again.defocus(i)).toEqual(source.defocus(row));
          expect(again.defocus(i).uAngstrom).toBe(10_000.5 + row);
          expect(again.optics(i)).toEqual(source.optics(row));
          for (let k = 0; k < 9; k++)
            expect(found.rotations.matrices[9 * i + k]).toBeCloseTo(poses.rotations.matrices[9 * row + k]!, 6);
          expect(found.shiftsAngstrom[2 * i]).toBeCloseTo(poses.shiftsAngstrom[2 * row]!, 6);
        });
        const { particles } = particleTables(again.star);
        expect(textColumns(particles, ["rlnClassNumber"])[0]).toEqual(rows.map((row) => String((row % 4) + 1)));
        again.close();
      }),
      { seed: 1, numRuns: 30 },
    );
    source.close();
  });

  test("rows of a .star are lines of the input, records of a .cs its bytes, one file per table", async () => {
    const [star, cs] = [await openStar(), await openCs()];
    exportParticles(star, folder("some.star"), { rows: [7, 2] });
    const input = readFileSync(folder("all.star"), "utf8").split("\n");
    const output = readFileSync(folder("some.star"), "utf8").split("\n");
    expect(output.filter((line) => line.includes("'mic"))).toEqual(
      [7, 2].map((i) => input.find((line) => line.includes(`'mic ${i}'`))),
    );
    const { files } = exportParticles(cs, folder("some.cs"), { rows: [7, 2] });
    expect(files).toEqual([folder("some.cs"), folder("some_passthrough.cs")]);
    const [main, rest] = files.map((file) => readFileSync(file));
    const record = (i: number): Buffer =>
      readFileSync(folder("main.cs"))
        .subarray(-26 * (COUNT - i))
        .subarray(0, 26);
    expect(Buffer.compare(main!.subarray(-52), Buffer.concat([record(7), record(2)]))).toBe(0);
    expect([...csUids(readCs(files[1]!))]).toEqual([2n ** 63n + 7n, 2n ** 63n + 2n]);
    expect([...csNumbers(readCs(files[1]!), "ctf/df1_A")]).toEqual([10_007.5, 10_002.5]);
    expect(rest!.length).toBeLessThan(readFileSync(folder("pass.cs")).length);
  });

  test("keys choose as rows do; strangers, doubles, none and both are refused", async () => {
    const source = await openStar();
    const keys = [source.keys[9]!, source.keys[1]!];
    exportParticles(source, folder("keyed.star"), { keys });
    expect((await openParticles(folder("keyed.star"))).keys).toEqual(keys);
    const attempt = (options: object) => () => exportParticles(source, folder("no.star"), options);
    expect(attempt({ keys: ["9@s/a.mrcs"] })).toThrow(
      "keys: expected keys of the particles, got 1 others (9@s/a.mrcs)",
    );
    expect(attempt({ rows: [0, 0] })).toThrow("rows: expected every particle once");
    expect(attempt({ rows: [] })).toThrow("rows: expected at least one particle, got 0");
    expect(attempt({ rows: [12] })).toThrow("rows: expected indices from 0 to 11, got 12");
    expect(attempt({ rows: [1], keys })).toThrow("keys: expected either rows or keys, got both");
    expect(attempt({ classes: [1] })).toThrow("classes: expected 12 of them, one per particle of the source, got 1");
  });

  test("unused optics groups stay, as RELION keeps them, or go; numbers do not change", async () => {
    const source = await openStar();
    const groups = (file: string): string[] =>
      textColumns(particleTables(readStar(file)).optics!, ["rlnOpticsGroup"])[0]!;
    exportParticles(source, folder("kept.star"), { rows: [1, 2, 4] });
    expect(groups(folder("kept.star"))).toEqual(["1", "2", "3"]);
    exportParticles(source, folder("dropped.star"), { rows: [1, 2, 4], unusedOptics: "drop" });
    expect(groups(folder("dropped.star"))).toEqual(["2", "3"]);
    expect((await openParticles(folder("dropped.star"))).optics(0).voltageKv).toBe(200);
  });
});

describe("for the cryoDRGN family", () => {
  test("poses, CTF and indices are pickles of the subset; the images are a stack of their own", async () => {
    const source = await openStar();
    const rows = [8, 3];
    const poses = randomPoses(5);
    exportParticles(source, folder("my.pose.pkl"), { rows, poses });
    exportParticles(source, folder("my.ctf.pkl"), { rows });
    exportParticles(source, folder("ind.pkl"), { rows });
    const { files } = exportParticles(source, folder("my.txt"), { rows });
    expect(files).toEqual([folder("my.mrcs"), folder("my.txt")]);
    const found = readCryodrgnPoses(folder("my.pose.pkl"), source);
    expect(found.rotations.matrices[9]).toBeCloseTo(poses.rotations.matrices[27]!, 6);
    expect(readCryodrgnCtfs(folder("my.ctf.pkl")).defocus(0).uAngstrom).toBe(10_008.5);
    expect([...readCryodrgnIndices(folder("ind.pkl"))]).toEqual(rows);
    const options = { ctfPkl: folder("my.ctf.pkl"), posePkl: folder("my.pose.pkl") };
    const again = await openParticles(folder("my.txt"), options);
    expect(again).toMatchObject({ count: 2, box: 4, pixelSizeAngstrom: 2 });
    expect([again.readImage(0)[0], again.readImage(1)[0]]).toEqual([8, 3]);
    expect(readPoses(again)!.shiftsAngstrom[3]).toBeCloseTo(poses.shiftsAngstrom[7]!, 5);
  });

  test("what cannot be is refused: poses where there are none, tables from a STAR file, endings nobody reads", async () => {
    const source = await openStar();
    expect(() => exportParticles(source, folder("pose.pkl"))).toThrow("expected particles with poses");
    expect(() => exportParticles(source, folder("no.cs"))).toThrow("export a .star file, which cryoSPARC imports");
    expect(() => exportParticles(source, folder("no.pdf"))).toThrow(
      "expected a name that ends in .star, .cs, pose.pkl",
    );
  });
});
