/**
 * @file Two gaps of tslab 1.0.22 closed in a cell's text before it runs; lines stay where they are.
 *
 * - A shorthand property `{ x }` does not find the `x` of an earlier cell: it is written out as `{ x: x }`.
 * - A top-level `await (…)` or `for await` is overlooked unless the cell also has a plain `await`: it is given one.
 */
import type typescript from "typescript";
import { tslabCompiler } from "./tslab-compiler.js";

export function mendCell(code: string): string {
  return withVisibleAwait(withLonghand(code));
}

function withLonghand(code: string): string {
  const ts = tslabCompiler();
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest);
  const ends: { readonly at: number; readonly name: string }[] = [];
  const visit = (node: typescript.Node): void => {
    if (ts.isShorthandPropertyAssignment(node) && node.objectAssignmentInitializer === undefined)
      ends.push({ at: node.name.end, name: node.name.text });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return ends.reduceRight((text, { at, name }) => `${text.slice(0, at)}: ${name}${text.slice(at)}`, code);
}

/** A leading doc comment may be tslab's `@module` mark, which must stay first. */
function withVisibleAwait(code: string): string {
  return /\bawait\s*\(/.test(code) && !/^\s*\/\*\*/.test(code) ? `await null; ${code}` : code;
}
