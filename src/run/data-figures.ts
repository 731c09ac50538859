/** @file The pictures of a check of particles: images, CTF and defocus, power spectrum, half-map FSC, back-projection. */

import type { BackProjection } from "../imaging/back-projection.js";
import type { Particles } from "../io/particles.js";
import { type FourierShellCorrelation, fourierShellCorrelation } from "../metrics/fourier-shell-correlation.js";
import { ctf } from "../optics/ctf.js";
import { ctfCurves } from "../plot/ctf-curves.js";
import type { Figure } from "../plot/figure.js";
import { fscCurve } from "../plot/fsc-curve.js";
import { orthogonalSlices } from "../plot/orthogonal-slices.js";
import { particleMontage } from "../plot/particle-montage.js";
import { powerSpectrum } from "../plot/power-spectrum.js";
import type { DataCheck } from "./check-data.js";

const MONTAGE = 16;
const CURVE_POINTS = 200;

/** In the order in which one looks at them. */
export function dataFigures(particles: Particles, found: DataCheck): readonly Figure[] {
  const { box, pixelSizeAngstrom, rows, census, poses, defocusAngstrom } = found;
  const unfit = new Set([...census.notFinite, ...census.constant]);
  const grid = (row: number): number => particles.gridOf?.(row).box ?? box;
  const shown = [...rows].filter((row) => !unfit.has(row) && grid(row) === grid(rows[0]!)).slice(0, MONTAGE);
  const side = grid(shown[0]!);
  const images = new Float32Array(shown.length * side * side);
  shown.forEach((row, i) => {
    particles.readImage(row, images.subarray(i * side * side, (i + 1) * side * side));
  });
  const size = particles.gridOf?.(shown[0]!).pixelSizeAngstrom ?? pixelSizeAngstrom;
  const labels = shown.map((row) => particles.keys[row]!);
  const montage = { images, box: side, pixelSizeAngstrom: size, labels };
  const zeros =
    defocusAngstrom === null ? [] : ctfZeros(particles, rows[Math.floor(rows.length / 2)]!, 0.5 / pixelSizeAngstrom);
  return [
    particleMontage(montage, { lowPassAngstrom: 6 * size }),
    ...(defocusAngstrom === null ? [] : [curves(particles, found, defocusAngstrom)]),
    powerSpectrum({ ...census.spectrum, zeros }),
    ...(poses === undefined
      ? []
      : [
          fscCurve(
            [
              { label: "poses as they are", fsc: halves(poses.given) },
              ...(poses.faults.length > 0
                ? [{ label: `undone: ${poses.faults.join(", ")}`, fsc: halves(poses.best) }]
                : []),
              { label: "poses dealt at random", fsc: halves(poses.random) },
            ],
            { title: "Half maps of the back-projection" },
          ),
          orthogonalSlices(poses.best.map, { title: "Back-projection" }),
        ]),
  ];
}

function halves({ halves: [a, b] }: BackProjection): FourierShellCorrelation {
  return fourierShellCorrelation(a, b, { shells: "relion" });
}

function curves(particles: Particles, { rows, pixelSizeAngstrom }: DataCheck, defocusAngstrom: Float64Array): Figure {
  const frequency = Float64Array.from({ length: CURVE_POINTS }, (_, i) => (0.5 * i) / CURVE_POINTS / pixelSizeAngstrom);
  const byDefocus = Array.from(defocusAngstrom, (_, i) => i).sort((a, b) => defocusAngstrom[a]! - defocusAngstrom[b]!);
  const few = [0.05, 0.5, 0.95].map((f) => rows[byDefocus[Math.floor(f * (byDefocus.length - 1))]!]!);
  return ctfCurves({
    frequency,
    curves: [...new Set(few)].map((row) => {
      const { uAngstrom, vAngstrom, ...rest } = particles.defocus(row);
      const mean = (uAngstrom + vAngstrom) / 2;
      const transfer = ctf(particles.optics(row), { ...rest, uAngstrom: mean, vAngstrom: mean });
      return { label: `${(mean / 1e4).toFixed(2)} µm`, values: frequency.map((s) => transfer(s, 0)) };
    }),
    defocusAngstrom,
  });
}

/** Frequencies, 1/Å, where the CTF of one particle changes sign. */
function ctfZeros(particles: Particles, row: number, highest: number): number[] {
  const { uAngstrom, vAngstrom, ...rest } = particles.defocus(row);
  const mean = (uAngstrom + vAngstrom) / 2;
  const transfer = ctf(particles.optics(row), { ...rest, uAngstrom: mean, vAngstrom: mean });
  const zeros: number[] = [];
  const step = highest / 4000;
  for (let s = step; s < highest && zeros.length < 12; s += step)
    if (transfer(s, 0) > 0 !== transfer(s - step, 0) > 0) zeros.push(s);
  return zeros;
}
