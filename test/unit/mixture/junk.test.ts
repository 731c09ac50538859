import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { junkPosterior, type Misfit } from "../../../src/mixture/junk.js";

const random = seededRandom(3);
const sound = (): Misfit => ({
  deficit: 2 + 1.3 * random.normal(),
  excess: -1 + 0.7 * random.normal(),
  silence: 0.3 * random.normal(),
});

describe("junk", () => {
  test("is what is far worse than its class, in one way or another", () => {
    const misfits = Array.from({ length: 1000 }, (_, i): Misfit => {
      if (i % 10 !== 0) return sound();
      if (i % 20 === 0) return { ...sound(), deficit: 2 + 1.3 * 6 };
      return i % 30 === 10 ? { ...sound(), silence: 0.3 * 7 } : { ...sound(), excess: -1 + 0.7 * 7 };
    });
    const posterior = junkPosterior(misfits, new Int32Array(1000), 1);
    const junk = posterior.map((p) => Number(p > 0.5));
    const caught = junk.reduce((sum, j, i) => sum + (i % 10 === 0 ? j : 0), 0);
    const blamed = junk.reduce((sum, j, i) => sum + (i % 10 === 0 ? 0 : j), 0);
    expect(caught).toBe(100);
    expect(blamed).toBeLessThanOrEqual(9); // 1 % of the sound
  });

  test("is hardly found where there is none", () => {
    const misfits = Array.from({ length: 2000 }, sound);
    const posterior = junkPosterior(misfits, new Int32Array(2000), 1);
    expect(posterior.filter((p) => p > 0.5).length).toBeLessThanOrEqual(10);
  });

  test("is judged within each class: what is usual in one may be far off in another", () => {
    const misfits = Array.from({ length: 400 }, (_, i): Misfit => {
      const { deficit, ...others } = sound();
      return { ...others, deficit: i % 2 === 0 ? deficit : deficit + 50 };
    });
    const classes = misfits.map((_, i) => i % 2);
    expect(junkPosterior(misfits, classes, 2).filter((p) => p > 0.5).length).toBeLessThanOrEqual(4);
    expect(junkPosterior(misfits, new Int32Array(400), 1).filter((p) => p > 0.5).length).toBeLessThanOrEqual(4); // half of all is no junk
  });

  test("is not told in classes of a few images, nor of images without a pose", () => {
    const misfits = Array.from({ length: 30 }, (_, i) => (i === 3 ? { deficit: 40, excess: 40, silence: 9 } : sound()));
    expect([...junkPosterior(misfits, new Int32Array(30), 1)]).toEqual(new Array(30).fill(0));
    expect([...junkPosterior(new Array(60).fill(undefined), new Int32Array(60), 1)]).toEqual(new Array(60).fill(0));
  });
});
