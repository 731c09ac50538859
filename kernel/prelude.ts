/**
 * @file What every notebook has without importing it: `iolaus`, `show` and their kin.
 *
 * Switched off by the environment variable IOLAUS_PRELUDE=off (`iolaus kernel install --no-prelude`,
 * `iolaus notebook --no-prelude`). A notebook's own imports and declarations of the same names win.
 */
const prelude = `
import * as iolaus from "iolaus";
import { selectable, show, stopSignal, updatableOutput } from "iolaus/kernel";
`;

/** Name of the switch in the environment. */
export const preludeSwitch = "IOLAUS_PRELUDE";

/** The cell that runs before the first one; empty when it is switched off. */
export function preludeCell(): string {
  return process.env[preludeSwitch] === "off" ? "" : prelude;
}
