import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Poses } from "../../../src/core/types.js";
import { geodesicRad, rotationAt, rotationFromEuler, rotationsOf } from "../../../src/geometry/rotation.js";
import { exportStar } from "../../../src/io/export-star.js";
import { createStackWriter } from "../../../src/io/mrc-stack.js";
import { openParticles } from "../../../src/io/particles.js";
import { parseStar } from "../../../src/io/star.js";
import { particleStar } from "../../../src/io/star-new.js";
import { poseColumns, readPoses } from "../../../src/io/star-poses.js";
import { numberColumns } from "../../../src/io/star-table.js";
import { tokensOf } from "../../../src/io/star-tokens.js";
import { formatStar, writeStar } from "../../../src/io/star-write.js";
import { anyNumber, anyRotation } from "../../support/arbitraries.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const DEGREE = Math.PI / 180;

const NEW = parseStar(
  "# version 30001\ndata_optics\nloop_\n_rlnOpticsGroup #1\n_rlnImagePixelSize #2\n1 2.0\n2 2.0\n" +
    "# version 30001\ndata_particles\nloop_\n_rlnImageName #1\n_rlnAngleRot #2\n_odd #3\n_rlnOpticsGroup #4\n" +
    "000001@a.mrcs 10.5000 \"x y\" 1\n000002@a.mrcs  -0.0 '' 1\n000003@a.mrcs 1e1 z 1\n# the end\n",
  "new.star",
);
const OLD = parseStar(
  "data_\nloop_\n_rlnImageName\n_rlnAngleRot\n_rlnAngleTilt\n_rlnAnglePsi\n_rlnOriginX\n_rlnOriginY\n1@a.mrcs 40 70 110 3 -1\n",
  "old.star",
);

describe("exportStar", () => {
  test("without a wish repeats the file", () => {
    expect(exportStar({ star: NEW }).blocks).toEqual(NEW.blocks);
  });

  test("keeps the rows asked for, in that order, and everything else as it was", () => {
    const star = exportStar(
      { star: NEW },
      { rows: [2, 0], added: { rlnClassNumber: [2, 1], rlnAngleRot: [-5, 7.25] } },
    );
    expect(star.blocks[0]).toBe(NEW.blocks[0]);
    expect(star.blocks[1]!.comments).toEqual(["# version 30001"]);
    expect(star.trailing).toEqual(["# the end"]);
    expect(star.blocks[1]!.table!.labels).toEqual([...NEW.blocks[1]!.table!.labels, "rlnClassNumber"]);
    expect(star.blocks[1]!.table!.rows.map(tokensOf)).toEqual([
      ["000003@a.mrcs", "-5", "z", "1", "2"],
      ["000001@a.mrcs", "7.25", '"x y"', "1", "1"],
    ]);
  });

  test("a selection alone repeats its lines to the letter", () => {
    const rows = exportStar({ star: NEW }, { rows: [1] }).blocks[1]!.table!.rows;
    expect(rows).toEqual(["000002@a.mrcs  -0.0 '' 1"]);
  });

  test("refuses rows that do not exist, no rows, and columns of another length", () => {
    expect(() => exportStar({ star: NEW }, { rows: [3] })).toThrow("rows: expected indices from 0 to 2, got 3");
    expect(() => exportStar({ star: NEW }, { rows: [] })).toThrow("rows: expected at least one particle, got 0");
    expect(() => exportStar({ star: NEW }, { rows: [1], added: { a: [1, 2] } })).toThrow(
      "a: expected 1 values, one per row, got 2",
    );
  });

  test("reading an export gives exactly the particles selected", async () => {
    const writer = createStackWriter(folder("a.mrcs"), { box: 2, pixelSizeAngstrom: 2 });
    for (let i = 0; i < 5; i++) writer.append(Float32Array.of(i, i, i, i));
    writer.close();
    const optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
    const star = particleStar({
      opticsGroups: [{ name: "og", box: 2, pixelSizeAngstrom: 2, optics }],
      particles: {
        rlnImageName: [1, 2, 3, 4, 5].map((i) => `${i}@a.mrcs`),
        rlnDefocusU: [1e4, 1.1e4, 1.2e4, 1.3e4, 1.4e4],
        rlnOpticsGroup: [1, 1, 1, 1, 1],
      },
    });
    writeStar(folder("all.star"), star);
    const all = await openParticles(folder("all.star"));
    expect(all.optics(4)).toEqual(optics);
    writeStar(folder("some.star"), exportStar(all, { rows: Int32Array.of(4, 1), added: { rlnClassNumber: [1, 2] } }));
    const some = await openParticles(folder("some.star"));
    expect(some.keys).toEqual(["5@a.mrcs", "2@a.mrcs"]);
    expect([some.readImage(0)[0], some.readImage(1)[0]]).toEqual([4, 1]);
    expect(some.defocus(0).uAngstrom).toBe(1.4e4);
  });
});

