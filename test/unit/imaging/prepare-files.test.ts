/** @file From files to rows: lists shuffled, split into optics groups, or of several pixel sizes, through openParticles and prepare. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import { type PreparedParticles, prepare } from "../../../src/imaging/prepare.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { createStackWriter } from "../../../src/io/mrc-stack.js";
import { openParticles } from "../../../src/io/particles.js";
import { particleStar } from "../../../src/io/star-new.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { writeStar } from "../../../src/io/star-write.js";
import { relativeError } from "../../support/compare.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const COUNT = 24;
const optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };

/** A stack of noise on top of a blob. */
function writeStack(name: string, box: number, pixelSizeAngstrom: number): void {
  const random = seededRandom(box);
  const writer = createStackWriter(folder(name), { box, pixelSizeAngstrom });
  for (let i = 0; i < COUNT; i++)
    writer.append(
      Float32Array.from({ length: box * box }, (_, p) => {
        const [x, y] = [(p % box) - box / 2, Math.floor(p / box) - box / 2].map((v) => v * pixelSizeAngstrom);
        return random.normal() + 3 * Math.exp(-(x! * x! + y! * y!) / 800);
      }),
    );
  writer.close();
}
writeStack("a.mrcs", 32, 4);
writeStack("b.mrcs", 48, 3);

interface Group {
  readonly box: number;
  readonly pixelSizeAngstrom: number;
}

/** Rows of a list: image, defocus and angle belong together. */
function writeList(
  name: string,
  rows: readonly { stack: string; image: number; group: number }[],
  groups: Group[],
): string {
  const star = particleStar({
    opticsGroups: groups.map((group, g) => ({ ...group, name: `group${g + 1}`, optics })),
    particles: {
      rlnImageName: rows.map(({ stack, image }) => `${image + 1}@${stack}`),
      rlnOpticsGroup: rows.map(({ group }) => group + 1),
      rlnDefocusU: rows.map(({ image }) => 10000 + 100 * image),
      rlnAngleRot: rows.map(({ image }) => image),
      rlnAngleTilt: rows.map(({ image }) => 2 * image),
      rlnAnglePsi: rows.map(({ image }) => 3 * image),
      rlnOriginXAngst: rows.map(({ image }) => image / 10),
      rlnOriginYAngst: rows.map(({ image }) => -image / 10),
    },
  });
  writeStar(folder(name), star);
  return folder(name);
}

interface Triple {
  readonly row: Float32Array;
  readonly contrast: readonly number[];
  readonly pose: readonly number[];
}

let sets = 0;
async function triples(list: string): Promise<{ set: PreparedParticles; byKey: Map<string, Triple> }> {
  const particles = await openParticles(list);
  const set = await prepare(particles, folder(`${sets++}.f32`), { box: 24, dataSign: 1 });
  const { rotations, shiftsAngstrom } = readPoses(particles)!;
  particles.close();
  const reader = openPrepared(set);
  const byKey = new Map(
    set.keys.map((key, i): [string, Triple] => {
      const row = new Float32Array(2 * set.points);
      reader.readRow(i, row);
      const pose = [...rotations.matrices.slice(9 * i, 9 * i + 9), ...shiftsAngstrom.slice(2 * i, 2 * i + 2)];
      return [key, { row, contrast: [...set.contrast.slice(8 * i, 8 * i + 8)], pose }];
    }),
  );
  reader.close();
  return { set, byKey };
}

const coarse: Group = { box: 32, pixelSizeAngstrom: 4 };
const plain = Array.from({ length: COUNT }, (_, image) => ({ stack: "a.mrcs", image, group: 0 }));

test("rows in any order, in any groups, give the same image, CTF and pose under every key", async () => {
  const { byKey: expected } = await triples(writeList("plain.star", plain, [coarse]));
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 4 }), async (seed, groups) => {
      const random = seededRandom(seed);
      const rows = Array.from(shuffledIndices(COUNT, random), (i) => ({ ...plain[i]!, group: random.integer(groups) }));
      const list = writeList("other.star", rows, new Array<Group>(groups).fill(coarse));
      const { byKey } = await triples(list);
      expect(byKey.size).toBe(COUNT);
      for (const [key, { row, contrast, pose }] of expected) {
        const found = byKey.get(key)!;
        expect(found.contrast).toEqual(contrast);
        expect(found.pose).toEqual(pose);
        expect(relativeError(found.row, row)).toBeLessThan(1e-5); // sums over the set in another order
      }
    }),
    { seed: 1, numRuns: 12 },
  );
});

test("groups of other pixel sizes and sides are opened, and come to the coarsest pixel and the shortest side", async () => {
  const fine = Array.from({ length: COUNT }, (_, image) => ({ stack: "b.mrcs", image, group: 1 }));
  const groups = [coarse, { box: 48, pixelSizeAngstrom: 3 }];
  const list = writeList("mixed.star", [...plain, ...fine], groups);
  const particles = await openParticles(list);
  expect(particles).toMatchObject({ count: 2 * COUNT, box: 32, pixelSizeAngstrom: 4 });
  expect([0, COUNT].map((i) => particles.gridOf!(i))).toEqual(groups);
  expect(particles.readImage(COUNT)).toHaveLength(48 * 48);
  particles.close();
  const { set, byKey } = await triples(list);
  expect(set.pixelSizeAngstrom * set.box).toBeCloseTo(128, 9);
  const [a, b] = [byKey.get("8@a.mrcs")!, byKey.get("8@b.mrcs")!];
  expect(a.contrast).toEqual(b.contrast);
  expect(a.pose).toEqual(b.pose);
});

test("two sides in one group, and two pixel sizes without groups, are refused still", async () => {
  const rows = [plain[0]!, { stack: "b.mrcs", image: 0, group: 0 }];
  await expect(openParticles(writeList("sides.star", rows, [coarse]))).rejects.toThrow("expected images of one box");
});
