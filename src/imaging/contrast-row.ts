/** @file The CTF of one image at the points of a half-plane. */
import type { Defocus, Optics } from "../core/types.js";
import { ctfPhase } from "../optics/ctf.js";
import type { HalfPlane } from "./half-plane.js";

/** Float32[points]: the CTF at the first `points` of `plane`; 1 everywhere where `optics` is undefined. */
export function contrastRow(
  plane: HalfPlane,
  pixelSizeAngstrom: number,
  image: { readonly optics: Optics; readonly defocus: Defocus } | undefined,
  out: Float32Array = new Float32Array(plane.count),
): Float32Array {
  if (image === undefined) return out.fill(1);
  const chi = ctfPhase(image.optics, image.defocus);
  const step = 1 / (plane.box * pixelSizeAngstrom);
  const points = Math.min(out.length, plane.count);
  for (let i = 0; i < points; i++) out[i] = Math.sin(chi(plane.kx[i]! * step, plane.ky[i]! * step));
  return out;
}
