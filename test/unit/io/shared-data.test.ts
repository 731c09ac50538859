import { describe, expect, test } from "vitest";
import { rotationAt } from "../../../src/geometry/rotation.js";
import { readCryodrgnCtfs, readCryodrgnPoses } from "../../../src/io/cryodrgn.js";
import { csPixelSizes } from "../../../src/io/cs-ctf.js";
import { joinCs } from "../../../src/io/cs-join.js";
import { csAlignments } from "../../../src/io/cs-poses.js";
import { csNumbers, csTexts, readCs } from "../../../src/io/cs-table.js";
import { readMrcMap, readVolume } from "../../../src/io/mrc.js";
import { openParticles } from "../../../src/io/particles.js";
import { parseStar, readStar } from "../../../src/io/star.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { tokensOf } from "../../../src/io/star-tokens.js";
import { formatStar } from "../../../src/io/star-write.js";
import { ctf } from "../../../src/optics/ctf.js";
import { correlation } from "../../support/compare.js";
import { movedRound } from "../../support/moved-round.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";

describe.skipIf(!hasSharedData)("files made by other programs", () => {
  test.each([
    ["cryodrgn/relion31.star", [1, 5]],
    ["cryodrgn/relion31.6opticsgroups.star", [6, 139]],
    ["cryodrgn/relion5.star", [1, 17]],
    ["cryodrgn/toy_projections.star", [1000]],
    ["cryodrgn/empiar_10076_7.star", [7]],
    ["aspire/sample_particles_relion30.star", [17]],
    ["aspire/sample_particles_relion31.star", [2, 17]],
    ["aspire/rln_proj_64.star", [5]],
    ["tomodrgn/10076_classD_32_clean.star", [576]],
    ["derived_real/apoferritin10146_dev.star", [1, 394]],
    ["derived_real/bgal10017_dev.star", [1, 630]],
  ])("%s has its rows, and keeps every token when written again", (name, rows) => {
    const star = readStar(sharedData(name));
    expect(star.blocks.map(({ table }) => table?.rows.length)).toEqual(rows);
    const again = parseStar(formatStar(star));
    again.blocks.forEach(({ name: block, comments, table }, b) => {
      expect([block, comments]).toEqual([star.blocks[b]!.name, star.blocks[b]!.comments]);
      expect(table!.labels).toEqual(star.blocks[b]!.table!.labels);
      expect(table!.rows.map(tokensOf)).toEqual(star.blocks[b]!.table!.rows.map(tokensOf));
    });
  });

  test("apoferritin: 394 real particles of 64², 3 Å, three stacks, fitted CTF, no poses", async () => {
    const particles = await openParticles(sharedData("derived_real", "apoferritin10146_dev.star"));
    expect(particles).toMatchObject({ count: 394, box: 64, pixelSizeAngstrom: 3, hasCtf: true });
    expect(new Set(particles.keys.map((key) => key.split("@")[1])).size).toBe(3);
    expect(particles.optics(0)).toEqual({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.07 });
    expect(particles.defocus(0)).toEqual({
      uAngstrom: 19965,
      vAngstrom: 19115,
      angleRad: (120 * Math.PI) / 180,
      phaseShiftRad: 0,
    });
    expect(readPoses(particles)).toBeUndefined();
    for (const index of [0, 200, 393]) expect(particles.readImage(index).every(Number.isFinite)).toBe(true);
    particles.close();
  });

  test("β-galactosidase: 630 real particles of 40², 7.08 Å, float16, no CTF", async () => {
    const path = sharedData("derived_real", "bgal10017_dev.star");
    await expect(openParticles(path)).rejects.toThrow("got a file without rlnDefocusU; estimate the CTF");
    const particles = await openParticles(path, { ctf: "none" });
    expect(particles).toMatchObject({ count: 630, box: 40, pixelSizeAngstrom: 7.08, hasCtf: false });
    expect(particles.readImage(629).every(Number.isFinite)).toBe(true);
    particles.close();
  });

  test("50S of EMPIAR-10076: 7 particles in a stack called .mrc, 1.31 Å where the header says 0", async () => {
    const particles = await openParticles(sharedData("cryodrgn", "empiar_10076_7.star"));
    expect(particles).toMatchObject({ count: 7, box: 320 });
    expect(particles.pixelSizeAngstrom).toBeCloseTo(1.31, 4);
    expect(particles.defocus(6).vAngstrom).toBe(14792.7);
    particles.close();
  });

  test("50S of EMPIAR-10076, as cryoSPARC's table: the same images, defocus and pixel size", async () => {
    const [cs, star] = [
      await openParticles(sharedData("cryodrgn", "empiar_10076_7.cs")),
      await openParticles(sharedData("cryodrgn", "empiar_10076_7.star")),
    ];
    expect(cs).toMatchObject({ count: 7, box: 320 });
    expect(cs.pixelSizeAngstrom).toBeCloseTo(1.31, 4);
    expect(cs.keys[0]).toBe("3806243878409217281");
    for (let i = 0; i < 7; i++) {
      expect(cs.readImage(i)).toEqual(star.readImage(i));
      expect(cs.defocus(i).uAngstrom).toBeCloseTo(star.defocus(i).uAngstrom, 1);
      expect(cs.defocus(i).angleRad).toBeCloseTo(star.defocus(i).angleRad, 4);
      expect(cs.optics(i)).toEqual(star.optics(i));
    }
    cs.close();
    star.close();
  });

  test("2,019 aligned particles of cryoSPARC have the poses that cryoDRGN parsed, to 1e-6", () => {
    const table = readCs(sharedData("cryodrgn", "cryosparc_P12_J24_001_particles.cs"));
    const { poses, unaligned } = csAlignments(joinCs(table), 2.95)!;
    const parsed = readCryodrgnPoses(sharedData("cryodrgn", "pose.cs.pkl"), { box: 180, pixelSizeAngstrom: 2.95 });
    const largest = (a: Float64Array, b: Float64Array): number =>
      a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
    expect([parsed.rotations.count, unaligned.length]).toEqual([2019, 0]);
    expect(largest(poses.rotations.matrices, parsed.rotations.matrices)).toBeLessThan(1e-6);
    expect(largest(poses.shiftsAngstrom, parsed.shiftsAngstrom) / (180 * 2.95)).toBeLessThan(1e-6);
  });

  test("an exported table of cryoSPARC's: 22 imported particles of 300², 1.345 Å, in 2-D classes, without 3-D poses", () => {
    const table = readCs(sharedData("cryodrgn", "cryosparc_J2_particles_exported.cs"));
    const particles = joinCs(table);
    expect(particles.count).toBe(22);
    expect(csPixelSizes(particles)![0]).toBe(1.345);
    expect([...csNumbers(table, "blob/shape").subarray(0, 2)]).toEqual([300, 300]);
    expect(csTexts(table, "blob/path")[0]).toMatch(/^>J1\/imported\//);
    expect(csAlignments(particles, 1.345)).toBeUndefined();
  });

  test("pickles of the cryoDRGN family: CTF of 1,000 images of 30 px, 100 and 1,000 rotations", () => {
    const ctfs = readCryodrgnCtfs(sharedData("cryodrgn", "test_ctf.pkl"));
    expect(ctfs).toMatchObject({ count: 1000, box: 30, pixelSizeAngstrom: 1 });
    expect(ctfs.defocus(999).phaseShiftRad).toBeCloseTo(Math.PI / 2, 6);
    const images = { box: 30, pixelSizeAngstrom: 1 };
    expect(readCryodrgnPoses(sharedData("cryodrgn", "hand_rot.pkl"), images).rotations.count).toBe(100);
    const toy = readCryodrgnPoses(sharedData("cryodrgn", "toy_rot_zerotrans.pkl"), images);
    expect(toy.shiftsAngstrom.every((shift) => shift === 0)).toBe(true);
  });

  test("toy projections: no size in the list, a header without tag, a phase shift of 90° that counts", async () => {
    const particles = await openParticles(sharedData("cryodrgn", "toy_projections.star"));
    expect(particles).toMatchObject({ count: 1000, box: 30, pixelSizeAngstrom: 1 });
    expect(ctf(particles.optics(9), particles.defocus(9))(0, 0)).toBeCloseTo(Math.sqrt(1 - 0.01), 12);
    particles.close();
  });

  test("RELION's own projections need their pixel size from the caller", async () => {
    const path = sharedData("aspire", "rln_proj_64.star");
    await expect(openParticles(path, { ctf: "none" })).rejects.toThrow(
      "expected a pixel size in the metadata or the stack",
    );
    const particles = await openParticles(path, { ctf: "none", pixelSizeAngstrom: 5 });
    expect(particles).toMatchObject({ count: 5, box: 64, pixelSizeAngstrom: 5 });
    expect(readPoses(particles)!.rotations.count).toBe(5);
    particles.close();
  });

  test("origins: pixels in RELION 3.0, Å in 3.1, of the same picks", () => {
    const old = readPoses({
      star: readStar(sharedData("aspire", "sample_particles_relion30.star")),
      pixelSizeAngstrom: 1.4,
    })!;
    const now = readPoses({
      star: readStar(sharedData("aspire", "sample_particles_relion31.star")),
      pixelSizeAngstrom: 1.4,
    })!;
    expect(old.shiftsAngstrom[0]).toBeCloseTo(-0.1996 * 1.4, 9);
    expect(now.shiftsAngstrom[0]).toBeCloseTo(-0.1996, 9);
    expect(rotationAt(old.rotations, 0)).toEqual(rotationAt(now.rotations, 0));
  });

  test("projections of map D, 13.1 Å where the header says 1: image = Σz V(Rᵀ[x, y, z]), moved round by our shift", async () => {
    const particles = await openParticles(sharedData("tomodrgn", "10076_classD_32_clean.star"), { ctf: "none" });
    expect(particles).toMatchObject({ count: 576, box: 32, pixelSizeAngstrom: 13.1 });
    const { values } = readVolume(sharedData("tomodrgn", "10076_classD_32.mrc"), { pixelSizeAngstrom: 13.1 });
    const { rotations, shiftsAngstrom } = readPoses(particles)!;
    const scores: number[] = [];
    for (let i = 0; i < 576; i += 24) {
      const shift = [shiftsAngstrom[2 * i]! / 13.1, shiftsAngstrom[2 * i + 1]! / 13.1] as const;
      const image = movedRound(project(values, 32, rotationAt(rotations, i)), 32, shift);
      scores.push(correlation(image, particles.readImage(i)));
    }
    expect(scores).toHaveLength(24);
    expect(Math.min(...scores)).toBeGreaterThan(0.98); // its maker found 0.987 to 0.995
    particles.close();
  });

  test("spliceosome: three maps, 8.5 Å where the header says 0, correlated 0.968, 0.968 and 0.934", () => {
    expect(() => readVolume(sharedData("recovar", "vol0000.mrc"))).toThrow("pass pixelSizeAngstrom");
    const maps = [0, 1, 2].map((i) => readVolume(sharedData("recovar", `vol000${i}.mrc`), { pixelSizeAngstrom: 8.5 }));
    expect(maps.map(({ box, pixelSizeAngstrom }) => [box, pixelSizeAngstrom])).toEqual([
      [64, 8.5],
      [64, 8.5],
      [64, 8.5],
    ]);
    expect(correlation(maps[0]!.values, maps[1]!.values)).toBeCloseTo(0.968, 3);
    expect(correlation(maps[1]!.values, maps[2]!.values)).toBeCloseTo(0.968, 3);
    expect(correlation(maps[0]!.values, maps[2]!.values)).toBeCloseTo(0.934, 3);
  });

  test("50S assembly states: four maps of 64³ at 6.55 Å", () => {
    for (const name of ["018", "306", "442", "455"])
      expect(readVolume(sharedData("maven", `vol_${name}.mrc`))).toMatchObject({ box: 64, pixelSizeAngstrom: 6.55 });
  });

  test("EMD-3001 has a symmetry block and a cell that is no cube; EMD-3197 begins at −2", () => {
    const crystal = readMrcMap(sharedData("mrcfile", "EMD-3001.map"));
    expect(crystal.header).toMatchObject({ axes: [3, 1, 2], dataOffset: 1024 + 160 });
    expect(() => readVolume(sharedData("mrcfile", "EMD-3001.map"))).toThrow(
      "expected a cubic map with an even side, got 43×25×73",
    );
    expect(readMrcMap(sharedData("mrcfile", "EMD-3197.map")).header.start).toEqual([-2, 0, 0]);
    expect(readVolume(sharedData("mrcfile", "EMD-3197.map"))).toMatchObject({ box: 20, pixelSizeAngstrom: 11.4 });
  });
});

/** The definition, slowly: the sum of the trilinear map along the viewing direction. */
function project(map: Float32Array, box: number, r: readonly number[]): Float32Array {
  const [half, out] = [box / 2, new Float32Array(box * box)];
  const voxel = (x: number, y: number, z: number): number =>
    Math.min(x, y, z) < 0 || Math.max(x, y, z) >= box ? 0 : map[(z * box + y) * box + x]!;
  for (let row = 0; row < box; row++)
    for (let column = 0; column < box; column++)
      for (let k = 0; k < box; k++) {
        const p = [column - half, row - half, k - half];
        const at = [0, 1, 2].map((i) => half + r[i]! * p[0]! + r[3 + i]! * p[1]! + r[6 + i]! * p[2]!);
        const base = at.map(Math.floor);
        for (let corner = 0; corner < 8; corner++) {
          const offset = [corner & 1, (corner >> 1) & 1, corner >> 2];
          const weight = at.reduce((w, a, i) => w * (1 - Math.abs(a - base[i]! - offset[i]!)), 1);
          out[row * box + column]! +=
            weight * voxel(base[0]! + offset[0]!, base[1]! + offset[1]!, base[2]! + offset[2]!);
        }
      }
  return out;
}
