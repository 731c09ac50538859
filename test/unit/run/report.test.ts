import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { halfMapResolution } from "../../../src/metrics/half-map-resolution.js";
import type { RunParticles } from "../../../src/run/particle-table.js";
import type { ProgressRow } from "../../../src/run/progress-log.js";
import { classTable, reportPage } from "../../../src/run/report.js";
import { newManifest } from "../../../src/run/run-manifest.js";
import { resolveMachinery, resolveSettings } from "../../../src/run/run-options.js";
import { stabilityOverPasses } from "../../../src/run/run-stability.js";
import { chromiumAvailable, inChromium } from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();
const source = { box: 32, pixelSizeAngstrom: 2, count: 4 };
const manifest = newManifest(resolveSettings({ classes: 3 }, source), resolveMachinery({ out: "x" }), {
  path: "/data/<b>.star",
  sha256: "",
  ...source,
  stacks: [],
});
const particles: RunParticles = {
  keys: ["1@a", "2@a", "3@a", "4@a"],
  K: 3,
  zDim: 1,
  assignments: {
    classes: Int32Array.of(0, 0, 2, 0),
    posterior: Float32Array.of(1, 0, 0, 0.5, 0.5, 0, 0, 0, 1, 0.75, 0.25, 0),
    poses: {
      rotations: {
        kind: "rotations",
        count: 4,
        matrices: Float64Array.from({ length: 36 }, (_, i) => (i % 4 === (i / 9) % 4 ? 1 : 0)),
      },
      shiftsAngstrom: new Float64Array(8),
    },
    z: Float32Array.of(0, 1, 2, 5),
    evidence: new Float64Array(4),
    junk: new Float32Array(4),
  },
};
particles.assignments.poses.rotations.matrices.set([
  1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1,
]);
const volume = { kind: "volume", box: 32, pixelSizeAngstrom: 2, values: new Float32Array(32 ** 3) } as const;
const rows = [1, 2].map(
  (step): ProgressRow => ({
    ...{ step, steps: 2, pass: step, fraction: step / 2, seconds: 30 * step, imagesPerSecond: 9, radius: 6 },
    ...{ resolutionAngstrom: 10.7, poseTemperature: 1, classTemperature: 1, logEvidence: step, changed: 0 },
    classWeights: [0.5, 0.2, 0.3],
  }),
);
const image = Float32Array.from({ length: 32 * 32 }, (_, i) => Math.sin(i));
const averages = { rows: [{ label: "class 1", averages: [{ image, count: 3 }] }], pixelSizeAngstrom: 2 };
const defocus = [1e4, 2e4].map((u) => ({ uAngstrom: u, vAngstrom: u, angleRad: 0, phaseShiftRad: 0 }));
const noise = { ...volume, values: Float32Array.from(volume.values, (_, i) => Math.sin(i * i)) };
const halves = [
  {
    counts: [2, 1] as const,
    resolution: halfMapResolution(noise, noise),
    classMapFsc: fourierShellCorrelation(noise, noise),
  },
  null,
  null,
];
const run = { manifest, particles, volumes: [volume, volume, volume], averages, defocus, halves };
const page = reportPage("my <run>", run, rows);

test("the table of classes counts from 1 and adds up", () => {
  expect(classTable(particles).slice(1)).toEqual([
    ["1", "3", "56.3 %", "0.75", "class_001.mrc"],
    ["2", "0", "18.8 %", "", "class_002.mrc"],
    ["3", "1", "25.0 %", "1", "class_003.mrc"],
  ]);
});

test("images in no class are counted, and why there are so many classes is said", () => {
  expect(page).not.toContain("in no class");
  const { assignments } = particles;
  const junk = { ...particles, assignments: { ...assignments, classes: Int32Array.of(0, -1, 2, 0) } };
  const shown = reportPage("junk", { ...run, particles: junk, speciesFound: ["3 < 4 stayed."] }, rows);
  expect(shown).toContain("<p>1 images (25.0 %) are in no class");
  expect(shown).toContain("<p>3 &lt; 4 stayed.</p>");
  expect(classTable(junk)[1]).toEqual(["1", "2", "43.8 %", "0.875", "class_001.mrc"]);
});

