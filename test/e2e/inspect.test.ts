import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../src/core/random.js";
import type { Poses } from "../../src/core/types.js";
import { rotationsOf } from "../../src/geometry/rotation.js";
import { exportStar } from "../../src/io/export-star.js";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { openParticles } from "../../src/io/particles.js";
import { poseColumns, readPoses } from "../../src/io/star-poses.js";
import { writeStar } from "../../src/io/star-write.js";
import { checkData, type DataCheck } from "../../src/run/check-data.js";
import { dataFigures } from "../../src/run/data-figures.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { crab } from "../support/known-beads.js";
import { hasSharedData, sharedData } from "../support/shared-data.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const folder = temporaryFolder();
const COUNT = 240;
const still = { ...crab, hinge: { ...crab.hinge, angleDeg: 0 } };
const recipe = tinyRecipe(1, { pixelSizeAngstrom: 6, counts: [COUNT], species: [still], snr: 0.2, shiftAngstrom: 15 });
let truth: string;
let stack: string;
let poses: Poses;

beforeAll(async () => {
  ({ truth, stack } = simulateFiles(recipe, { out: folder("crab") }));
  const particles = await openParticles(truth);
  poses = readPoses(particles)!;
  particles.close();
});

/** The list with other columns, beside its stack. */
async function planted(name: string, columns: Record<string, ArrayLike<number>>): Promise<string> {
  const particles = await openParticles(truth);
  writeStar(folder("crab", name), exportStar(particles, { added: columns }));
  particles.close();
  return folder("crab", name);
}

async function inspected(path: string): Promise<DataCheck> {
  const particles = await openParticles(path);
  try {
    return await checkData(particles, { diameterAngstrom: 150 });
  } finally {
    particles.close();
  }
}

const faults = ({ findings }: DataCheck): string[] =>
  findings.filter(({ level }) => level === "fault").map(({ name }) => name);

/** The columns of `change`d poses, or of the poses of other rows. */
const posed = async (change: Partial<Poses>): Promise<Record<string, ArrayLike<number>>> => {
  const particles = await openParticles(truth);
  particles.close();
  return poseColumns(particles, { ...poses, ...change }) as Record<string, ArrayLike<number>>;
};

describe("a file of particles with poses", () => {
  test("that is right has no fault", async () => {
    const found = await inspected(truth);
    expect(faults(found)).toEqual([]);
    expect(found).toMatchObject({ count: COUNT, box: 32, pixelSizeAngstrom: 6, contrastSign: { sign: 1 } });
    expect(found.poses!.verdict).toBe("fit");
    expect(found.findings.map(({ name }) => name)).toContain("poses");
  });

  test("in another order is told to be so", async () => {
    const order = shuffledIndices(COUNT, seededRandom(3));
    const rotations = rotationsOf(Array.from(order, (i) => [...poses.rotations.matrices.subarray(9 * i, 9 * i + 9)]));
    const shiftsAngstrom = poses.shiftsAngstrom.map((_, q, s) => s[2 * order[q >> 1]! + (q % 2)]!);
    expect(faults(await inspected(await planted("order.star", await posed({ rotations, shiftsAngstrom }))))).toEqual([
      "wrong order",
    ]);
  });

  test("with transposed rotations is told to be so", async () => {
    const matrices = poses.rotations.matrices.map((_, q, m) => {
      const [i, e] = [Math.floor(q / 9), q % 9];
      return m[9 * i + 3 * (e % 3) + Math.floor(e / 3)]!;
    });
    const columns = await posed({ rotations: { ...poses.rotations, matrices } });
    expect(faults(await inspected(await planted("transposed.star", columns)))).toEqual(["transposed rotations"]);
  });

  test("with shifts of the wrong sign is told to be so", async () => {
    const columns = await posed({ shiftsAngstrom: poses.shiftsAngstrom.map((shift) => -shift) });
    expect(faults(await inspected(await planted("shifts.star", columns)))).toEqual(["wrong shift sign"]);
  });

  test("with a phase shift that the images do not have is told to be so", async () => {
    const columns = { rlnPhaseShift: new Float64Array(COUNT).fill(90) };
    expect(faults(await inspected(await planted("phase.star", columns)))).toEqual(["phase shift"]);
  });

  test("of inverted contrast is told to be so, and its poses fit nevertheless", async () => {
    const particles = await openParticles(truth);
    const writer = createStackWriter(folder("dark.mrcs"), { box: 32, pixelSizeAngstrom: 6 });
    for (let i = 0; i < COUNT; i++) writer.append(particles.readImage(i).map((v) => -v));
    writer.close();
    const text = readFileSync(truth, "utf8").replaceAll("particles.mrcs", "dark.mrcs");

    writeFileSync(folder("dark.star"), text);
    particles.close();
    const found = await inspected(folder("dark.star"));
    expect(faults(found)).toEqual(["contrast"]);
    expect(found.poses!.verdict).toBe("fit");
  });

  test("with spoilt, blank and repeated images has them named by index, and is judged without them", async () => {
    const particles = await openParticles(truth);
    const writer = createStackWriter(folder("spoilt.mrcs"), { box: 32, pixelSizeAngstrom: 7 });
    for (let i = 0; i < COUNT; i++) {
      const image = particles.readImage(i === 21 ? 20 : i);
      if (i === 5) image[100] = Number.NaN;
      writer.append(i === 9 ? image.fill(3) : image);
    }
    writer.close();
    particles.close();
    writeFileSync(folder("spoilt.star"), readFileSync(truth, "utf8").replaceAll("particles.mrcs", "spoilt.mrcs"));
    const found = await inspected(folder("spoilt.star"));
    expect(found.census).toMatchObject({ images: COUNT, notFinite: [5], constant: [9], duplicates: [[20, 21]] });
    expect(faults(found)).toEqual(["unfit images", "unfit images", "duplicate images"]);
    expect(found.findings.find(({ name }) => name === "pixel size")).toMatchObject({
      level: "note",
      text: expect.stringContaining("6 Å by the metadata, 7 Å by a stack's header"),
    });
    expect(found.poses!.verdict).toBe("fit");
  });
});

