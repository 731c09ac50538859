import { existsSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../../src/core/progress.js";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import type { ImageGrid, ParticleSource } from "../../../src/core/types.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { type PreparedParticles, prepare } from "../../../src/imaging/prepare.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { cleanImage, drawTruths, type Recipe } from "../../../src/imaging/simulate.js";
import { colouredNoise } from "../../support/coloured-noise.js";
import { relativeError } from "../../support/compare.js";
import { gatherHalfPlane } from "../../support/gather-half-plane.js";
import { crab } from "../../support/known-beads.js";
import { memorySource } from "../../support/memory-source.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const recipe: Recipe = {
  name: "still crab",
  seed: 3,
  box: 32,
  pixelSizeAngstrom: 6,
  counts: [120],
  species: [{ ...crab, hinge: { ...crab.hinge, angleDeg: 0 } }],
  beadSigmaAngstrom: 5,
  snr: 1,
  shiftAngstrom: 12,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 25000],
  astigmatismAngstrom: 500,
};
const truths = drawTruths(recipe);

/** The recipe's particles, each rendered on the grid that is asked for, times `sign`, plus noise of `sigma` per pixel. */
function particles(grids: (i: number) => ImageGrid, sigma: (grid: ImageGrid) => number, sign = 1): ParticleSource {
  const images = truths.map((truth, i) => {
    const grid = grids(i);
    const random = seededRandom(1000 + i);
    return cleanImage({ ...recipe, ...grid }, truth).map((v) => sign * v + sigma(grid) * random.normal());
  });
  return {
    ...memorySource([images[0]!]),
    ...{ count: images.length, hasCtf: true, box: recipe.box, pixelSizeAngstrom: recipe.pixelSizeAngstrom },
    keys: images.map((_, i) => `${i + 1}@crab`),
    gridOf: grids,
    optics: () => recipe.optics,
    defocus: (i) => truths[i]!.defocus,
    readImage(i, out = new Float32Array(grids(i).box ** 2)) {
      out.set(images[i]!);
      return out;
    },
  };
}

const one = (): ImageGrid => ({ box: 32, pixelSizeAngstrom: 6 });
const plain = particles(one, () => 0.05);

function rowsOf(set: PreparedParticles): readonly Float32Array[] {
  const reader = openPrepared(set);
  const rows = set.keys.map((_, i) => {
    const row = new Float32Array(2 * set.points);
    reader.readRow(i, row);
    return row;
  });
  reader.close();
  return rows;
}

/** Rows and CTF by key. */
function triples(set: PreparedParticles): Map<string, { row: Float32Array; contrast: Float64Array }> {
  const rows = rowsOf(set);
  return new Map(set.keys.map((key, i) => [key, { row: rows[i]!, contrast: set.contrast.slice(8 * i, 8 * i + 8) }]));
}

test("threads change nothing, not a bit", async () => {
  const alone = await prepare(plain, folder("alone.f32"), { threads: 1 });
  const together = await prepare(plain, folder("together.f32"), { threads: 2 });
  expect(readFileSync(together.file).equals(readFileSync(alone.file))).toBe(true);
  expect(together).toEqual({ ...alone, file: together.file });
});

test("an image that is unfit is named from a thread too, and nothing is left", async () => {
  const spoilt = {
    ...plain,
    readImage: (i: number, out?: Float32Array) => plain.readImage(i, out).fill(i === 77 ? 1 : 2),
  };
  await expect(prepare(spoilt, folder("unfit.f32"), { threads: 2 })).rejects.toThrow(
    "image 1 (1@crab): expected finite",
  );
  expect(existsSync(folder("unfit.f32"))).toBe(false);
});

describe("shuffling the images", () => {
  test("gives the same row and the same CTF under every key", async () => {
    const order = shuffledIndices(plain.count, seededRandom(9));
    const shuffled: ParticleSource = {
      ...plain,
      keys: Array.from(order, (i) => plain.keys[i]!),
      optics: (i) => plain.optics(order[i]!),
      defocus: (i) => plain.defocus(order[i]!),
      readImage: (i, out) => plain.readImage(order[i]!, out),
    };
    const [a, b] = [
      triples(await prepare(plain, folder("ordered.f32"))),
      triples(await prepare(shuffled, folder("shuffled.f32"))),
    ];
    expect(b.size).toBe(120);
    for (const [key, { row, contrast }] of a) {
      expect(b.get(key)!.contrast).toEqual(contrast);
      expect(relativeError(b.get(key)!.row, row)).toBeLessThan(1e-6); // sums over the set in another order
    }
  });
});

