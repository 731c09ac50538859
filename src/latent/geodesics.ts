/**
 * @file Shortest ways through a latent space along its data: Dijkstra 1959 on a neighbour graph, with a binary heap.
 *
 * A straight line between two states may lead through coordinates that no particle has; a way from neighbour to
 * neighbour does not. Tenenbaum, de Silva & Langford 2000.
 */
import { check } from "../core/errors.js";
import type { WeightedGraph } from "./neighbour-graph.js";

export interface Geodesics {
  readonly kind: "geodesics";
  readonly source: number;
  /** Float64[count]: length of the shortest way from the source; Infinity where there is none. */
  readonly distances: Float64Array;
  /** Int32[count]: the point before each on that way; −1 at the source and where there is none. */
  readonly before: Int32Array;
}

/** Shortest ways from point `source` to all others. */
export function geodesics(graph: WeightedGraph, source: number): Geodesics {
  const { count, starts, targets, weights } = graph;
  check(Number.isInteger(source) && source >= 0 && source < count, "source", `a point below ${count}`, source);
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(count).fill(-1);
  distances[source] = 0;
  const heap = nearestFirst(distances);
  heap.raise(source);
  for (let i = heap.take(); i >= 0; i = heap.take())
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const [j, there] = [targets[e]!, distances[i]! + weights[e]!];
      if (there >= distances[j]!) continue;
      distances[j] = there;
      before[j] = i;
      heap.raise(j);
    }
  return { kind: "geodesics", source, distances, before };
}

/** The points on the shortest way from the source to `target`, both included. Refuses a target that no way leads to. */
export function wayTo(ways: Geodesics, target: number): number[] {
  check(
    Number.isFinite(ways.distances[target] ?? Number.NaN),
    "target",
    `a point that a way from ${ways.source} leads to`,
    target,
    "take more neighbours, or points of one island",
  );
  const way = [target];
  for (let i = ways.before[target]!; i >= 0; i = ways.before[i]!) way.push(i);
  return way.reverse();
}

/** The shortest way that visits `anchors` in this order; each anchor stands on it once. */
export function wayThrough(graph: WeightedGraph, anchors: readonly number[]): number[] {
  check(anchors.length >= 2, "anchors", "at least 2 points", anchors.length);
  const way = [anchors[0]!];
  for (let n = 1; n < anchors.length; n++) way.push(...wayTo(geodesics(graph, anchors[n - 1]!), anchors[n]!).slice(1));
  return way;
}

/** A heap of points by their distance, which may only shrink while they wait. */
function nearestFirst(distances: Float64Array): { raise(point: number): void; take(): number } {
  const heap: number[] = [];
  const slots = new Int32Array(distances.length).fill(-1);
  const put = (slot: number, point: number): void => {
    heap[slot] = point;
    slots[point] = slot;
  };
  const raise = (point: number): void => {
    let slot = slots[point]! < 0 ? heap.length : slots[point]!;
    for (; slot > 0; slot = (slot - 1) >> 1) {
      const parent = heap[(slot - 1) >> 1]!;
      if (distances[parent]! <= distances[point]!) break;
      put(slot, parent);
    }
    put(slot, point);
  };
  const take = (): number => {
    const first = heap[0];
    if (first === undefined) return -1;
    const moved = heap.pop()!;
    slots[first] = -1;
    if (heap.length === 0) return first;
    let slot = 0;
    for (let child = 1; child < heap.length; child = 2 * slot + 1) {
      if (child + 1 < heap.length && distances[heap[child + 1]!]! < distances[heap[child]!]!) child++;
      if (distances[moved]! <= distances[heap[child]!]!) break;
      put(slot, heap[child]!);
      slot = child;
    }
    put(slot, moved);
    return first;
  };
  return { raise, take };
}
