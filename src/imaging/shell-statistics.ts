/** @file Noise, signal and contrast sign of a set, from the rows of some of its images. */
import { type ContrastSign, contrastSignDetector } from "./contrast-sign.js";
import type { HalfPlane } from "./half-plane.js";
import { noiseSpectrum } from "./noise-spectrum.js";

export interface ShellStatistics {
  /** Float32[box/2]: noise of Re and of Im per shell, in units of the normalised image's transform. */
  readonly noiseSigma: Float32Array;
  /** Float32[box/2]: r.m.s. of Re and of Im of the whitened signal before the CTF, per shell. */
  readonly signalEnvelope: Float32Array;
  /** Float32[box/2]: signal power, CTF included, over noise power. */
  readonly snr: Float32Array;
  readonly contrastSign: ContrastSign;
  /** Mean square of the window over the area. */
  readonly windowPower: number;
}

export interface ShellMeasurement {
  /** The background's row, and the fraction of the area it covers. */
  addNoise(row: Float32Array, kept: number): void;
  /** The windowed image's row, not whitened, its CTF, and the mean square of the window over the area. */
  addImage(row: Float32Array, contrast: Float32Array, windowPower: number): void;
  statistics(): ShellStatistics;
}

/** Measure shell by shell: mean |x|² less the noise's 2, over twice the mean C². */
export function measureShells(plane: HalfPlane, pixelSizeAngstrom: number, diameterAngstrom: number): ShellMeasurement {
  const shells = plane.box / 2;
  const noise = noiseSpectrum(plane);
  const detector = contrastSignDetector(plane, pixelSizeAngstrom, diameterAngstrom);
  const [power, transfer, points] = Array.from({ length: 3 }, () => new Float64Array(shells)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let [images, windowTotal] = [0, 0];
  return {
    addNoise: noise.add,
    addImage(row, contrast, windowPower) {
      for (let p = 0; p < plane.count; p++) {
        const shell = plane.shell[p]!;
        power[shell]! += row[2 * p]! ** 2 + row[2 * p + 1]! ** 2;
        transfer[shell]! += contrast[p]! ** 2;
        points[shell]! += 1;
      }
      detector.add(row, contrast);
      windowTotal += windowPower;
      images++;
    },
    statistics() {
      const windowPower = windowTotal / images;
      const noiseSigma = Float32Array.from(noise.spectrum(), (p) => Math.sqrt((p * windowPower) / 2));
      const excess = Float64Array.from(power, (total, s) =>
        points[s] === 0 ? 0 : Math.max(0, total / points[s]! / noiseSigma[s]! ** 2 - 2),
      );
      const signalEnvelope = Float32Array.from(excess, (e, s) =>
        points[s] === 0 ? 0 : Math.sqrt(e / Math.max(2e-2, (2 * transfer[s]!) / points[s]!)),
      );
      signalEnvelope[0] = signalEnvelope[1]!;
      // A shell without measurable signal still needs a scale: half of the shell before it at least.
      for (let s = 1; s < shells; s++)
        signalEnvelope[s] = Math.max(signalEnvelope[s]!, 0.5 * signalEnvelope[s - 1]!, 1e-3);
      const snr = Float32Array.from(excess, (e) => e / 2);
      snr[0] = snr[1]!;
      return { noiseSigma, signalEnvelope, snr, contrastSign: detector.verdict(), windowPower };
    },
  };
}
