import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { readVolume } from "../../../src/io/mrc.js";
import { detectSymmetry } from "../../../src/metrics/detect-symmetry.js";
import { CENTRE_ANGSTROM, groupBeads, underNoise } from "../../support/point-group-beads.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";

test.each(["C2", "C3", "C6", "D2", "D3", "T", "O", "I"])(
  "finds %s, its axis and centre",
  { timeout: 600_000 },
  (group) => {
    const { map, axis } = groupBeads(group, 7);
    const found = detectSymmetry(map);
    expect(found.group).toBe(group);
    expect(found.asymmetry).toBeLessThan(0.03);
    if (/[CD]|T/.test(group) && group !== "D2" && group !== "T")
      expect(Math.abs(found.axis!.reduce((sum, a, i) => sum + a * axis[i]!, 0))).toBeGreaterThan(Math.cos(0.035));
    if (!group.startsWith("C"))
      found.centreAngstrom!.forEach((c, i) => {
        expect(Math.abs(c - CENTRE_ANGSTROM[i]!)).toBeLessThan(1);
      });
  },
);

test.each(["C6", "D3", "O"])("finds %s under noise of FSC 0.5 at half of Nyquist", { timeout: 600_000 }, (g) => {
  expect(detectSymmetry(underNoise(groupBeads(g, 7).map, 2)).group).toBe(g);
});

test("an asymmetric particle is C1, noise or none", { timeout: 600_000 }, () => {
  for (const seed of [1, 2]) {
    const { map } = groupBeads("C1", seed);
    expect(detectSymmetry(map).group).toBe("C1");
    expect(detectSymmetry(underNoise(map, seed)).group).toBe("C1");
  }
});

test("four alike subunits and one that differs are C1, nearly C5", { timeout: 600_000 }, () => {
  expect(detectSymmetry(groupBeads("C5", 5, 0.5).map)).toMatchObject({ group: "C1", nearly: "C5" });
  expect(detectSymmetry(underNoise(groupBeads("C5", 5, 0.5).map, 1)).group).toBe("C1");
  expect(detectSymmetry(groupBeads("C5", 5).map).group).toBe("C5");
});

test("a map without density or without directions tells no axis", () => {
  const { map } = groupBeads("C4", 7);
  expect(detectSymmetry({ ...map, values: map.values.map(() => 0) }).group).toBe("C1");
  const ball = map.values.map((_, i) => {
    const [x, y, z] = [(i % 32) - 16, (Math.floor(i / 32) % 32) - 16, Math.floor(i / 1024) - 16];
    return Math.exp(-(x * x + y * y + z * z) / 50);
  });
  expect(detectSymmetry({ ...map, values: ball }).group).toBe("C1");
  const shell = ball.map((v, i) => v - 0.9 * ball[i]! ** 2);
  expect(detectSymmetry({ ...map, values: shell }).group).toBe("C1");
  expect(() => detectSymmetry({ ...map, values: map.values.map(() => Number.NaN) })).toThrow(/finite/);
});

test.skipIf(!hasSharedData)("the closed spike is C3, the open one C1, other maps C1", { timeout: 600_000 }, () => {
  const closed = beadVolume(calphas("recovar/6vxx.pdb.gz"), 64, 5);
  expect(detectSymmetry(closed)).toMatchObject({ group: "C3" });
  expect(detectSymmetry(underNoise(closed, 1)).group).toBe("C3");
  expect(detectSymmetry(readVolume(sharedData("cryosim", "6vyb.64.mrc"), { pixelSizeAngstrom: 1 })).nearly).toBe("C3");
  for (const [folder, name] of [
    ["recovar", "vol0000.mrc"],
    ["maven", "vol_018.mrc"],
  ] as const)
    expect(detectSymmetry(readVolume(sharedData(folder, name), { pixelSizeAngstrom: 8.5 })).group).toBe("C1");
});

function calphas(file: string): Parameters<typeof beadVolume>[0] {
  const text = gunzipSync(readFileSync(sharedData(...file.split("/")))).toString();
  const atoms = text.split("\n").filter((line) => line.startsWith("ATOM") && line.slice(12, 16).trim() === "CA");
  const at = atoms.map((line) => [30, 38, 46].map((c) => Number(line.slice(c, c + 8))));
  const centre = [0, 1, 2].map((a) => at.reduce((sum, p) => sum + p[a]! / at.length, 0));
  const positionsAngstrom = Float64Array.from(at.flatMap((p) => p.map((v, a) => v - centre[a]!)));
  const weights = new Float64Array(at.length).fill(1);
  return { kind: "bead-model", count: at.length, positionsAngstrom, weights, sigmaAngstrom: 6 };
}
