/**
 * @file `--set name=value`: gives the parameters of a notebook other values, in the text of the notebook itself.
 *
 * Parameters are the `const` and `let` declarations of the cell tagged "parameters", or else of the first code cell that
 * declares them all. The executed notebook shows the values it ran with.
 */
import type typescript from "typescript";
import { IolausError } from "#iolaus/core/errors.js";
import type { Cell, Notebook } from "./notebook-file.js";
import { tslabCompiler } from "./tslab-compiler.js";

/** `notebook` with each parameter named in `values` declared with its new value. */
export function setParameters(notebook: Notebook, values: Readonly<Record<string, string>>): Notebook {
  const names = Object.keys(values);
  if (names.length === 0) return notebook;
  const chosen = parameterCell(notebook.cells, names);
  const cells = notebook.cells.map((cell) =>
    cell === chosen ? { ...cell, source: declare(cell.source, values) } : cell,
  );
  return { ...notebook, cells };
}

function parameterCell(cells: readonly Cell[], names: readonly string[]): Cell {
  const code = cells.filter((cell) => cell.cell_type === "code");
  const tagged = code.filter((cell) => cell.metadata.tags?.includes("parameters"));
  const candidates = tagged.length > 0 ? tagged : code;
  const found = candidates.find((cell) => {
    const declared = declarations(cell.source);
    return names.every((name) => declared.has(name));
  });
  if (found !== undefined) return found;
  const known = candidates.flatMap((cell) => [...declarations(cell.source).keys()]);
  const missing = names.filter((name) => !known.includes(name));
  throw new IolausError(
    "bad-argument",
    `--set: expected parameters the notebook declares in one cell (${known.join(", ") || "it has none"}), ` +
      `got ${(missing.length > 0 ? missing : names).join(", ")}`,
  );
}

interface Declared {
  readonly start: number;
  readonly end: number;
  readonly literal: string;
  readonly type: string;
}

/** The variables a cell declares with a value, and where the value stands. */
function declarations(source: string): Map<string, Declared> {
  const ts = tslabCompiler();
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest, true);
  const variables = file.statements.filter(ts.isVariableStatement).flatMap((s) => [...s.declarationList.declarations]);
  return new Map(variables.flatMap((variable) => place(variable, file)));
}

function place(variable: typescript.VariableDeclaration, file: typescript.SourceFile): [string, Declared][] {
  const value = variable.initializer;
  if (value === undefined || !("text" in variable.name)) return [];
  const start = value.getStart(file);
  const type = variable.type?.getText(file) ?? "";
  return [[variable.name.text, { start, end: value.end, literal: value.getText(file), type }]];
}

function declare(source: string, values: Readonly<Record<string, string>>): string {
  const declared = declarations(source);
  const places = Object.entries(values).map(([name, value]) => ({ name, value, ...declared.get(name)! }));
  places.sort((a, b) => b.start - a.start); // from the end, so that earlier places stay where they are
  return places.reduce(
    (text, { name, value, start, end, literal, type }) =>
      text.slice(0, start) + newLiteral(name, value, literal, type) + text.slice(end),
    source,
  );
}

/** `value` as a literal of the kind that stood there. */
function newLiteral(name: string, value: string, old: string, type: string): string {
  if (/^["'`]/.test(old) || (type.includes("string") && !type.includes("number"))) return JSON.stringify(value);
  if (/^[-+]?[\d.]/.test(old)) {
    if (value.trim() !== "" && Number.isFinite(Number(value))) return String(Number(value));
    throw new IolausError(
      "bad-argument",
      `--set ${name}: expected a number as in the notebook (${old}), got "${value}"`,
    );
  }
  if (/^(true|false)$/.test(old)) {
    if (/^(true|false)$/.test(value)) return value;
    throw new IolausError("bad-argument", `--set ${name}: expected true or false, got "${value}"`);
  }
  return isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
