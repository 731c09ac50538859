import { describe, expect, test } from "vitest";
import { planBatches, settingsAt } from "../../../src/mixture/batch-plan.js";
import type { Schedule, Stage } from "../../../src/mixture/schedule.js";

const first: Stage = {
  name: "first",
  passes: 4,
  everyImage: false,
  batch: 10,
  provision: 1,
  radius: [4, 8],
  memory: 20,
  poseTemperature: [100, 1],
  classTemperature: [1, 1],
  balance: [1, 0],
  localShare: 0,
  alone: false,
  learningRate: null,
  judgingRadius: 0,
  joining: false,
  judgingJunk: false,
};
const second: Stage = { ...first, name: "second", passes: 2, batch: 25, radius: [9, 9], learningRate: [4e-3, 1e-3] };
const schedule: Schedule = {
  stages: [first, second],
  sample: 1000,
  shiftRangeAngstrom: 10,
  stepsPerBatch: 1,
  fieldSteps: 1,
  dirichletPrior: 0.1,
};

describe("settings", () => {
  test("run linearly or geometrically from the beginning of a stage to its end", () => {
    expect(settingsAt(first, 0)).toMatchObject({ stage: "first", batch: 10, radius: 4, balance: 1 });
    expect(settingsAt(first, 0).poseTemperature).toBeCloseTo(100, 9);
    expect(settingsAt(first, 0.5)).toMatchObject({ radius: 6, balance: 0.5 });
    expect(settingsAt(first, 0.5).poseTemperature).toBeCloseTo(10, 9);
    expect(settingsAt(second, 0.5).learningRate).toBeCloseTo(2e-3, 12);
    expect(settingsAt(second, 1).learningRate).toBeCloseTo(1e-3, 12);
    expect(() => settingsAt(second, 1.1)).toThrow("done: expected a fraction, got 1.1");
  });
});

describe("batches", () => {
  test.each([1, 9, 10, 57, 100])("hold every one of %i images once per pass, none across passes or stages", (count) => {
    const batches = planBatches(schedule, count);
    for (let pass = 0; pass < 6; pass++) {
      let next = 0;
      for (const batch of batches.filter((b) => b.pass === pass)) {
        expect(batch).toMatchObject({ from: next, of: count });
        expect(batch.to).toBeGreaterThan(batch.from);
        expect(batch.to - batch.from).toBeLessThan(1.25 * batch.settings.batch);
        next = batch.to;
      }
      expect(next).toBe(count);
    }
    expect(batches.at(-1)!.pass).toBe(5);
    const visits = (name: string): number =>
      batches.reduce((sum, { from, to, settings }) => sum + (settings.stage === name ? to - from : 0), 0);
    expect([visits("first"), visits("second")]).toEqual([4 * count, 2 * count]);
  });

  test("take their settings from where they begin", () => {
    const batches = planBatches(schedule, 40);
    expect(batches[0]!.settings).toEqual(settingsAt(first, 0));
    expect(batches[5]!.settings).toEqual(settingsAt(first, 50 / 160));
    expect(batches.at(-1)).toMatchObject({ pass: 5, from: 25, to: 40, settings: { stage: "second" } });
  });

  test("of a stage of less than one image are one", () => {
    const short = { ...schedule, stages: [{ ...first, passes: 0.001 }, second] };
    expect(planBatches(short, 40)[0]).toMatchObject({ from: 0, to: 1, settings: { stage: "first" } });
  });

  test("visit a sample of many images, and every image where a stage says so", () => {
    const stages = [first, { ...second, passes: 0.5, everyImage: true }, { ...first, name: "third", passes: 1 }];
    const batches = planBatches({ ...schedule, stages, sample: 30 }, 1000);
    const of = (name: string): number[][] =>
      batches.filter(({ settings }) => settings.stage === name).map((batch) => [batch.pass, batch.of]);
    expect(new Set(of("first").map(String))).toEqual(new Set(["0,30", "1,30", "2,30", "3,30"]));
    expect(new Set(of("second").map(String))).toEqual(new Set(["4,1000"]));
    expect(new Set(of("third").map(String))).toEqual(new Set(["5,30"]));
    const seen = batches.filter(({ pass }) => pass === 4).reduce((sum, { from, to }) => sum + to - from, 0);
    expect(seen).toBe(1000);
  });
});
