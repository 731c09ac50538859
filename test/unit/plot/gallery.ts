/** @file Every figure, drawn as a user would: the tests look at these, and so does a browser. */
import { seededRandom } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import { randomRotation, rotationFromEuler, rotationsOf } from "../../../src/geometry/rotation.js";
import { confusionTableOf } from "../../../src/metrics/confusion-table.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { assignmentEntropy } from "../../../src/plot/assignment-entropy.js";
import { classAverages } from "../../../src/plot/class-averages.js";
import { classOccupancy } from "../../../src/plot/class-occupancy.js";
import { classSimplex } from "../../../src/plot/class-simplex.js";
import { confusionFigure } from "../../../src/plot/confusion-figure.js";
import { convergence } from "../../../src/plot/convergence.js";
import { ctfCurves } from "../../../src/plot/ctf-curves.js";
import { defocusDistribution } from "../../../src/plot/defocus-distribution.js";
import type { Figure } from "../../../src/plot/figure.js";
import { fscCurve } from "../../../src/plot/fsc-curve.js";
import { histogram } from "../../../src/plot/histogram.js";
import { imageFsc } from "../../../src/plot/image-fsc.js";
import { isosurface } from "../../../src/plot/isosurface.js";
import { latentDensity } from "../../../src/plot/latent-density.js";
import { latentScatter } from "../../../src/plot/latent-scatter.js";
import { latentTrajectory } from "../../../src/plot/latent-trajectory.js";
import { movie } from "../../../src/plot/movie.js";
import { orthogonalSlices } from "../../../src/plot/orthogonal-slices.js";
import { particleMontage } from "../../../src/plot/particle-montage.js";
import { powerSpectrum } from "../../../src/plot/power-spectrum.js";
import { runProgress } from "../../../src/plot/run-progress.js";
import { inTheme } from "../../../src/plot/theme.js";
import { trainingCurve } from "../../../src/plot/training-curve.js";
import { viewingDirections } from "../../../src/plot/viewing-directions.js";
import { beadMap, chiralBeads } from "../metrics/gaussian-blobs.js";

export interface Exhibit {
  readonly figure: Figure;
  /** Words that must be readable in the static picture. */
  readonly labels: readonly string[];
  /** Elements that draw the data, at least so many of each. */
  readonly marks: Readonly<Record<string, number>>;
  /** Pieces that must stand in the text form. */
  readonly text: readonly string[];
}

const random = seededRandom(11);
const normals = (count: number): number[] => Array.from({ length: count }, () => random.normal());
const map: Volume = beadMap(chiralBeads, 32, 6);
const noisy: Volume = { ...map, values: map.values.map((v) => v + 0.3 * random.normal()) };

const images = Float32Array.from({ length: 6 * 24 * 24 }, (_, i) => {
  const [x, y] = [(i % 24) - 12, (Math.floor(i / 24) % 24) - 12];
  return Math.exp(-(x * x + y * y) / 40) + 0.5 * random.normal();
});

const frequency = Array.from({ length: 100 }, (_, i) => i / 600);
const classes = Array.from({ length: 600 }, (_, i) => 1 + (i % 3));

/** Mostly sure of one of three classes. */
const posterior = Float32Array.from({ length: 500 }, () => random.uniform()).reduce((rows, u, i) => {
  const doubt = 0.6 * u * u;
  rows.set(
    [0, 1, 2].map((k) => (k === i % 3 ? 1 - doubt : k === (i + 1) % 3 ? 0.7 * doubt : 0.3 * doubt)),
    3 * i,
  );
  return rows;
}, new Float32Array(1500));

