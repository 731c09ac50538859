import { expect, test } from "vitest";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import type { PreparedParticles } from "../../../src/imaging/prepare.js";
import { median } from "../../../src/metrics/quantile.js";
import { classTurns } from "../../../src/mixture/class-turns.js";
import { type GroupBeads, groupBeads } from "../../support/point-group-beads.js";

function turnsOf({ map }: GroupBeads): ReturnType<typeof classTurns> {
  const { box, pixelSizeAngstrom } = map;
  const noiseSigma = new Float32Array(box / 2 + 1).fill(1);
  const set = { box, pixelSizeAngstrom, noiseSigma } as unknown as PreparedParticles;
  return classTurns({ set, references: [rasterFromVolume(map, 14)] }, 0);
}

/** Å from every bead, turned, to the nearest that is there: the median. */
function misplacedAngstrom(
  { positionsAngstrom, map }: GroupBeads,
  turn: NonNullable<ReturnType<typeof classTurns>>[0],
) {
  const beads = Array.from({ length: positionsAngstrom.length / 3 }, (_, b) =>
    positionsAngstrom.slice(3 * b, 3 * b + 3),
  );
  const { rotation, offsetPixels } = turn;
  const turned = (p: readonly number[]): number[] =>
    offsetPixels.map((d, a) => d * map.pixelSizeAngstrom + p.reduce((sum, v, c) => sum + rotation[3 * a + c]! * v, 0));
  return median(
    beads.map((bead) => {
      const p = turned(bead);
      return Math.min(...beads.map((q) => Math.hypot(...q.map((v, a) => v - p[a]!))));
    }),
  );
}

test.each([
  ["C3", 3],
  ["D2", 4],
])("the turns of a class of group %s bring it onto itself, about an axis beside the middle", (group, count) => {
  const beads = groupBeads(group, 7);
  const turns = turnsOf(beads)!;
  expect(turns).toHaveLength(count);
  for (const turn of turns) expect(misplacedAngstrom(beads, turn)).toBeLessThan(4);
});

test("a class without symmetry has no turns, nor one of more than can be asked for, nor one without a map", () => {
  expect(turnsOf(groupBeads("C1", 7))).toBeUndefined();
  expect(turnsOf(groupBeads("O", 7))).toBeUndefined();
  expect(classTurns({ set: {} as PreparedParticles, references: [] }, 0)).toBeUndefined();
});
