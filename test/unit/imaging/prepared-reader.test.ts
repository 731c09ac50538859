import { truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { contrastRow } from "../../../src/imaging/contrast-row.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const box = 16;
const plane = halfPlane(box);
const random = seededRandom(1);
const rows = Array.from({ length: 5 }, () => Float32Array.from({ length: 2 * plane.count }, () => random.normal()));
const contrast = Array.from({ length: 5 }, (_, i) => ({
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocus: { uAngstrom: 1e4 + 1e3 * i, vAngstrom: 1e4, angleRad: 0.3, phaseShiftRad: 0 },
}));

describe("an open working set", () => {
  const set = writePrepared(folder("set"), { box, pixelSizeAngstrom: 5, rows, contrast });
  const reader = openPrepared(set);

  test("gives any row, and any prefix of it", () => {
    const out = new Float32Array(2 * plane.count);
    for (const i of [4, 0, 2]) {
      reader.readRow(i, out);
      expect(out).toEqual(rows[i]);
      const short = new Float32Array(20);
      reader.readRow(i, short);
      expect(short).toEqual(rows[i]!.subarray(0, 20));
    }
    // Into the middle of a larger array, nothing else touched.
    const large = new Float32Array(30);
    reader.readRow(3, large.subarray(5, 15));
    expect(large).toEqual(
      Float32Array.of(...new Array(5).fill(0), ...rows[3]!.subarray(0, 10), ...new Array(15).fill(0)),
    );
  });

  test("gives the CTF of any image, not whitened", () => {
    const out = new Float32Array(30);
    reader.readContrast(2, out);
    expect(out).toEqual(contrastRow(plane, 5, contrast[2]).subarray(0, 30));
  });

  test("counts the points within a radius", () => {
    expect(reader.plane).toEqual(plane);
    expect(reader.points(4.2)).toBe(pointsWithin(plane, 4.2));
  });

  test.each([-1, 5])("refuses image %i of five", (index) => {
    expect(() => reader.readRow(index, new Float32Array(4))).toThrow(`index: expected 0 to 4, got ${index}`);
  });
});

test("a file that was cut short says so", () => {
  const set = writePrepared(folder("cut"), { box, pixelSizeAngstrom: 5, rows });
  truncateSync(set.file, 8 * plane.count * 5 - 4);
  const reader = openPrepared(set);
  reader.readRow(3, new Float32Array(2 * plane.count));
  expect(() => reader.readRow(4, new Float32Array(2 * plane.count))).toThrow(
    `expected 5 rows of ${8 * plane.count} bytes, row 4 is cut short; prepare again`,
  );
  reader.close();
});