describe("poses in STAR files", () => {
  test("RELION's angles are ours in degrees, its origin is minus our shift: pixels in 3.0, Å in 3.1", () => {
    const old = readPoses({ star: OLD, pixelSizeAngstrom: 2 })!;
    expect(rotationAt(old.rotations, 0)).toEqual(rotationFromEuler(40 * DEGREE, 70 * DEGREE, 110 * DEGREE));
    expect([...old.shiftsAngstrom]).toEqual([-6, 2]);
    const text = formatStar(OLD).replace("_rlnOriginX", "_rlnOriginXAngst").replace("_rlnOriginY", "_rlnOriginYAngst");
    expect([...readPoses({ star: parseStar(text), pixelSizeAngstrom: 2 })!.shiftsAngstrom]).toEqual([-3, 1]);
  });

  test("a file without all three angles has none; without origins they are zero", () => {
    expect(readPoses({ star: NEW, pixelSizeAngstrom: 2 })).toBeUndefined();
    const star = parseStar("data_\nloop_\n_rlnImageName\n_rlnAngleRot\n_rlnAngleTilt\n_rlnAnglePsi\n1@a.mrcs 0 0 0\n");
    expect([...readPoses({ star, pixelSizeAngstrom: 2 })!.shiftsAngstrom].map(Math.abs)).toEqual([0, 0]);
  });

  test("columns for RELION carry the unit of the file they go to", () => {
    const poses: Poses = {
      rotations: rotationsOf([rotationFromEuler(0.1, 0.2, 0.3)]),
      shiftsAngstrom: Float64Array.of(-6, 2),
    };
    const old = poseColumns({ star: OLD, pixelSizeAngstrom: 2 }, poses);
    expect([old["rlnOriginX"]?.[0], old["rlnOriginY"]?.[0]]).toEqual([3, -1]);
    const columns = poseColumns({ star: NEW, pixelSizeAngstrom: 2 }, poses);
    expect([columns["rlnOriginXAngst"]?.[0], columns["rlnOriginYAngst"]?.[0]]).toEqual([6, -2]);
    expect(columns["rlnAngleTilt"]?.[0]).toBeCloseTo(0.2 / DEGREE, 9);
    expect(Object.keys(columns)).not.toContain("rlnOriginX");
  });

  test("poses written into a file come back from its text to nine digits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(OLD, parseStar(formatStar(NEW).replace(/\n00000[23].*/g, ""))),
        anyRotation,
        anyNumber(-50, 50),
        anyNumber(-50, 50),
        (star, rotation, x, y) => {
          const source = { star, pixelSizeAngstrom: 1.7 };
          const poses: Poses = { rotations: rotationsOf([rotation]), shiftsAngstrom: Float64Array.of(x, y) };
          const text = formatStar(exportStar(source, { added: poseColumns(source, poses) }));
          const again = readPoses({ ...source, star: parseStar(text) })!;
          expect(geodesicRad(rotationAt(again.rotations, 0), rotation)).toBeLessThan(1e-6);
          expect(again.shiftsAngstrom[0]).toBeCloseTo(x, 6);
          expect(again.shiftsAngstrom[1]).toBeCloseTo(y, 6);
        },
      ),
      { seed: 1 },
    );
  });
});

test("a new list has RELION 3.1's version, optics and order, and leaves unknown optics out", () => {
  const group = { name: "og", box: 64, pixelSizeAngstrom: 3.5 };
  const optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
  const particles = { rlnImageName: ["1@a.mrcs"], rlnOpticsGroup: [1] };
  const known = particleStar({ opticsGroups: [{ ...group, optics }], particles });
  expect(formatStar(known)).toBe(
    "\n# version 30001\n\ndata_optics\n\nloop_\n_rlnOpticsGroup #1\n_rlnOpticsGroupName #2\n_rlnImagePixelSize #3\n" +
      "_rlnImageSize #4\n_rlnImageDimensionality #5\n_rlnVoltage #6\n_rlnSphericalAberration #7\n_rlnAmplitudeContrast #8\n" +
      "1 og 3.5 64 2 300 2.7 0.1\n\n\n# version 30001\n\ndata_particles\n\nloop_\n_rlnImageName #1\n_rlnOpticsGroup #2\n1@a.mrcs 1\n\n",
  );
  const unknown = particleStar({ opticsGroups: [group], particles });
  expect(unknown.blocks[0]!.table!.labels).not.toContain("rlnVoltage");
  expect([...numberColumns(unknown.blocks[0]!.table!, ["rlnImagePixelSize"], "f")[0]!]).toEqual([3.5]);
});