export const gallery: Readonly<Record<string, Exhibit>> = {
  "particle montage": {
    figure: particleMontage(
      { images, box: 24, pixelSizeAngstrom: 6, labels: ["1@a.mrcs", "2@a.mrcs", "<3>", "4", "5", "6"] },
      { title: "Six & a few", lowPassAngstrom: 30 },
    ),
    labels: ["Six & a few", "1@a.mrcs", "<3>", "20 Å", "24×24 pixels of 6 Å, low-pass 30 Å for display"],
    marks: { image: 6 },
    text: ["6 images", "24×24 pixels of 6 Å", "standard deviation 0.5"],
  },
  "CTF curves": {
    figure: ctfCurves({
      frequency,
      curves: [1.5e4, 2e4].map((z) => ({
        label: `defocus ${z / 1e4} µm`,
        values: frequency.map((s) => Math.sin(Math.PI * 0.0197 * z * s * s + 0.1)),
      })),
      defocusAngstrom: Array.from({ length: 300 }, () => 1e4 + 1.5e4 * random.uniform()),
    }),
    labels: ["Contrast transfer", "frequency (1/Å)", "CTF", "defocus (µm)", "particles", "defocus 1.5 µm"],
    marks: { path: 2, rect: 20 },
    text: ["300 particles", "defocus 1.5 µm: first zero at "],
  },
  "orthogonal slices": {
    figure: orthogonalSlices([
      { label: "class 1", volume: map },
      { label: "class 2", volume: noisy },
    ]),
    labels: ["Central slices", "class 1", "class 2", "xy", "xz", "yz", "50 Å"],
    marks: { image: 6 },
    text: ["2 maps", "class 1: box 32, voxel 6 Å", "maximum"],
  },
  isosurface: {
    figure: isosurface(map, { title: "Beads" }),
    labels: ["Beads", "along z", "along y", "along x", "50 Å"],
    marks: { image: 3 },
    text: ["surfaces of 1 map", "triangles", "nm³"],
  },
  movie: {
    figure: movie([map, noisy], { title: "Beads in motion", labels: ["z1 = -1", "z1 = 1"], level: 0.5 }),
    labels: ["Beads in motion", "along z", "z1 = -1", "z1 = 1", "50 Å", "2 of 2 frames"],
    marks: { image: 2 },
    text: ["2 maps, forth and back, 10 a second", "from z1 = -1 to z1 = 1", "box 32, voxel 6 Å, level 0.5"],
  },
  "class occupancy": {
    figure: classOccupancy([500, 300, 200]),
    labels: ["Class occupancy", "class 1", "class 3", "50.0 %", "images", "1000 images"],
    marks: { rect: 4 },
    text: ["class 1: 500 (50.0 %)", "class 3: 200 (20.0 %)"],
  },
  "confusion table": {
    figure: confusionFigure(
      confusionTableOf(
        [1, 2],
        ["spike", "ribosome"],
        [
          [5, 90],
          [95, 10],
        ],
      ),
    ),
    labels: ["found", "reference", "spike", "ribosome", "recall", "precision", "95.0 %", "agreement 92.5 %"],
    marks: { rect: 5 },
    text: ["200 images", "agreement 92.5 %", "1\t5\t90", "recall\t0.950\t0.900"],
  },
  "latent scatter by class": {
    figure: latentScatter({ x: normals(600), y: normals(600), categories: classes }),
    labels: ["Latent space", "UMAP 1", "UMAP 2", "class 1", "class 3", "600 points"],
    marks: { circle: 3, path: 3 },
    text: ["600 points", "class 2: 200 points"],
  },
  "latent scatter by value": {
    figure: latentScatter(
      { x: normals(3000), y: normals(3000), values: normals(3000) },
      { xLabel: "PC 1", yLabel: "PC 2", colourLabel: "defocus (µm)" },
    ),
    labels: ["PC 1", "PC 2", "defocus (µm)", "3000 points"],
    marks: { image: 2 },
    text: ["3000 points", "colour: defocus (µm)"],
  },
  "latent scatter as density": {
    figure: latentScatter({ x: normals(250_000), y: normals(250_000) }),
    labels: ["250,000 points", "UMAP 1"],
    marks: { image: 1 },
    text: ["250,000 points"],
  },
  "viewing directions": {
    figure: viewingDirections(
      rotationsOf(
        Array.from({ length: 800 }, (_, i) =>
          i % 2 === 0
            ? randomRotation(random)
            : rotationFromEuler(1 + 0.1 * random.normal(), 1 + 0.1 * random.normal(), 0),
        ),
      ),
    ),
    labels: ["Viewing directions", "800 images", "density relative to uniform", "30°", "-60°"],
    marks: { image: 2, path: 12 },
    text: ["800 images", "longitude 5", "latitude 3", "of the sphere"],
  },
  "run progress": {
    figure: runProgress(
      Array.from({ length: 30 }, (_, i) => ({
        images: 200 * (i + 1),
        radius: 6 + i / 3,
        temperature: 8 - i / 5,
        logLikelihood: -900 + 10 * i,
        occupancy: [0.5 + i / 100, 0.5 - i / 100],
      })),
    ),
    labels: [
      "radius (Fourier pixels)",
      "temperature",
      "log-likelihood per image",
      "occupancy",
      "class 2",
      "images visited",
    ],
    marks: { path: 5 },
    text: ["30 reports, 6000 images visited", "radius 6 → 15.67", "class 1: 79.0 %"],
  },
  "FSC curve": {
    figure: fscCurve([{ label: "half maps", fsc: fourierShellCorrelation(map, noisy) }]),
    labels: ["Fourier shell correlation", "half maps", "frequency (1/Å)", "correlation", "0.143", "0.5"],
    marks: { path: 1 },
    text: ["half maps: ", "Å at 0.5", "Å at 0.143"],
  },
  histogram: {
    figure: histogram(
      [
        { label: "ribosome", values: normals(400).map((v) => Math.abs(5 * v)) },
        { label: "spike", values: [] },
      ],
      { xLabel: "rotation error (°)", title: "Pose errors", domain: [0, 30] },
    ),
    labels: ["Pose errors", "rotation error (°)", "images", "spike: none"],
    marks: { rect: 10, path: 2 },
    text: ["ribosome: 400 values", "median 3.", "spike: no values"],
  },
  "assignment entropy": {
    figure: assignmentEntropy(posterior, 3),
    labels: ["Certainty of the classes", "entropy of the class probabilities (bits)", "images"],
    marks: { rect: 10, path: 3 },
    text: ["effective number of classes per image", "of 3", "probability 0.9 or more"],
  },
  "class simplex": {
    figure: classSimplex(posterior, 3, { labels: ["ribosome", "spike", "spliceosome"] }),
    labels: ["Between the classes", "ribosome", "spike", "spliceosome", "500 images"],
    marks: { path: 4 },
    text: ["500 images", "spike: ", "mean probability"],
  },
  "latent density": {
    figure: latentDensity({ x: normals(4000), y: normals(4000) }, { xLabel: "PC 1 (a.u.)" }),
    labels: ["Density of the latent space", "PC 1 (a.u.)", "UMAP 2", "4000 points", "−ln density", "6"],
    marks: { image: 2 },
    text: ["4000 points", "densest at PC 1 (a.u.) "],
  },
  "latent trajectory": {
    figure: latentTrajectory({ x: normals(900), y: normals(900) }, [
      { label: "PC 1, 5th to 95th percentile", x: [-2, -1, 0, 1, 2], y: [0, 0, 0, 0, 0] },
      { label: "graph", x: [-1, 0, 1], y: [-1, 1.5, 2] },
    ]),
    labels: ["Trajectories", "graph", "5", "UMAP 1", "900 points"],
    marks: { circle: 8, path: 3 },
    text: ["2 over 900 points", "graph: 3 frames from (-1, -1) to (1, 2)"],
  },
  "image FSC": {
    figure: imageFsc([
      { label: "ribosome", curves: [map, noisy].map((v) => fourierShellCorrelation(v, map)) },
      { label: "spike", curves: [fourierShellCorrelation(noisy, map)] },
    ]),
    labels: ["Per-image FSC", "frequency (1/Å)", "correlation", "perfect area 0.469"],
    marks: { path: 4 },
    text: ["ribosome: 2 images, mean 0.", "spike: 1 images", "median 0."],
  },
  "defocus distribution": {
    figure: defocusDistribution(
      Array.from({ length: 400 }, () => {
        const uAngstrom = 15_000 + 3000 * random.normal();
        return { uAngstrom, vAngstrom: uAngstrom - 300 * random.uniform(), angleRad: 0, phaseShiftRad: 0 };
      }),
    ),
    labels: ["Defocus", "defocus (µm)", "astigmatism (Å)", "images", "400 images"],
    marks: { rect: 40 },
    text: ["400 images", "defocus (µm): 5 % ", "median 1.", "astigmatism (Å)"],
  },
  "power spectrum": {
    figure: powerSpectrum({
      frequency: Float64Array.from({ length: 40 }, (_, i) => i / 400),
      power: Float64Array.from({ length: 40 }, (_, i) => 100 * Math.exp(-i / 8) * (1 + Math.cos(i / 3) ** 2)),
      zeros: [0.03, 0.05, 0.4],
    }),
    labels: ["Power spectrum", "frequency (1/Å)", "power (dB)", "dashed: zeros of the CTF at the mean defocus"],
    marks: { path: 1 },
    text: ["dB from the strongest to the weakest", "CTF zeros at 33.33, 20 Å"],
  },
  convergence: {
    figure: convergence(
      Array.from({ length: 40 }, (_, i) => ({
        passes: (i + 1) / 4,
        loss: 900 - 20 * Math.sqrt(i),
        changed: 0.6 * Math.exp(-i / 8),
        resolutionAngstrom: i < 20 ? 40 : 24,
      })),
    ),
    labels: ["Convergence", "loss per image", "images that changed class", "passes", "0.1 %", "10 passes"],
    marks: { path: 2, line: 10 },
    text: ["40 reports over 10 passes", "loss per image 900 → 775.1 at 24 Å", "60.0 % → 0.5 %"],
  },
  "training curve": {
    figure: trainingCurve(
      Array.from({ length: 20 }, (_, i) => ({
        visits: 800 * (i + 1),
        loss: i < 15 ? 20 * Math.exp(-i / 4) : 1 - i / 100,
        phase: i < 15 ? "imitation" : "reconstruction",
      })),
    ),
    labels: ["Training", "images shown", "loss", "imitation", "reconstruction"],
    marks: { path: 2 },
    text: ["20 reports over 16,000 images", "imitation: loss 20 → 0.6039", "reconstruction: loss 0.85 → 0.81"],
  },
  "class averages": {
    figure: classAverages(
      [
        {
          label: "class 1",
          averages: [0, 1, 2].map((i) => ({ image: images.slice(576 * i, 576 * (i + 1)), count: 40 - i })),
        },
        { label: "class 2", averages: [{ image: images.slice(0, 576), count: 7 }] },
      ],
      { pixelSizeAngstrom: 6 },
    ),
    labels: ["2-D class averages", "class 1", "class 2", "40", "7", "20 Å"],
    marks: { image: 4 },
    text: ["2 classes, 24×24 pixels of 6 Å", "class 1: 3 views, 117 images"],
  },
  "run progress in the dark theme": {
    figure: inTheme(
      runProgress([100, 200].map((n) => ({ images: n, radius: 6, temperature: 1, logLikelihood: n, occupancy: [1] }))),
      "dark",
    ),
    labels: ["Progress", "temperature"],
    marks: { path: 4 },
    text: ["2 reports"],
  },
};