test("classes that stayed over the last passes are told from those that did not", () => {
  const stability = stabilityOverPasses(Int32Array.of(0, 0, 2, 0), [
    { step: 1, pass: 1, classes: Int32Array.of(1, 1, 0, 0) },
    { step: 2, pass: 2, classes: Int32Array.of(1, 1, 0, 1) },
  ]);
  const told = reportPage("stable", { ...run, stability }, rows);
  expect(told).toContain("stability over the 2 passes before the end");
  expect(told).toContain("<td>1</td><td>0.8333</td>"); // (2/3 + 1) / 2
  expect(told).toContain("<td>3</td><td>0.75</td>"); // (1/2 + 1) / 2
  expect(page).not.toContain("stability over");
});

test("half maps are told class by class, with what they are not", () => {
  expect(page).toContain("<td>1</td><td>2 + 1</td>");
  expect(page).toContain("not a gold-standard resolution");
  expect(reportPage("none", { ...run, halves: [null, null, null] }, rows)).not.toContain("Half maps");
});

test("without images or progress the page shows what is left, and a class's latents never with another's", () => {
  const titles = (text: string): string[] => [...text.matchAll(/<img alt="([^:&\n]*)/g)].map(([, title]) => title!);
  const bare = titles(reportPage("bare", { manifest, particles, volumes: run.volumes }, []));
  expect(bare).toEqual(titles(page).filter((title) => !/averages|Progress|Convergence|Defocus|Half maps/.test(title)));
  expect(bare.filter((title) => title.startsWith("Conformations"))).toEqual(["Conformations of class 1"]);
  const still = { ...particles, assignments: { ...particles.assignments, z: new Float32Array(4) } };
  expect(reportPage("still", { manifest, particles: still, volumes: run.volumes }, [])).not.toContain("Conformations");
  const idle = { ...still, zDim: 2, assignments: { ...still.assignments, z: Float32Array.of(0, 0, 1, 0, 0, 0, 2, 0) } };
  const one = reportPage("idle", { manifest, particles: idle, volumes: run.volumes }, []);
  expect(one).toMatch(/Conformations of class 1: (?!.*PC)/);
  const two = {
    ...particles,
    zDim: 2,
    assignments: { ...particles.assignments, z: Float32Array.of(0, 1, 2, 5, 9, 9, 4, 0) },
  };
  const flat = reportPage("two", { manifest, particles: two, volumes: run.volumes }, []);
  expect(flat).toContain("Conformations of class 1: 3 points, PC 1 (a.u.), ");
});

test("the page needs no scripts and nothing from outside, and shows names as text", () => {
  expect(page).not.toMatch(/<script|src="(?!data:)|href=|url\(/);
  expect(page).toContain("<h1>my &lt;run&gt;</h1>");
  expect(page).toContain("4 particles of &lt;b&gt;.star, box 32, seed 1; 2 passes in 1.0 min, down to 10.7 Å.");
});

test.skipIf(!chromiumAvailable)("every figure of the page is seen with scripts disabled", async () => {
  writeFileSync(at("report.html"), page);
  await inChromium(false, async (browser) => {
    const view = await browser.newPage();
    await view.goto(`file://${at("report.html")}`);
    const pictures = await view.locator("img").all();
    // Half maps, surfaces, slices, averages, occupancy, entropy, simplex, progress, convergence, defocus, directions of the two
    // classes that hold images, one latent (of the class with more than two).
    expect(pictures).toHaveLength(13);
    for (const picture of pictures)
      expect(await picture.evaluate((img: { naturalWidth: number }) => img.naturalWidth)).toBeGreaterThan(300);
  });
});
