/** @file Gathers what a cell puts out into nbformat outputs: streams joined, updatable outputs in their final state. */
import type { CellError } from "./cell-error.js";
import type { Output } from "./notebook-file.js";
import type { DisplayContent } from "./rich-display.js";

/** Outputs of all cells of one run. An update reaches the output it names in whichever cell that stands. */
export class OutputCollector {
  readonly #cells: Output[][] = [];
  readonly #named = new Map<string, (Output & { output_type: "display_data" })[]>();

  /** Later outputs belong to a new cell, whose outputs are returned and keep growing. */
  startCell(): readonly Output[] {
    const outputs: Output[] = [];
    this.#cells.push(outputs);
    return outputs;
  }

  stream(name: "stdout" | "stderr", text: string): void {
    const last = this.#current().at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text = continueText(last.text, text);
    else this.#current().push({ output_type: "stream", name, text: continueText("", text) });
  }

  display({ data, metadata, transient }: DisplayContent, update: boolean): void {
    const id = transient.display_id;
    const shown = (id === undefined ? undefined : this.#named.get(id)) ?? [];
    for (const output of shown) Object.assign(output, { data, metadata }); // the same thing, wherever it stands
    if (update && shown.length > 0) return;
    const output = { output_type: "display_data" as const, data, metadata };
    if (id !== undefined) this.#named.set(id, [...shown, output]);
    this.#current().push(output);
  }

  error(error: CellError): void {
    this.#current().push({ output_type: "error", ...error });
  }

  #current(): Output[] {
    const current = this.#cells.at(-1);
    if (current !== undefined) return current;
    this.startCell();
    return this.#current();
  }
}

/** A carriage return goes back to the start of the line, as on a terminal: only the last state of a line is kept. */
function continueText(before: string, text: string): string {
  const joined = before + text;
  if (!before.endsWith("\r") && !text.includes("\r")) return joined;
  return joined.replace(/\r\n/g, "\n").replace(/^[^\n]*\r(?=[^\n])/gm, "");
}
