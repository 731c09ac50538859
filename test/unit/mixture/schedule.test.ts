import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { defaultSchedule, planBatches, type Schedule, settingsAt } from "../../../src/mixture/schedule.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const random = seededRandom(1);

function setWith(strength: number, box = 32) {
  const { count } = halfPlane(box);
  const rows = Array.from({ length: 6 }, () => Float32Array.from({ length: 2 * count }, () => random.normal()));
  const signalEnvelope = Float32Array.from({ length: box / 2 }, (_, s) => strength * Math.exp(-s / 4));
  const contrast = rows.map(() => titan(15000));
  return writePrepared(folder(`${strength} ${box}`), { box, pixelSizeAngstrom: 6, rows, contrast, signalEnvelope });
}

/** Two stages with round numbers. */
const simple = (template: Schedule): Schedule => ({
  ...template,
  stages: [
    {
      ...template.stages[0]!,
      name: "first",
      passes: 4,
      batch: 10,
      radius: [4, 8],
      poseTemperature: [100, 1],
      balance: [1, 0],
    },
    { ...template.stages[0]!, name: "second", passes: 2, batch: 25, radius: [9, 9], learningRate: [4e-3, 1e-3] },
  ],
});

describe("the default schedule", () => {
  test.each([1, 3, 20, 41])("has stages of %i passes in all", (passes) => {
    const { stages } = defaultSchedule(setWith(3), passes);
    expect(stages.reduce((sum, stage) => sum + stage.passes, 0)).toBeCloseTo(passes, 9);
    expect(new Set(stages.map(({ name }) => name)).size).toBe(stages.length);
  });

  test.each([0.1, 3, 100])("stays within what the images hold, signal %f", (strength) => {
    const schedule = defaultSchedule(setWith(strength), 20);
    for (const { settings } of planBatches(schedule, 200)) {
      expect(settings.radius).toBeGreaterThan(0);
      expect(settings.radius).toBeLessThanOrEqual(15);
      for (const temperature of [settings.poseTemperature, settings.classTemperature, settings.learningRate ?? 1])
        expect(temperature).toBeGreaterThan(0);
      for (const share of [settings.balance, settings.localShare]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    }
  });

  test("cools down, sharpens, and lets classes go before it asks for conformations", () => {
    const plan = planBatches(defaultSchedule(setWith(3), 20), 500).map(({ settings }) => settings);
    const [first, last] = [plan[0]!, plan.at(-1)!];
    expect(last.poseTemperature).toBeLessThan(first.poseTemperature);
    expect(last.classTemperature).toBeLessThanOrEqual(first.classTemperature);
    expect(last.radius).toBeGreaterThan(first.radius);
    expect(first.learningRate).toBeNull();
    expect(last.learningRate).toBeLessThan(1e-2);
    const flexing = plan.findIndex(({ learningRate }) => learningRate !== null);
    expect(plan.slice(flexing).every(({ learningRate, balance }) => learningRate !== null && balance === 0)).toBe(true);
  });

  test("scales its temperatures with what an image can say", () => {
    const [weak, strong] = [30, 60].map((strength) => settingsAt(defaultSchedule(setWith(strength), 20), 0));
    expect(strong!.poseTemperature / weak!.poseTemperature).toBeCloseTo(4, 3); // G = Σ C²|S|²
    expect(strong!.classTemperature / weak!.classTemperature).toBeCloseTo(4, 3);
  });

  test.each([0, 2.5])("of %f passes is refused", (passes) => {
    expect(() => defaultSchedule(setWith(3), passes)).toThrow(
      `passes: expected an integer of at least 1, got ${passes}`,
    );
  });
});

describe("settings", () => {
  const schedule = simple(defaultSchedule(setWith(3), 6));

  test("run linearly or geometrically from the beginning of a stage to its end", () => {
    expect(settingsAt(schedule, 0)).toMatchObject({ stage: "first", batch: 10, radius: 4, balance: 1 });
    expect(settingsAt(schedule, 0).poseTemperature).toBeCloseTo(100, 9);
    expect(settingsAt(schedule, 2)).toMatchObject({ radius: 6, balance: 0.5 });
    expect(settingsAt(schedule, 2).poseTemperature).toBeCloseTo(10, 9);
    expect(settingsAt(schedule, 4)).toMatchObject({ stage: "second", batch: 25, radius: 9 });
    expect(settingsAt(schedule, 5).learningRate).toBeCloseTo(2e-3, 12);
  });

  test("stay at the last value when the schedule is over, and are refused before it begins", () => {
    expect(settingsAt(schedule, 50)).toMatchObject({ stage: "second", radius: 9 });
    expect(settingsAt(schedule, 50).learningRate).toBeCloseTo(1e-3, 12);
    expect(() => settingsAt(schedule, -0.1)).toThrow("passes: expected at least 0, got -0.1");
  });
});

describe("batches", () => {
  const schedule = simple(defaultSchedule(setWith(3), 6));

  test.each([1, 9, 10, 57, 100])("hold every one of %i images once per pass, none across two passes", (count) => {
    const batches = planBatches(schedule, count);
    for (let pass = 0; pass < 6; pass++) {
      let next = 0;
      for (const batch of batches.filter((b) => b.pass === pass)) {
        expect(batch.from).toBe(next);
        expect(batch.to).toBeGreaterThan(batch.from);
        expect(batch.to - batch.from).toBeLessThanOrEqual(batch.settings.batch);
        next = batch.to;
      }
      expect(next).toBe(count);
    }
    expect(batches.map(({ pass }) => pass)).toEqual(batches.map(({ pass }) => pass).toSorted((a, b) => a - b));
    expect(batches.at(-1)!.pass).toBe(5);
  });

  test("take their settings from where they begin", () => {
    const batches = planBatches(schedule, 40);
    expect(batches[0]!.settings).toEqual(settingsAt(schedule, 0));
    expect(batches[5]!.settings).toEqual(settingsAt(schedule, 1.25));
    expect(batches.at(-1)).toMatchObject({ pass: 5, from: 25, to: 40, settings: { stage: "second" } });
  });
});
