import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Rotations, Volume } from "../../../src/core/types.js";
import { type Matrix3, randomRotation, rotationFromVector, rotationsOf } from "../../../src/geometry/rotation.js";
import { readVolume } from "../../../src/io/mrc.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { type DiagnosedClass, diagnoseClasses } from "../../../src/metrics/map-diagnosis.js";
import { resampleVolume } from "../../../src/metrics/resample-volume.js";
import { groupBeads } from "../../support/point-group-beads.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";
import { beadMap, chiralBeads } from "./gaussian-blobs.js";

const BOX = 32;
const particle = beadMap(
  chiralBeads.map(([x, y, z]) => [0.7 * x, 0.7 * y, 0.7 * z]),
  BOX,
  5,
  1.5,
);
const even = views(300, (random) => randomRotation(random));
const codes = (...classes: DiagnosedClass[]): string[] =>
  diagnoseClasses(classes).map(({ code, classNumber }) => `${classNumber} ${code}`);

test("a sound class has no findings, an empty one neither", () => {
  const halfMapFsc = halvesOf(particle, 0.02);
  expect(codes({ map: particle, images: 300, rotations: even, halfMapFsc })).toEqual([]);
  expect(codes({ map: { ...particle, values: new Float32Array(BOX ** 3) }, images: 0 })).toEqual([]);
});

test("an average over all directions is a hollow shell where its centre is empty, and featureless where it is not", () => {
  const shell = ofRadius((r) => Math.exp(-((r - 9) ** 2) / 4));
  const ball = ofRadius((r) => Math.exp(-(r ** 2) / 30));
  const averaged = (map: Volume): DiagnosedClass => ({
    map: meanOfHalves(map, 0.02),
    images: 300,
    halfMapFsc: halvesOf(map, 0.02),
  });
  expect(codes(averaged(shell))).toEqual(["1 hollow shell"]);
  expect(codes(averaged(ball))).toEqual(["1 featureless"]);
  const [finding] = diagnoseClasses([averaged(shell)]);
  expect(finding?.text).toMatch(/^\d % of the signal .* of 10 % at least; its images found no poses/);
});

test("a true shell with features that its halves share is none", () => {
  const { map } = groupBeads("O", 7); // 24 subunits on a sphere, as in apoferritin
  expect(codes({ map, images: 300, halfMapFsc: halvesOf(map, 0.02) })).toEqual([]);
});

test("inverted contrast, a particle off the centre, and noise are named", () => {
  const halfMapFsc = halvesOf(particle, 0.02);
  const inverted = { ...particle, values: particle.values.map((v) => -v) };
  expect(codes({ map: inverted, images: 300, halfMapFsc })).toEqual(["1 inverted contrast"]);
  const away = resampleVolume(particle, [1, 0, 0, 0, 1, 0, 0, 0, 1], [25, 0, 0]);
  expect(codes({ map: away, images: 300, halfMapFsc })).toEqual(["1 off-centre"]);
  const nothing = { ...particle, values: new Float32Array(BOX ** 3) };
  expect(codes({ map: noisy(nothing, 1, 3), images: 300, halfMapFsc: halvesOf(nothing, 1) })).toEqual(["1 noise only"]);
});

test("too few images, one view, and piled-up views are named; few even views are not", () => {
  const near = (spread: number): Rotations =>
    views(300, (random) => rotationFromVector([spread * random.normal(), spread * random.normal(), 0]));
  expect(codes({ map: particle, images: 19 })).toEqual(["1 too few images"]);
  expect(codes({ map: particle, images: 300, rotations: near(0.15) })).toEqual(["1 single view"]);
  expect(codes({ map: particle, images: 300, rotations: near(0.45) })).toEqual(["1 pose pile-up"]);
  expect(codes({ map: particle, images: 25, rotations: views(25, randomRotation) })).toEqual([]);
});

const turned = resampleVolume(particle, rotationFromVector([0.4, -1, 0.3]), [5, 0, -5]);
const mirrored = resampleVolume(particle, [1, 0, 0, 0, 1, 0, 0, 0, -1]);
const fewer = beadMap(
  chiralBeads.slice(0, 6).map(([x, y, z]) => [0.7 * x, 0.7 * y, 0.7 * z]),
  BOX,
  5,
  1.5,
);

test.each([
  { name: "turned", map: turned, expected: ["2 duplicate"] },
  { name: "mirrored", map: mirrored, expected: ["2 hand ambiguity"] },
  { name: "less two beads of eight", map: fewer, expected: [] },
])("a second class, $name: $expected", { timeout: 600_000 }, ({ map, expected }) => {
  expect(codes({ map: particle, images: 300 }, { map, images: 300 })).toEqual(expected);
});

test("pairs are not compared for classes without images, nor where nobody asks", () => {
  const of = (map: Volume, images = 300): DiagnosedClass => ({ map, images });
  expect(codes(of(particle), of(turned, 0))).toEqual([]);
  expect(diagnoseClasses([of(particle), of(turned)], { pairs: false })).toEqual([]);
});

test.skipIf(!hasSharedData)(
  "maps of other programs give no alarm",
  () => {
    const files = [
      ...[0, 1, 2].map((i) => ["recovar", `vol000${i}.mrc`] as const),
      ...["018", "306", "442", "455"].map((i) => ["maven", `vol_${i}.mrc`] as const),
      ["tomodrgn", "10076_classD_32.mrc"] as const,
      ["mrcfile", "EMD-3197.map"] as const,
    ];
    for (const [folder, name] of files) {
      const map = readVolume(sharedData(folder, name), { pixelSizeAngstrom: 8 });
      const sound = { map, images: 300, rotations: even, halfMapFsc: fourierShellCorrelation(map, map) };
      expect(diagnoseClasses([sound]).map(({ code }) => `${name}: ${code}`)).toEqual([]);
    }
  },
  600_000,
);

test.skipIf(!hasSharedData)(
  "assembly states of one particle are no duplicates",
  () => {
    const [first, second] = ["442", "455"].map((i) => readVolume(sharedData("maven", `vol_${i}.mrc`)));
    expect(codes({ map: first!, images: 300 }, { map: second!, images: 300 })).toEqual([]);
  },
  600_000,
);

function views(count: number, make: (random: ReturnType<typeof seededRandom>) => Matrix3): Rotations {
  const random = seededRandom(4);
  return rotationsOf(Array.from({ length: count }, () => make(random)));
}

function ofRadius(density: (radius: number) => number): Volume {
  const values = particle.values.map((_, i) =>
    density(Math.hypot((i % BOX) - BOX / 2, (Math.floor(i / BOX) % BOX) - BOX / 2, Math.floor(i / BOX ** 2) - BOX / 2)),
  );
  return { ...particle, values };
}

function noisy(map: Volume, sigma: number, seed: number): Volume {
  const random = seededRandom(seed);
  return { ...map, values: map.values.map((v) => v + sigma * random.normal()) };
}

function meanOfHalves(map: Volume, sigma: number): Volume {
  const [a, b] = [noisy(map, sigma, 11), noisy(map, sigma, 12)];
  return { ...map, values: a.values.map((v, i) => (v + b.values[i]!) / 2) };
}

function halvesOf(map: Volume, sigma: number): ReturnType<typeof fourierShellCorrelation> {
  return fourierShellCorrelation(noisy(map, sigma, 11), noisy(map, sigma, 12), { shells: "relion" });
}
