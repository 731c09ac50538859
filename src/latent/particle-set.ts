/**
 * @file Which particles a statement is about. Particles are told by key; positions count from 0 into the input list.
 *
 * The fingerprint does not depend on the order of the list: the same particles, shuffled, are the same set.
 */
import { createHash } from "node:crypto";
import { check } from "../core/errors.js";

/** Anything that lists particles: a run's table, an opened file, another program's output. */
export interface HasKeys {
  readonly keys: readonly string[];
}

export interface ParticleSet {
  readonly kind: "particle-set";
  /** In the order of the input. */
  readonly keys: readonly string[];
  /** SHA-256 of the sorted keys. */
  readonly fingerprint: string;
  /** Position of each key, from 0. */
  readonly indexOf: ReadonlyMap<string, number>;
}

/** A list of keys never changes, so what was found out about it stays true. */
const known = new WeakMap<readonly string[], ParticleSet>();

/** The set of these particles. Refuses a key that comes twice. */
export function particleSet({ keys }: HasKeys): ParticleSet {
  const before = known.get(keys);
  if (before !== undefined) return before;
  const indexOf = new Map(keys.map((key, i) => [key, i]));
  const twice = indexOf.size < keys.length ? keys.find((key, i) => indexOf.get(key) !== i) : undefined;
  check(twice === undefined, "keys", "every particle once", `${twice} more than once`);
  const fingerprint = createHash("sha256")
    .update([...keys].sort().join("\n"))
    .digest("hex");
  const set: ParticleSet = { kind: "particle-set", keys, fingerprint, indexOf };
  known.set(keys, set);
  return set;
}

/** Positions, from 0, of `keys` in `set`: Int32[keys]. Refuses keys that are not there, naming the first. */
export function positionsOf(set: ParticleSet, keys: readonly string[], where: string): Int32Array {
  return Int32Array.from(keys, (key) => {
    const at = set.indexOf.get(key);
    check(at !== undefined, where, `particles of this list of ${set.keys.length}`, key, "is it the right list?");
    return at;
  });
}
