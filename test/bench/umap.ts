/**
 * @file UMAP: 10,000 × 8 beside umap-js, and 100,000 × 8 alone. Latents as a run has them: a motion, a sheet, two islands.
 *
 * The pictures are judged before the times are told: trustworthiness on 1,500 points spread over the data.
 */
import { UMAP } from "umap-js";
import { seededRandom } from "../../src/core/random.js";
import { nearestNeighbours, neighbourTree } from "../../src/latent/nearest-neighbours.js";
import { pointRows, pointsAt } from "../../src/latent/points.js";
import { trustworthiness } from "../../src/latent/trustworthiness.js";
import { umap } from "../../src/latent/umap.js";

function latents(count: number): Float64Array {
  const random = seededRandom(1);
  const directions = Array.from({ length: 6 * 8 }, () => random.normal());
  const out = new Float64Array(count * 8);
  for (let i = 0; i < count; i++) {
    const kind = i % 4;
    const [u, v] = [random.uniform(), random.uniform()];
    const shape = kind === 0 ? [Math.cos(4 * u), Math.sin(4 * u), u] : [u, v, Math.sin(5 * u) / 3];
    for (let d = 0; d < 8; d++) {
      const noise = random.normal();
      if (kind >= 2) out[i * 8 + d] = 0.4 * noise + 3 * directions[(kind - 2) * 8 + d]!;
      else {
        const at = kind * 24 + d;
        out[i * 8 + d] =
          shape.reduce((sum, s, j) => sum + s * directions[at + 8 * j]!, kind === 1 ? 4 : 0) + 0.1 * noise;
      }
    }
  }
  return out;
}

function judged(values: Float64Array, picture: ArrayLike<number>): string {
  const count = values.length / 8;
  const some = Int32Array.from({ length: 1500 }, (_, n) => Math.floor((n * count) / 1500));
  const data = { values: pointsAt(values, 8, some), dimension: 8 };
  return trustworthiness(data, { values: pointsAt(picture, 2, some), dimension: 2 }, 15).toFixed(4);
}

async function timed(name: string, values: Float64Array, embed: () => ArrayLike<number>): Promise<void> {
  const start = performance.now();
  const picture = embed();
  const seconds = (performance.now() - start) / 1000;
  const memory = (process.memoryUsage().rss / 1e6).toFixed(0);
  console.log(`${name}: trustworthiness ${judged(values, picture)}; ${seconds.toFixed(1)} s, process of ${memory} MB`);
}

/** umap-js with the neighbours supplied; itself counted, as it wants them. */
function umapJs(values: Float64Array): number[] {
  const { k, indices, distances } = nearestNeighbours(neighbourTree(values, 8), 14);
  const rows = pointRows(values, 8);
  const model = new UMAP({ random: seededRandom(1).uniform, nEpochs: 500 });
  model.setPrecomputedKNN(
    rows.map((_, i) => [i, ...indices.subarray(i * k, (i + 1) * k)]),
    rows.map((_, i) => [0, ...distances.subarray(i * k, (i + 1) * k)]),
  );
  return model.fit(rows).flat();
}

export async function run(): Promise<void> {
  const small = latents(10_000);
  await timed("10,000 × 8, 500 rounds, iolaus", small, () => umap(small, 8));
  const large = latents(100_000);
  await timed("100,000 × 8, 200 rounds, iolaus", large, () => umap(large, 8));
  await timed("10,000 × 8, 500 rounds, umap-js with our neighbours", small, () => umapJs(small));
}
