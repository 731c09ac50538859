/** @file What a run says of its particles, as an export wants it: poses, the most probable class, how probable it is. */
import type { ParticleResults } from "../io/export-particles.js";
import type { Assignments } from "../mixture/state.js";

export function assignedParticles({ poses, classes, posterior, junk }: Assignments): Required<ParticleResults> {
  const K = posterior.length / classes.length;
  const probabilities = Float64Array.from(classes, (k, i) => (k < 0 ? junk[i]! : posterior[i * K + k]!));
  return { poses, classes, probabilities };
}
