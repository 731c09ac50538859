import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { planBatches } from "../../../src/mixture/batch-plan.js";
import { defaultSchedule } from "../../../src/mixture/schedule.js";
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
    const [weak, strong] = [30, 60].map(
      (strength) => planBatches(defaultSchedule(setWith(strength), 20), 500)[0]!.settings,
    );
    expect(strong!.poseTemperature / weak!.poseTemperature).toBeCloseTo(4, 3); // G = Σ C²|S|²
    expect(strong!.classTemperature / weak!.classTemperature).toBeCloseTo(4, 3);
  });

  test.each([0, 2.5])("of %f passes is refused", (passes) => {
    expect(() => defaultSchedule(setWith(3), passes)).toThrow(
      `passes: expected an integer of at least 1, got ${passes}`,
    );
  });
});
