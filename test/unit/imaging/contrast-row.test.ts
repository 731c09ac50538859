import { describe, expect, test } from "vitest";
import type { Defocus, Optics } from "../../../src/core/types.js";
import { contrastRow } from "../../../src/imaging/contrast-row.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";

const plane = halfPlane(20);
const pixelSizeAngstrom = 2.5;
const lambda = 0.0196875; // Å at 300 kV
const ideal: Optics = { voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 0 };
const titan: Optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };

describe("the CTF of the half-plane", () => {
  test("is sin(πλ z s²) at s = |k| / (box · pixel size) for an ideal lens", () => {
    const defocus: Defocus = { uAngstrom: 5000, vAngstrom: 5000, angleRad: 0, phaseShiftRad: 0 };
    const row = contrastRow(plane, pixelSizeAngstrom, { optics: ideal, defocus });
    expect(row).toHaveLength(plane.count);
    for (let i = 0; i < plane.count; i++) {
      const s = Math.hypot(plane.kx[i]!, plane.ky[i]!) / (20 * pixelSizeAngstrom);
      expect(row[i]).toBeCloseTo(Math.sin(Math.PI * lambda * 5000 * s * s), 3);
    }
  });

  test("takes astigmatism, aberration, amplitude contrast and phase plate from the image", () => {
    const defocus: Defocus = { uAngstrom: 16000, vAngstrom: 13000, angleRad: 0.5, phaseShiftRad: 0.3 };
    const row = contrastRow(plane, pixelSizeAngstrom, { optics: titan, defocus });
    for (let i = 0; i < plane.count; i++) {
      const [sx, sy] = [plane.kx[i]! / 50, plane.ky[i]! / 50];
      const [s2, angle] = [sx * sx + sy * sy, Math.atan2(sy, sx)];
      const z = 14500 + 1500 * Math.cos(2 * (angle - 0.5));
      const chi = Math.PI * lambda * z * s2 - 0.5 * Math.PI * 2.7e7 * lambda ** 3 * s2 * s2 + 0.3 + Math.asin(0.1);
      expect(row[i]).toBeCloseTo(Math.sin(chi), 3);
    }
  });

  test("is 1 everywhere for images without one", () => {
    expect(contrastRow(plane, pixelSizeAngstrom, undefined)).toEqual(new Float32Array(plane.count).fill(1));
  });

  test("fills as many points as asked for", () => {
    const defocus: Defocus = { uAngstrom: 9000, vAngstrom: 9000, angleRad: 0, phaseShiftRad: 0 };
    const whole = contrastRow(plane, pixelSizeAngstrom, { optics: titan, defocus });
    const out = new Float32Array(10);
    expect(contrastRow(plane, pixelSizeAngstrom, { optics: titan, defocus }, out)).toBe(out);
    expect(out).toEqual(whole.subarray(0, 10));
  });
});
