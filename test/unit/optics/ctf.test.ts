import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Defocus, Optics } from "../../../src/core/types.js";
import { ctf, ctfPhase, electronWavelength } from "../../../src/optics/ctf.js";
import { anyAngle, anyNumber } from "../../support/arbitraries.js";

const DEGREE = Math.PI / 180;
const ideal: Optics = { voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 0 };
const titan: Optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
const lambda = electronWavelength(300);
const defocus = (u: number, v = u, angleRad = 0, phaseShiftRad = 0): Defocus => ({
  uAngstrom: u,
  vAngstrom: v,
  angleRad,
  phaseShiftRad,
});

describe("electron wavelength", () => {
  // Hawkes & Kasper, Principles of Electron Optics: 3.701, 2.508 and 1.969 pm.
  test.each([
    [100, 0.03701],
    [200, 0.02508],
    [300, 0.01969],
  ])("at %i kV is %f Å", (voltageKv, angstrom) => {
    expect(electronWavelength(voltageKv)).toBeCloseTo(angstrom, 5);
  });

  test("follows from h, m, e and c (CODATA 2018)", () => {
    const [h, m, e, c, volts] = [6.62607015e-34, 9.1093837015e-31, 1.602176634e-19, 299792458, 3e5];
    const metre = h / Math.sqrt(2 * m * e * volts * (1 + (e * volts) / (2 * m * c * c)));
    expect(Math.abs(lambda / (metre * 1e10) - 1)).toBeLessThan(1e-5); // our constants are RELION's, 6e-6 longer
  });
});

describe("ctf", () => {
  // Golden values of the family with the other sign, computed with a wavelength 3e-5 shorter; χ reaches 13.
  test.each([
    [titan, defocus(15000, 14000, 30 * DEGREE), 0.05, 0.02, -0.3498276],
    [
      { voltageKv: 200, sphericalAberrationMm: 2, amplitudeContrast: 0.07 },
      defocus(15000, 15000, 0, 90 * DEGREE),
      0.1,
      0,
      -0.7466224,
    ],
  ] as const)("is minus the CTF of the cryoDRGN family (case %#)", (optics, d, sx, sy, golden) => {
    expect(ctf(optics, d)(sx, sy)).toBeCloseTo(-golden, 3);
  });

  test("along its axes sees U and V: χ = πλzs²", () => {
    const [s, angleRad] = [0.1, 0.3];
    const chi = ctfPhase(ideal, defocus(2e4, 1e4, angleRad));
    const [x, y] = [s * Math.cos(angleRad), s * Math.sin(angleRad)];
    expect(chi(x, y)).toBeCloseTo(Math.PI * lambda * 2e4 * s * s, 9);
    expect(chi(-y, x)).toBeCloseTo(Math.PI * lambda * 1e4 * s * s, 9);
  });

  test("loses defocus to spherical aberration where z = ½Csλ²s²", () => {
    const [s, cs] = [0.25, 2.7e7];
    const z = (cs * lambda ** 2 * s ** 2) / 2;
    const chi = ctfPhase({ ...ideal, sphericalAberrationMm: 2.7 }, defocus(z));
    expect(chi(s, 0)).toBeCloseTo(0, 9);
  });

  test("starts at +w, at cos(asin w) with a quarter wave of a phase plate, and rises with underfocus", () => {
    expect(ctf(titan, defocus(1e4))(0, 0)).toBeCloseTo(0.1, 12);
    expect(ctf(titan, defocus(1e4, 1e4, 0, Math.PI / 2))(0, 0)).toBeCloseTo(Math.sqrt(1 - 0.01), 12);
    expect(ctf(titan, defocus(1e4))(0.01, 0)).toBeGreaterThan(0.1);
    expect(ctf(titan, defocus(-1e4))(0.01, 0)).toBeLessThan(0.1);
  });

  test("is 1 everywhere when all contrast is amplitude and nothing is out of focus", () => {
    const flat = ctf({ voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 1 }, defocus(0));
    for (const s of [0, 0.05, 0.2]) expect(flat(s, -s)).toBe(1);
  });

  test("does not change when U and V swap and the axis turns by 90°, nor from k to −k", () => {
    const frequency = anyNumber(-0.2, 0.2);
    fc.assert(
      fc.property(anyNumber(5e3, 3e4), anyNumber(5e3, 3e4), anyAngle, frequency, frequency, (u, v, angle, sx, sy) => {
        const chi = ctfPhase(titan, defocus(u, v, angle));
        expect(ctfPhase(titan, defocus(v, u, angle + Math.PI / 2))(sx, sy)).toBeCloseTo(chi(sx, sy), 6);
        expect(chi(-sx, -sy)).toBeCloseTo(chi(sx, sy), 9);
      }),
      { seed: 1 },
    );
  });

  test("refuses a contrast given in percent and a voltage of zero", () => {
    const percent = { ...titan, amplitudeContrast: 7 };
    expect(() => ctfPhase(percent, defocus(1e4))).toThrow(
      "optics.amplitudeContrast: expected a fraction in [0, 1], got 7",
    );
    expect(() => electronWavelength(0)).toThrow("voltageKv: expected a positive voltage in kV, got 0");
  });
});
