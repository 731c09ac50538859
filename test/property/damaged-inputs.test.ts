import { expect, test } from "vitest";
import { fuzz } from "../fuzz/readers.js";

/** A short share of `npm run fuzz`, with a seed of its own. */
const COUNT = 6_000;

test("damaged inputs end in a value or in our error, soon, and without memory for promises", () => {
  const { tried, failures } = fuzz(COUNT, 2026);
  expect(failures).toEqual([]);
  const counts = Object.values(tried);
  expect(counts).toHaveLength(12);
  // Damage that always ends reading at the first byte would test nothing.
  for (const { inputs, accepted } of counts) {
    expect(inputs).toBe(COUNT / 12);
    expect(accepted).toBeLessThan(inputs);
  }
});
