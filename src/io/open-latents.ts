/** @file Open what another program found: latents of the cryoDRGN family (`.pkl`), classifications of RELION (`.star`). */
import { IolausError } from "../core/errors.js";
import { type CryodrgnRunFiles, readCryodrgnRun } from "./cryodrgn-latents.js";
import type { ForeignRun } from "./foreign-run.js";
import { readRelionClasses } from "./relion-classes.js";

export interface OpenLatentsOptions extends CryodrgnRunFiles {
  /** RELION's _model.star. @default the one beside the _data.star, where it is there */
  readonly model?: string;
}

/**
 * Open z.N.pkl (with pose.pkl, ctf.pkl, ind.pkl and the particle list as options) or run_itNNN_data.star. Files that do not
 * speak of the same particles are refused: nothing is shifted silently.
 */
export function openLatents(path: string, options: OpenLatentsOptions = {}): ForeignRun {
  if (/\.pkl$/i.test(path)) return readCryodrgnRun(path, options);
  if (/\.star$/i.test(path)) return readRelionClasses(path, options.model);
  throw new IolausError(
    "bad-argument",
    `path: expected latents (.pkl) of the cryoDRGN family or a RELION _data.star, got ${path}`,
  );
}
