import { mkdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { rotationFromEuler, rotationsOf } from "../../../src/geometry/rotation.js";
import { formatCryodrgnIndices } from "../../../src/io/cryodrgn.js";
import { openParticles } from "../../../src/io/particles.js";
import { readStar } from "../../../src/io/star.js";
import { textColumns } from "../../../src/io/star-table.js";
import { type ExportRunOptions, exportRun } from "../../../src/run/export-run.js";
import { writeParticleTable } from "../../../src/run/particle-table.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const COUNT = 6;
const KEYS = Array.from({ length: COUNT }, (_, i) => `${i + 1}@a.mrcs`);
const CLASSES = [0, 1, 0, 1, 1, 0];
const PROBABILITIES = [0.9, 0.6, 0.55, 0.95, 0.7, 0.99];

/** The folder of a run, as a reconstruction leaves it. */
beforeAll(() => {
  const values = Float32Array.from({ length: COUNT * 16 }, (_, i) => Math.floor(i / 16));
  writeFileSync(folder("a.mrcs"), mrcBytes({ n: [4, 4, COUNT], values, pixelSizeAngstrom: 2 }));
  const rows = KEYS.map((key, i) => `${key} ${10_000 + i} 300 2.7 0.1 note${i}`).join("\n");
  writeFileSync(
    folder("in.star"),
    `data_\nloop_\n_rlnImageName\n_rlnDefocusU\n_rlnVoltage\n_rlnSphericalAberration\n_rlnAmplitudeContrast\n_odd\n${rows}\n`,
  );
  mkdirSync(folder("run"));
  const manifest = {
    kind: "iolaus-run",
    status: "done",
    settings: { ctf: "file", pixelSizeAngstrom: null },
    machinery: { dataDir: null },
    input: { path: folder("in.star") },
  };
  writeFileSync(folder("run", "run.json"), JSON.stringify(manifest));
  const rotation = rotationFromEuler(0, Math.PI / 2, 0);
  writeParticleTable(folder("run", "particles.csv"), {
    keys: KEYS,
    K: 2,
    zDim: 0,
    assignments: {
      classes: Int32Array.from(CLASSES),
      posterior: Float32Array.from(PROBABILITIES.flatMap((p, i) => (CLASSES[i] === 0 ? [p, 1 - p] : [1 - p, p]))),
      poses: { rotations: rotationsOf(KEYS.map(() => rotation)), shiftsAngstrom: new Float64Array(2 * COUNT).fill(3) },
      z: new Float32Array(0),
      evidence: new Float64Array(COUNT),
      junk: new Float32Array(COUNT),
    },
  });
});

const out = async (options: Omit<ExportRunOptions, "to">): Promise<readonly string[]> => {
  await exportRun(folder("run"), { to: folder("out.star"), ...options });
  return (await openParticles(folder("out.star"))).keys;
};
const keys = (...numbers: number[]): string[] => numbers.map((n) => `${n}@a.mrcs`);

describe("particles of a run are exported", () => {
  test("by class, counted from 1, with poses and classes filled in and every column of the input kept", async () => {
    expect(await out({ classes: [2] })).toEqual(keys(2, 4, 5));
    const table = readStar(folder("out.star")).blocks[0]!.table!;
    const labels = ["_odd", "_rlnClassNumber", "_rlnAngleTilt", "_rlnOriginX"].map((label) => label.slice(1));
    const [odd, classNumber, tilt, origin] = textColumns(table, labels);
    expect(odd).toEqual(["note1", "note3", "note4"]);
    expect(classNumber).toEqual(["2", "2", "2"]);
    expect(tilt!.map(Number)).toEqual([90, 90, 90]);
    expect(origin!.map(Number)).toEqual([-1.5, -1.5, -1.5]); // −3 Å in pixels of 2 Å: the input is of RELION 3.0
  });

  test("by probability, and by class and probability", async () => {
    expect(await out({ minProbability: 0.9 })).toEqual(keys(1, 4, 6));
    expect(await out({ minProbability: 0.9, classes: [1] })).toEqual(keys(1, 6));
    expect(await out({ classes: [1, 2] })).toEqual(KEYS);
  });

  test("by a list: a saved selection, keys, or indices; of a class among them", async () => {
    writeFileSync(folder("s.json"), JSON.stringify({ kind: "iolaus-selection", keys: keys(5, 1) }));
    writeFileSync(folder("s.txt"), `${keys(5, 1).join("\n")}\n`);
    writeFileSync(folder("s.pkl"), formatCryodrgnIndices([4, 0]));
    for (const name of ["s.json", "s.txt", "s.pkl"]) expect(await out({ selection: folder(name) })).toEqual(keys(1, 5));
    expect(await out({ selection: folder("s.txt"), classes: [1] })).toEqual(keys(1));
  });

  test("untouched when asked so", async () => {
    await out({ classes: [1], fill: false });
    expect(readStar(folder("out.star")).blocks[0]!.table!.labels).not.toContain("rlnClassNumber");
  });

  test("never wrongly: other classes, empty choices and strangers are refused", async () => {
    await expect(out({ classes: [3] })).rejects.toThrow("class: expected classes from 1 to 2, got 3");
    await expect(out({ minProbability: 1 })).rejects.toThrow("selection: expected at least one particle, got none");
    writeFileSync(folder("x.txt"), "7@a.mrcs\n");
    await expect(out({ selection: folder("x.txt") })).rejects.toThrow(
      'expected keys of the run\'s particles, got "7@a.mrcs"',
    );
    writeFileSync(folder("x.json"), "[1]");
    await expect(out({ selection: folder("x.json") })).rejects.toThrow("expected a selection saved as JSON");
  });
});
