import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rotationFromEuler } from "../../../src/geometry/rotation.js";
import { ctf } from "../../../src/optics/ctf.js";

interface Golden {
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly blobPixels: readonly [number, number, number];
  readonly poses: readonly {
    readonly eulerDeg: readonly [number, number, number];
    readonly originAngstrom: readonly [number, number];
    readonly centrePixels: readonly [number, number];
  }[];
  readonly ctfs: readonly {
    readonly optics: readonly [number, number, number];
    readonly defocus: readonly [number, number, number, number];
    readonly samples: readonly (readonly [number, number, number])[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL("values.json", import.meta.url), "utf8")) as Golden;
const DEGREE = Math.PI / 180;

test("a point r appears at box/2 + R r − origin in RELION's projection, x first", () => {
  const { box, pixelSizeAngstrom, blobPixels: r, poses } = golden;
  expect(poses).toHaveLength(20);
  let worst = 0;
  for (const { eulerDeg, originAngstrom, centrePixels } of poses) {
    const m = rotationFromEuler(eulerDeg[0] * DEGREE, eulerDeg[1] * DEGREE, eulerDeg[2] * DEGREE);
    for (const axis of [0, 1]) {
      const p = m[3 * axis]! * r[0] + m[3 * axis + 1]! * r[1] + m[3 * axis + 2]! * r[2];
      const want = box / 2 + p - originAngstrom[axis]! / pixelSizeAngstrom;
      worst = Math.max(worst, Math.abs(centrePixels[axis]! - want));
    }
  }
  expect(worst).toBeLessThan(0.06);
});

test("the CTF is RELION's: astigmatic, with a phase plate, overfocused, at two voltages", () => {
  const { ctfs } = golden;
  let judged = 0;
  for (const { optics, defocus, samples } of ctfs) {
    const [voltageKv, sphericalAberrationMm, amplitudeContrast] = optics;
    const [uAngstrom, vAngstrom, angleDeg, phaseDeg] = defocus;
    const ours = ctf(
      { voltageKv, sphericalAberrationMm, amplitudeContrast },
      { uAngstrom, vAngstrom, angleRad: angleDeg * DEGREE, phaseShiftRad: phaseDeg * DEGREE },
    );
    for (const [sx, sy, value] of samples) {
      expect(ours(sx, sy)).toBeCloseTo(value, 4);
      judged++;
    }
  }
  expect(judged).toBe(45);
});
