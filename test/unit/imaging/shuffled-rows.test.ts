import { truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { shuffledRows } from "../../../src/imaging/shuffled-rows.js";
import { spearman } from "../../../src/metrics/spearman.js";
import { writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const points = halfPlane(16).count;
const rows = Array.from({ length: 1003 }, (_, i) => new Float32Array(2 * points).fill(i));
const set = writePrepared(folder("rows"), { box: 16, pixelSizeAngstrom: 4, rows });

describe("an epoch", () => {
  test.each([
    [64, 32],
    [64, 4],
    [7, 3],
    [1, 1],
    [5000, 1],
  ])("in chunks of %i, %i in a hand, has every row once, under its own index", (chunk, hand) => {
    const seen = new Set<number>();
    for (const { index, row } of shuffledRows(set, seededRandom(1), { chunk, hand })) {
      expect(row.length).toBe(2 * points);
      expect(row[0] === index && row[2 * points - 1] === index).toBe(true);
      seen.add(index);
    }
    expect(seen.size).toBe(1003);
  });

  test("has another order from another seed, the same from the same, and none that follows the file", () => {
    const order = (seed: number): number[] =>
      Array.from(shuffledRows(set, seededRandom(seed), { chunk: 16, hand: 8 }), ({ index }) => index);
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    const place = Array.from({ length: 1003 }, (_, i) => i);
    expect(Math.abs(spearman(order(1), place))).toBeLessThan(0.35);
    const neighbours = order(1).filter((index, i, all) => i > 0 && Math.abs(index - all[i - 1]!) === 1).length;
    expect(neighbours).toBeLessThan(40);
  });

  test("of a file cut short is refused", () => {
    const cut = writePrepared(folder("cut"), { box: 16, pixelSizeAngstrom: 4, rows: rows.slice(0, 20) });
    truncateSync(folder("cut"), 1000);
    expect(() => [...shuffledRows(cut, seededRandom(1))]).toThrow("got its end; prepare again");
  });
});
