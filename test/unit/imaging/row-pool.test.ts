import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { createRowPool } from "../../../src/imaging/row-pool.js";

const grid = { box: 16, pixelSizeAngstrom: 4 };
const setup = { ...grid, diameterAngstrom: 40, grids: [grid], batches: [4], threads: 1 };

// Threads run the built worker.
const isBuilt = existsSync(new URL("../../../dist/imaging/row-worker.js", import.meta.url));

describe.skipIf(!isBuilt)("row makers on threads", () => {
  test("fail, and do not wait for ever, when their threads end while they work or before", async () => {
    const pool = createRowPool(setup, 2);
    const [slot] = pool.slots;
    const batch = { grid: 0, count: 4, part: "signal" } as const;
    slot!.pixels.forEach((_, i, pixels) => {
      pixels[i] = Math.cos(i * i);
    });
    expect((await slot!.make(batch)).rows).toHaveLength(4 * 2 * halfPlane(16).count);
    // So small a batch may be done before its thread is.
    await Promise.allSettled([slot!.make(batch), pool.dispose()]);
    await expect(slot!.make(batch)).rejects.toThrow("prepare thread: the thread ended with code 1");
  });

  test("hand on what goes wrong in a thread", async () => {
    const pool = createRowPool(setup, 2);
    await expect(pool.slots[0]!.make({ grid: 1, count: 1, part: "signal" })).rejects.toThrow("prepare thread: ");
    await pool.dispose();
  });
});
