import { describe, expect, test } from "vitest";
import { type Random, resumeRandom, seededRandom, shuffledIndices } from "../../../src/core/random.js";

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.uniform());
const COUNT = 20_000;

describe("seeded random numbers", () => {
  test("are the same for the same seed and different for the next", () => {
    expect(draw(seededRandom(7), 50)).toEqual(draw(seededRandom(7), 50));
    expect(draw(seededRandom(7), 50)).not.toEqual(draw(seededRandom(8), 50));
  });

  test("follow sfc32 as its author published it", () => {
    // From state (1, 2, 3, 4), by hand: t = 1+2+4 = 7, then a = 2, b = 3+24 = 27, c = rotl(3, 21)+7, d = 5.
    const random = resumeRandom([1, 2, 3, 4]);
    random.uniform(); // two words
    const [c1, t2] = [3 * 2 ** 21 + 7, 2 + 27 + 5];
    const b2 = (c1 + c1 * 8) >>> 0;
    const c2 = (((c1 << 21) | (c1 >>> 11)) + t2) >>> 0;
    expect(random.state().map((word) => word >>> 0)).toEqual([27, b2, c2, 6]);
  });

  test("go on from a saved state as if nothing had happened", () => {
    const random = seededRandom(3);
    draw(random, 10);
    const state = random.state();
    expect(draw(resumeRandom(state), 20)).toEqual(draw(random, 20));
  });

  test("fork into a stream that shares no number with its parent", () => {
    const parent = seededRandom(3);
    const child = parent.fork();
    const numbers = new Set(draw(parent, 1000));
    expect(draw(child, 1000).filter((x) => numbers.has(x))).toEqual([]);
  });

  test("uniform: in [0, 1), mean 1/2, variance 1/12, no number twice", () => {
    const x = draw(seededRandom(1), COUNT);
    const mean = x.reduce((a, b) => a + b) / COUNT;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / COUNT;
    expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...x)).toBeLessThan(1);
    expect(mean).toBeCloseTo(1 / 2, 2); // three standard errors are 0.006
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(new Set(x).size).toBe(COUNT);
  });

  test("normal: mean 0, variance 1, kurtosis 3, 4.55 % beyond two", () => {
    const random = seededRandom(2);
    const x = Array.from({ length: COUNT }, () => random.normal());
    const moment = (k: number): number => x.reduce((sum, v) => sum + v ** k, 0) / COUNT;
    expect(Math.abs(moment(1))).toBeLessThan(0.03); // four standard errors
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.04);
    expect(Math.abs(moment(3))).toBeLessThan(0.12);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.3);
    expect(x.filter((v) => Math.abs(v) > 2).length / COUNT).toBeCloseTo(0.0455, 2);
  });

  test("integers fill 0..n−1 evenly and never reach n", () => {
    const random = seededRandom(4);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < COUNT; i++) counts[random.integer(10)]!++;
    expect(counts).toHaveLength(10);
    for (const count of counts) expect(Math.abs(count - COUNT / 10)).toBeLessThan(180); // four standard deviations
  });
});

describe("shuffledIndices", () => {
  test("is a permutation, and every order of three comes up alike", () => {
    const random = seededRandom(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = [...shuffledIndices(3, random)];
      expect([...order].sort()).toEqual([0, 1, 2]);
      seen.set(order.join(), (seen.get(order.join()) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("of nothing is nothing", () => {
    expect(shuffledIndices(0, seededRandom(1))).toHaveLength(0);
  });
});
