/** @file Reference values of scikit-learn and SciPy, and whether the program itself is here. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { answers } from "./other-programs.js";

const folder = new URL("../golden/scikit-learn/", import.meta.url);

/** The script that makes the values. */
export const goldenScript: URL = new URL("make.py", folder);

// biome-ignore lint/suspicious/noExplicitAny: JSON of another program; every use names what it reads
export const golden: any = JSON.parse(readFileSync(new URL("values.json", folder), "utf8"));

/** A Python with scikit-learn, Debian package `python3-sklearn`; null where there is none. */
export const pythonWithSklearn: string | null =
  ["python3", "/usr/bin/python3"].find((python) => answers(python, "-c", "import sklearn, scipy")) ?? null;

export function expectClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance);
  });
}
