/** @file Why a run has as many classes as it has: what its joinings say, in sentences. */
import type { Joining } from "../mixture/state.js";

/** A sentence per joining that changed something or was the last; none for a single class from the start. */
export function speciesFound(asked: number | "auto", joining: readonly Joining[]): string[] {
  return joining.flatMap(({ stage, likeness, evidence, home, kept }, at) => {
    const K = likeness.length;
    const joined = home.filter((h, k) => h !== k).length;
    const isLast = at === joining.length - 1;
    if (K < 2 || (joined === 0 && kept.length === K && !isLast)) return [];
    const dropped = K - joined - kept.length;
    const parts = [`Before “${stage}”, ${K} classes were compared on images that they had not learnt from`];
    if (joined > 0) parts.push(`${joined} held a species that another holds too and were joined to it`);
    if (dropped > 0) {
      const why = asked === "auto" ? "held no particle" : "were more than asked for and missed least";
      parts.push(`${dropped} ${why}`);
    }
    const own = kept.map((k) => evidence[k]!.toFixed(0)).join(", ");
    parts.push(`${kept.length} stayed, with a log-evidence per image of ${own}`);
    const pairs = kept.flatMap((a, i) => kept.slice(i + 1).map((b) => likeness[a]![b]!));
    if (pairs.length > 0) parts.push(`the most alike of them share ${(100 * Math.max(...pairs)).toFixed(0)} %`);
    return [`${parts.join("; ")}.`];
  });
}
