/** @file A notebook of ours executed by Jupyter itself: nbconvert, through the installed kernelspec. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installKernel, kernelWarnings } from "../../kernel/install.js";
import { type CodeCell, type Notebook, notebookText, readNotebook } from "../../kernel/notebook-file.js";
import { setParameters } from "../../kernel/parameters.js";
import { writeFileAtomic } from "../../src/io/atomic.js";

const jupyter = "/usr/bin/jupyter";
/** Debian packages `jupyter-nbconvert` and `jupyter-client`. */
export const jupyterAvailable: boolean = existsSync(`${jupyter}-nbconvert`) && kernelWarnings().length === 0;

const datasets = fileURLToPath(new URL("../../datasets", import.meta.url));

/** Execute the notebook at `path` with these parameters; files go to `folder`. Throws with the error of a cell that fails. */
export async function inJupyter(
  path: string,
  set: Readonly<Record<string, string>>,
  folder: string,
): Promise<Notebook> {
  const place = join(folder, "notebooks"); // with datasets/ beside it, as in the repository
  mkdirSync(place, { recursive: true });
  if (!existsSync(join(folder, "datasets"))) symlinkSync(datasets, join(folder, "datasets"));
  const copy = join(place, basename(path));
  writeFileAtomic(copy, notebookText(setParameters(readNotebook(path), set)));
  installKernel({ prefix: folder });
  const env = { ...process.env, JUPYTER_PATH: join(folder, "share", "jupyter"), NODE_OPTIONS: "" };
  const how = ["--to", "notebook", "--execute", "--ExecutePreprocessor.kernel_name=iolaus"];
  await promisify(execFile)(jupyter, ["nbconvert", ...how, "--output", "executed", copy], { env });
  return readNotebook(join(place, "executed.ipynb"));
}

/** What the cells show, as text, without the panels of runs, which tell the time. */
export function shownTexts({ cells }: Notebook): string[] {
  const code = cells.filter((cell): cell is CodeCell => "outputs" in cell);
  const data = code.flatMap(({ outputs }) =>
    outputs.flatMap((output) => (output.output_type === "display_data" ? [output.data] : [])),
  );
  return data
    .filter((bundle) => !String(bundle["text/html"] ?? "").includes("data-iolaus-run"))
    .map((bundle) => String(bundle["text/plain"]))
    .filter((text) => text !== "");
}