test("its pictures are montage, CTF and defocus, power spectrum, half-map FSC and back-projection", async () => {
  const particles = await openParticles(truth);
  const figures = dataFigures(particles, await checkData(particles, { diameterAngstrom: 150 }));
  particles.close();
  expect(figures.map(({ title }) => title)).toEqual([
    "Particles",
    "Contrast transfer",
    "Power spectrum",
    "Half maps of the back-projection",
    "Back-projection",
  ]);
  expect(figures[2]!.text).toMatch(/CTF zeros at [\d.]+/);
});

test("iolaus inspect says it on the command line, writes a page, and knows JSON", async () => {
  const cli = fileURLToPath(new URL("../../dist/run/cli.js", import.meta.url));
  const out = await new Promise<string>((resolve, reject) => {
    const args = [cli, "inspect", truth, "--diameter", "150", "--out", folder("page.html"), "--json"];
    execFile(process.execPath, args, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
  const result = JSON.parse(out.trim().split("\n").at(-1)!);
  expect(result).toMatchObject({ event: "result", count: COUNT, poses: { verdict: "fit", faults: [] } });
  const page = readFileSync(folder("page.html"), "utf8");
  expect(page.match(/<img/g)).toHaveLength(5);
  expect(page).toContain("the poses fit their images");
  expect(stack).toContain("particles.mrcs");
});

test.skipIf(!hasSharedData)("real files are judged right: poses of class D fit, apoferritin is bright", async () => {
  const classD = await openParticles(sharedData("tomodrgn", "10076_classD_32_clean.star"), { ctf: "none" });
  const found = await checkData(classD);
  expect(faults(found)).toEqual([]);
  expect(found.poses!.verdict).toBe("fit");
  const given = readPoses(classD)!;
  const { matrices } = given.rotations;
  const transposed = matrices.map((_, q, m) => m[9 * Math.floor(q / 9) + 3 * (q % 3) + Math.floor((q % 9) / 3)]!);
  const wrong = { ...given, rotations: { ...given.rotations, matrices: transposed } };
  expect(faults(await checkData(classD, { poses: wrong }))).toEqual(["transposed rotations"]);
  const away = { ...given, shiftsAngstrom: given.shiftsAngstrom.map((shift) => -shift) };
  expect(faults(await checkData(classD, { poses: away }))).toEqual(["wrong shift sign"]);
  classD.close();
  const apoferritin = await openParticles(sharedData("derived_real", "apoferritin10146_dev.star"));
  expect((await checkData(apoferritin)).contrastSign.sign).toBe(1);
  apoferritin.close();
});
