import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { balancingOffsets } from "../../../src/mixture/class-balance.js";
import { posteriorInto } from "../../../src/mixture/responsibility.js";

/** Images' evidence under K classes: what suits the image, plus what the class has over the others. */
function evidenceOf(count: number, advantage: readonly number[], spread: number): Float32Array {
  const random = seededRandom(1);
  const K = advantage.length;
  return Float32Array.from({ length: count * K }, (_, i) => advantage[i % K]! + spread * random.normal());
}

function shares(evidence: Float32Array, offsets: Float64Array, temperature: number, classes?: Int32Array): number[] {
  const K = offsets.length;
  const row = new Float32Array(K);
  const sum = new Array<number>(K).fill(0);
  let visited = 0;
  for (let i = 0; i * K < evidence.length; i++) {
    if (classes?.[i] === -1) continue;
    visited++;
    const offered = Array.from(evidence.subarray(i * K, (i + 1) * K), (e, k) => e + offsets[k]!);
    posteriorInto(row, 0, offered, 0, new Float64Array(K).fill(1 / K), temperature);
    row.forEach((p, k) => {
      sum[k]! += p;
    });
  }
  return sum.map((s) => s / visited);
}

describe("balancing offsets", () => {
  test.each([
    ["one class ahead", [30, 0, 0], 5],
    ["all apart", [40, 0, -25], 5],
    ["a smooth posterior", [6, 3, 0, -3], 8],
    ["nothing to do", [0, 0], 3],
  ])("make the mean posterior of every class 1/K: %s", (_, advantage, temperature) => {
    const K = advantage.length;
    const evidence = evidenceOf(400, advantage, 10);
    const classes = new Int32Array(400);
    let offsets: Float64Array = new Float64Array(K);
    // A run calls once per batch and starts from what it has.
    for (let call = 0; call < 4; call++) offsets = balancingOffsets(evidence, classes, offsets, temperature);
    for (const share of shares(evidence, offsets, temperature)) expect(Math.abs(share - 1 / K)).toBeLessThan(0.01);
  });

  test("leave images with the class that suits them better than others: order within a class is kept", () => {
    // Half of the images gain 46 in class 0, half gain 34.
    const evidence = Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 40 + (i % 4 === 0 ? 6 : -6) : 0));
    const offsets = balancingOffsets(evidence, new Int32Array(200), new Float64Array(2), 3);
    const row = new Float32Array(2);
    const first = [0, 1].map((i) => {
      const offered = [evidence[2 * i]! + offsets[0]!, evidence[2 * i + 1]! + offsets[1]!];
      posteriorInto(row, 0, offered, 0, Float64Array.of(0.5, 0.5), 3);
      return row[0]!;
    });
    // By symmetry the offsets take 40 away, and ±6 are left.
    expect(first[0]).toBeCloseTo(1 / (1 + Math.exp(-6 / 3)), 3);
    expect(first[1]).toBeCloseTo(1 / (1 + Math.exp(6 / 3)), 3);
  });

  test("count visited images only", () => {
    const evidence = evidenceOf(200, [10, 0], 5);
    const classes = Int32Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : -1));
    evidence.fill(1e4, 200); // what unvisited images hold does not matter
    const offsets = balancingOffsets(evidence, classes, new Float64Array(2), 4);
    for (const share of shares(evidence, offsets, 4, classes)) expect(share).toBeCloseTo(0.5, 2);
    expect(Array.from(balancingOffsets(evidence, classes.fill(-1), Float64Array.of(1, 2), 4))).toEqual([1, 2]);
  });

  test("survive a class that nobody wants, and do not change the start they were given", () => {
    const start = new Float64Array(2);
    const offsets = balancingOffsets(evidenceOf(50, [1e5, 0], 1), new Int32Array(50), start, 1);
    expect(offsets.every(Number.isFinite)).toBe(true);
    expect(offsets[1]!).toBeGreaterThan(offsets[0]!);
    expect(Array.from(start)).toEqual([0, 0]);
  });
});
