/**
 * @file A raster in memory that the WebAssembly of several threads reads, with a room for each to work in.
 *
 *     [ guard | room 0 | room 1 | … | values ]      wasm/room.ts says what a room holds
 */
import { check } from "../core/errors.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";

/** `values` lies in `memory`. */
export interface PlacedRaster extends FourierRaster {
  readonly memory: WebAssembly.Memory;
  /** Points of an image and slice that a room takes, a multiple of 4. */
  readonly capacity: number;
}

/** Rows of a room, and bytes of the sums after them. */
export const ROWS = 13;
const SUMS_BYTES = 192;
/** Bytes before the first room: no room lies at address 0. */
const GUARD = 1024;
const PAGE = 65536;
const MOST_PAGES = 65536;

/** Where room `room` begins, bytes. */
export function roomAt(capacity: number, room: number): number {
  return GUARD + room * (4 * ROWS * capacity + SUMS_BYTES);
}

export function isPlaced(raster: FourierRaster): raster is PlacedRaster {
  return "memory" in raster;
}

/** A copy of `raster` with `rooms` rooms for `points` points each, in `memory` where given, whatever lay there before. */
export function placeRaster(
  raster: FourierRaster,
  points: number,
  rooms: number,
  memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true }),
): PlacedRaster {
  const capacity = 4 * Math.ceil(points / 4);
  const at = roomAt(capacity, rooms);
  const pages = Math.ceil((at + 4 * raster.values.length) / PAGE);
  check(pages <= MOST_PAGES, "raster", "at most 4 GiB of values", `a cube of side ${raster.size}`, "lower the radius");
  const held = memory.buffer.byteLength / PAGE;
  if (pages > held) memory.grow(pages - held);
  const values = new Float32Array(memory.buffer, at, raster.values.length);
  values.set(raster.values);
  return { ...raster, values, memory, capacity };
}
