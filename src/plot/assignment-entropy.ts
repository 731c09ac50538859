/**
 * @file How sure the classes of the images are: entropy of each image's class probabilities, and the effective number of classes.
 *
 *     H_i = −Σ_k p_ik log₂ p_ik bits: 0 for a sure image, log₂ K for one that fits all classes alike
 */
import { check } from "../core/errors.js";
import type { Figure } from "./figure.js";
import { histogram } from "./histogram.js";
import { numberText, percentText } from "./number-text.js";

export interface AssignmentEntropyOptions {
  /** @default "Certainty of the classes" */
  readonly title?: string;
  /** @default "class 1", "class 2", … */
  readonly labels?: readonly string[];
}

/** `posterior`: Float32[count K], each row sums to 1. Images are grouped by their most probable class. */
export function assignmentEntropy(
  posterior: ArrayLike<number>,
  K: number,
  options: AssignmentEntropyOptions = {},
): Figure {
  const { title = "Certainty of the classes" } = options;
  check(K >= 1 && posterior.length > 0 && posterior.length % K === 0, "posterior", `rows of ${K}`, posterior.length);
  const labels = options.labels ?? Array.from({ length: K }, (_, k) => `class ${k + 1}`);
  check(labels.length === K, "labels", `${K} names`, labels.length);
  const count = posterior.length / K;
  const groups = labels.map((label) => ({ label, values: [] as number[] }));
  let [sure, effective] = [0, 0];
  for (let i = 0; i < count; i++) {
    let [entropy, best] = [0, 0];
    for (let k = 0; k < K; k++) {
      const p = posterior[i * K + k]!;
      if (p > 0) entropy -= p * Math.log2(p);
      if (p > posterior[i * K + best]!) best = k;
    }
    groups[best]!.values.push(Math.max(0, entropy));
    effective += 2 ** entropy / count;
    if (posterior[i * K + best]! >= 0.9) sure++;
  }
  const figure = histogram(groups, {
    title,
    xLabel: "entropy of the class probabilities (bits)",
    domain: [0, Math.max(0.1, Math.log2(K))],
  });
  const facts = [
    `effective number of classes per image ${numberText(Number(effective.toFixed(3)))} of ${K}`,
    `${percentText(sure / count)} of the images have a class with probability 0.9 or more`,
  ];
  return { ...figure, text: [figure.text, ...facts].join("\n") };
}
