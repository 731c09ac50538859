/**
 * @file A folder of notebooks as pages, where there is no Jupyter: a list, and each notebook as it stands, executed first
 * where it has no outputs yet. On 127.0.0.1 alone, behind a secret, as Jupyter does it.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import escapeHtml from "escape-html";
import { check } from "#iolaus/core/errors.js";
import { notebookPage } from "./html-page.js";
import { type Notebook, readNotebook } from "./notebook-file.js";
import { runNotebook } from "./run-notebook.js";

export interface NotebookServer {
  /** Address of the list, with the secret. */
  readonly url: string;
  close(): void;
}

/** Serve the notebooks in `folder`. A notebook that has changed is read, or executed, again. */
export async function serveNotebooks(folder: string): Promise<NotebookServer> {
  check(statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true, folder, "a folder of notebooks", "none");
  const secret = randomBytes(24).toString("hex");
  const pages = new Map<string, { readonly changed: number; readonly page: Promise<string> }>();

  const pageOf = (name: string): Promise<string> => {
    const path = join(folder, name);
    const changed = statSync(path).mtimeMs;
    const known = pages.get(name);
    if (known?.changed === changed) return known.page;
    const page = executedPage(path);
    pages.set(name, { changed, page });
    page.catch(() => pages.delete(name)); // the next look tries again
    return page;
  };

  const answer = async (url: string): Promise<[status: number, html: string]> => {
    const [, given, name = ""] = decodeURI(url).split("/");
    if (given !== secret) return [403, "<p>expected the address that iolaus has printed</p>"];
    if (name === "") return [200, listPage(folder, secret)];
    if (!notebooksIn(folder).includes(name)) return [404, "<p>expected a notebook of this folder</p>"];
    return [200, await pageOf(name)];
  };
  const server = createServer(async ({ url = "" }, response) => {
    try {
      send(response, ...(await answer(url)));
    } catch (error) {
      send(response, 500, `<pre>${escapeHtml(error instanceof Error ? error.message : String(error))}</pre>`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/${secret}/`, close: () => void server.close() };
}

async function executedPage(path: string): Promise<string> {
  const stored = readNotebook(path);
  const notebook: Notebook = hasOutputs(stored) ? stored : (await runNotebook(path)).notebook;
  return notebookPage(notebook, basename(path, ".ipynb"));
}

function hasOutputs({ cells }: Notebook): boolean {
  return cells.some((cell) => "outputs" in cell && cell.outputs.length > 0);
}

function notebooksIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ipynb"))
    .sort();
}

function listPage(folder: string, secret: string): string {
  const item = (name: string): string =>
    `<li><a href="/${secret}/${encodeURIComponent(name)}">${escapeHtml(name)}</a></li>`;
  const items = notebooksIn(folder).map(item).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>Notebooks</title><h1>${escapeHtml(basename(folder))}</h1><ul>${items}</ul>`;
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer" });
  response.end(html);
}
