/** @file What kernel/ offers: `show` and its kin to notebooks (`import { show } from "iolaus/kernel"`), the rest to the command line. */

export {
  type InstalledKernel,
  type InstallOptions,
  type InstallPlace,
  installKernel,
  kernelFolder,
  kernelWarnings,
  uninstallKernel,
} from "./install.js";
export { bundleOf, displaySymbol, type MimeBundle } from "./mime-bundle.js";
export { show, type UpdatableOutput, updatableOutput } from "./rich-display.js";
export { type CellStart, type NotebookRun, type RunNotebookOptions, runNotebook } from "./run-notebook.js";
export { type SelectableFigure, selectable } from "./selectable.js";
export { type NotebookServer, serveNotebooks } from "./serve-notebooks.js";
export { stopSignal } from "./stop-signal.js";