describe("optics groups", () => {
  test("that differ in name alone change nothing", async () => {
    const split = { ...plain, gridOf: (i: number) => ({ ...one(), group: i % 3 }) };
    const [a, b] = [
      triples(await prepare(plain, folder("whole.f32"))),
      triples(await prepare(split, folder("split.f32"))),
    ];
    for (const [key, { row, contrast }] of a) expect(b.get(key)).toEqual({ row, contrast });
  });

  test("of another pixel size and side come to one grid: the same signal, the same noise", async () => {
    const fine = (i: number): ImageGrid => (i % 2 === 0 ? one() : { box: 60, pixelSizeAngstrom: 3.6 });
    // One dose: the noise of a pixel goes with its side.
    const mixed = particles(fine, ({ pixelSizeAngstrom }) => (0.05 * pixelSizeAngstrom) / 6);
    const set = await prepare(mixed, folder("mixed.f32"), { diameterAngstrom: 150, dataSign: 1 });
    expect(set).toMatchObject({ box: 32, pixelSizeAngstrom: 6, count: 120 });
    const clean = particles(one, () => 0);
    const plane = halfPlane(32);
    const [gain, norm, power] = [
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    rowsOf(set).forEach((row, i) => {
      const truth = gatherHalfPlane(transformImage(clean.readImage(i), 32), plane);
      for (let q = 0; q < 2 * 200; q++) {
        const whitened = truth[q]! / set.noiseSigma[plane.shell[q >> 1]!]!;
        gain[i % 2]! += whitened * row[q]!;
        norm[i % 2]! += whitened ** 2;
      }
      for (let q = 2 * 200; q < row.length; q++) power[i % 2]! += row[q]! ** 2 / (60 * (row.length - 400));
    });
    const [coarse, finer] = gain.map((sum, g) => sum / norm[g]!);
    expect(finer! / coarse!).toBeCloseTo(1, 1);
    // Where the signal is weak there is as much noise in both.
    expect(power[1]! / power[0]!).toBeCloseTo(1, 1);
    expect(set.contrast).toEqual((await prepare(plain, folder("same.f32"))).contrast);
  });

  test("too small for the working grid are refused", async () => {
    const coarse = { ...plain, gridOf: () => ({ box: 24, pixelSizeAngstrom: 8.2 }) };
    await expect(prepare(coarse, folder("coarse.f32"))).rejects.toThrow("grid of image 1");
  });
});

describe("the contrast sign", () => {
  test.each([
    ["bright", 1],
    ["dark", -1],
  ] as const)("of %s particles is told, and they come out bright", async (name, sign) => {
    const set = await prepare(
      particles(one, () => 0.05, sign),
      folder(`${name}.f32`),
    );
    expect(set.contrastSign.sign).toBe(sign);
    expect(set.contrastSign.score * sign).toBeGreaterThan(8);
    expect(set.dataSign).toBe(sign);
    const bright = rowsOf(
      await prepare(
        particles(one, () => 0),
        folder("clean.f32"),
        { dataSign: 1 },
      ),
    );
    const dot = rowsOf(set).reduce((sum, row, i) => sum + row.reduce((s, v, p) => s + v * bright[i]![p]!, 0), 0);
    expect(dot).toBeGreaterThan(0);
  });

  test("of pure noise is not told, and the images stay as they are", async () => {
    const random = seededRandom(5);
    const noise = Array.from({ length: 150 }, () => colouredNoise(32, () => 1, random));
    const set = await prepare(memorySource(noise), folder("noise.f32"));
    expect(set.contrastSign.sign).toBe(0);
    expect(Math.abs(set.contrastSign.score)).toBeLessThan(4);
    expect(set.dataSign).toBe(1);
  });

  test("can be set against what the images say", async () => {
    const set = await prepare(plain, folder("forced.f32"), { dataSign: -1 });
    expect([set.dataSign, set.contrastSign.sign]).toEqual([-1, 1]);
  });
});

test("the signal-to-noise ratio is reported per shell: what went in, and 0 for noise alone", async () => {
  const sigma = 0.05;
  const { snr, noiseSigma } = await prepare(plain, folder("snr.f32"), { diameterAngstrom: 150 });
  const clean = particles(one, () => 0);
  const power = new Float64Array(16);
  const points = new Float64Array(16);
  const plane = halfPlane(32);
  for (let i = 0; i < 120; i++)
    gatherHalfPlane(transformImage(clean.readImage(i), 32), plane).forEach((v, q) => {
      power[plane.shell[q >> 1]!]! += v * v;
      points[plane.shell[q >> 1]!]! += 1;
    });
  let judged = 0;
  for (let s = 1; s < 12; s++) {
    // Signal over noise of white noise; the window takes 0.73 of the noise and none of the particle.
    const want = power[s]! / points[s]! / (sigma ** 2 * 0.73 * 0.5);
    if (want < 0.3) continue;
    judged++;
    expect(Math.abs(snr[s]! / want - 1), `shell ${s}`).toBeLessThan(0.3);
  }
  expect(judged).toBeGreaterThan(4);
  expect(noiseSigma).toHaveLength(16);
});

describe("the cache", () => {
  /** A source whose pixels lie in a file, and how many images were read from it. */
  function filed(): { source: ParticleSource; read: () => number } {
    let read = 0;
    writeFileSync(folder("stack.bin"), "pixels");
    const source: ParticleSource = {
      ...plain,
      files: [folder("stack.bin")],
      readImage(i, out) {
        read++;
        return plain.readImage(i, out);
      },
    };
    return { source, read: () => read };
  }

  test("is taken when nothing changed, without a look at the images", async () => {
    const { source } = filed();
    const first = await prepare(source, folder("cache.f32"));
    const { mtimeMs } = statSync(first.file);
    const again = filed();
    utimesSync(folder("stack.bin"), 1e9, 1e9);
    const stamped = await prepare(again.source, folder("cache.f32"));
    const third = filed();
    utimesSync(folder("stack.bin"), 1e9, 1e9);
    const taken = await prepare(third.source, folder("cache.f32"));
    expect(third.read()).toBe(0);
    expect(taken).toEqual(stamped);
    expect(taken).toEqual(first);
    expect(statSync(first.file).mtimeMs).not.toBe(mtimeMs); // the second call saw another file, and prepared again
  });

  test("is stale, and said to be, when an option, an image's CTF, a name or a file changed, or rows are missing", async () => {
    const { source } = filed();
    utimesSync(folder("stack.bin"), 1e9, 1e9);
    const file = folder("stale.f32");
    const notices = async (from: ParticleSource, options = {}): Promise<(string | number)[]> => {
      const seen: Progress[] = [];
      await prepare(from, file, { ...options, onProgress: (p) => seen.push(p) });
      return seen.flatMap(({ facts }) => Object.values(facts ?? {}));
    };
    expect(await notices(source)).toEqual([]);
    const other = [expect.stringContaining("stale.f32 is stale: it was made from other images or with other options")];
    expect(await notices(source, { box: 24 })).toEqual(other);
    expect(await notices(source)).toEqual(other);
    expect(await notices({ ...source, keys: source.keys.with(5, "other@crab") })).toEqual(other);
    const nearer = { ...source, defocus: (i: number) => ({ ...source.defocus(i), uAngstrom: 9000 }) };
    expect(await notices(nearer)).toEqual(other);
    utimesSync(folder("stack.bin"), 2e9, 2e9);
    expect(await notices(source)).toEqual(other);
    expect(await notices(source)).toEqual([]);
    truncateSync(file, 1000);
    expect(await notices(source)).toEqual([expect.stringMatching(/it has 1000 bytes of \d+; preparing again/)]);
    writeFileSync(folder("stale.safetensors"), "nonsense");
    expect(await notices(source)).toEqual([expect.stringContaining("expected a checkpoint")]);
    rmSync(folder("stale.safetensors"));
    expect(await notices(source)).toEqual([]);
  });

  test("of a source without files is stale when one pixel changed", async () => {
    await prepare(plain, folder("pixels.f32"));
    const first = readFileSync(folder("pixels.f32"));
    const touched = {
      ...plain,
      readImage(i: number, out?: Float32Array) {
        const image = plain.readImage(i, out);
        if (i === 60) image[500]! += 1;
        return image;
      },
    };
    await prepare(touched, folder("pixels.f32"));
    expect(readFileSync(folder("pixels.f32")).equals(first)).toBe(false);
  });
});
