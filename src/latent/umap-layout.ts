/**
 * @file UMAP's layout by stochastic gradient descent with negative samples (McInnes, Healy & Melville 2018, section 3.2).
 *
 *     v(d²) = 1 / (1 + a d²ᵇ)      attraction of neighbours, repulsion of points drawn at random
 *
 * An edge of weight w is visited w / max w of the rounds; each visit draws `NEGATIVES` others. Steps are clipped to ±4.
 * The updates are those of umap-learn and umap-js. Powers are looked up: 128 steps per octave of d², which is finer than
 * the noise of the samples, and saves most of the time.
 */
import type { Random } from "../core/random.js";
import type { WeightedGraph } from "./neighbour-graph.js";

export interface LayoutOptions {
  readonly a: number;
  readonly b: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly random: Random;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

const NEGATIVES = 5;
const CLIP = 4;

/**
 * Move `heads`, Float32[count components], by a graph whose targets are rows of `tails`. Where both are the same array the
 * targets move too; else they stand still.
 */
export function layOutInto(
  heads: Float32Array,
  tails: Float32Array,
  graph: WeightedGraph,
  options: LayoutOptions,
): void {
  const { a, b, epochs, learningRate, random, onProgress } = options;
  const { count, starts, targets, weights } = graph;
  const components = heads.length / count;
  const others = tails.length / components;
  const moveTails = heads === tails;
  const pull = octaveTable((square) => (-2 * a * b * square ** (b - 1)) / (a * square ** b + 1));
  const push = octaveTable((square) => (2 * b) / ((0.001 + square) * (a * square ** b + 1)));
  const draw = indexSampler(others, random);
  // In rounds: when an edge is next visited, and when its negative samples were last drawn.
  const heaviest = weights.reduce((most, w) => Math.max(most, w), 0);
  const period = Float32Array.from(weights, (w) => (w * epochs < heaviest ? Number.POSITIVE_INFINITY : heaviest / w));
  const nextVisit = Float32Array.from(period);
  const nextNegative = Float32Array.from(period, (p) => p / NEGATIVES);
  const [toPull, toPush] = [lookUp(pull), lookUp(push)];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = learningRate * (1 - epoch / epochs);
    for (let i = 0; i < count; i++) {
      const head = i * components;
      for (let e = starts[i]!; e < starts[i + 1]!; e++) {
        if (nextVisit[e]! > epoch) continue;
        const tail = targets[e]! * components;
        const force = toPull(squaredDistance(heads, head, tails, tail, components));
        for (let c = 0; c < components; c++) {
          const step = rate * clipped(force * (heads[head + c]! - tails[tail + c]!));
          heads[head + c]! += step;
          if (moveTails) tails[tail + c]! -= step;
        }
        nextVisit[e]! += period[e]!;
        const draws = Math.floor(((epoch - nextNegative[e]!) * NEGATIVES) / period[e]!);
        for (let n = 0; n < draws; n++) {
          const other = draw() * components;
          if (moveTails && other === head) continue;
          const apart = squaredDistance(heads, head, tails, other, components);
          if (apart === 0) {
            for (let c = 0; c < components; c++) heads[head + c]! += rate * CLIP;
            continue;
          }
          const away = toPush(apart);
          for (let c = 0; c < components; c++)
            heads[head + c]! += rate * clipped(away * (heads[head + c]! - tails[other + c]!));
        }
        nextNegative[e]! += (draws * period[e]!) / NEGATIVES;
      }
    }
    if (epoch % 5 === 0) onProgress?.(epoch / epochs);
  }
}

function clipped(v: number): number {
  return v > CLIP ? CLIP : v < -CLIP ? -CLIP : v;
}

function squaredDistance(p: Float32Array, i: number, q: Float32Array, j: number, components: number): number {
  let sum = 0;
  for (let c = 0; c < components; c++) {
    const step = p[i + c]! - q[j + c]!;
    sum += step * step;
  }
  return sum;
}

/** Bits of a positive float32 that a table is indexed by: eight of the exponent, seven of the mantissa. */
const INDEX_BITS = 15;
const DROPPED_BITS = 31 - INDEX_BITS;

/** f at the middle of every step of a float32's leading bits; 0 where that is not finite. */
function octaveTable(f: (square: number) => number): Float64Array {
  const bits = new Uint32Array(1);
  const number = new Float32Array(bits.buffer);
  return Float64Array.from({ length: 1 << INDEX_BITS }, (_, i) => {
    bits[0] = (i << DROPPED_BITS) | (1 << (DROPPED_BITS - 1));
    const value = f(number[0]!);
    return i > 0 && Number.isFinite(value) ? value : 0;
  });
}

function lookUp(table: Float64Array): (square: number) => number {
  const bits = new Uint32Array(1);
  const number = new Float32Array(bits.buffer);
  return (square) => {
    number[0] = square;
    return table[bits[0]! >>> DROPPED_BITS]!;
  };
}

/** Random indices below n: xorshift32 (Marsaglia 2003), as there are five draws for every step. */
function indexSampler(n: number, random: Random): () => number {
  let state = 1 + random.integer(2 ** 32 - 1);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 4294967296) * n);
  };
}

/** a and b for which v is nearest to exp(−(d − minDistance)), 1 below minDistance, on 300 distances from 0 to 3. */
export function layoutCurve(minDistance: number): { readonly a: number; readonly b: number } {
  const x = Array.from({ length: 299 }, (_, i) => (3 * (i + 1)) / 299); // the curve is 1 at 0 whatever a and b are
  const y = x.map((d) => (d < minDistance ? 1 : Math.exp(minDistance - d)));
  let [a, b, damping] = [1, 1, 1e-3];
  const misfit = (a: number, b: number): number =>
    x.reduce((sum, d, i) => sum + (y[i]! - 1 / (1 + a * d ** (2 * b))) ** 2, 0);
  for (let round = 0, now = misfit(a, b); round < 200; round++) {
    // Levenberg–Marquardt on (ln a, b): a stays positive.
    let [aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0];
    x.forEach((d, i) => {
      const power = a * d ** (2 * b);
      const v = 1 / (1 + power);
      const slope = -v * v * power;
      const [da, db] = [slope, 2 * slope * Math.log(d)];
      const rest = y[i]! - v;
      [aa, ab, bb, ra, rb] = [aa + da * da, ab + da * db, bb + db * db, ra + da * rest, rb + db * rest];
    });
    const [pa, pb] = [aa * (1 + damping), bb * (1 + damping)];
    const determinant = pa * pb - ab * ab;
    const stepA = (pb * ra - ab * rb) / determinant;
    const stepB = (pa * rb - ab * ra) / determinant;
    const then = misfit(a * Math.exp(stepA), b + stepB);
    if (then <= now) {
      [a, b, damping] = [a * Math.exp(stepA), b + stepB, damping / 10];
      if (now - then < 1e-14) break;
      now = then;
    } else damping *= 10;
  }
  return { a, b };
}
