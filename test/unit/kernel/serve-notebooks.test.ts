import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NotebookServer, serveNotebooks } from "../../../kernel/serve-notebooks.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { writeNotebook } from "../../support/tiny-notebook.js";

const at = temporaryFolder();
const hostile = "<img src=x onerror=alert(1)>.ipynb";
let server: NotebookServer;

beforeAll(async () => {
  writeNotebook(at("bare.ipynb"), [{ markdown: "# Sum" }, { code: "console.log(20 + 22)" }]);
  writeNotebook(at("failing.ipynb"), [{ code: "throw new Error('<b>no</b>')" }]);
  writeNotebook(at(hostile), [{ markdown: "hello" }]);
  writeFileSync(at("secret.txt"), "mine");
  server = await serveNotebooks(at());
});

afterAll(() => server.close());

const get = async (path: string): Promise<[number, string]> => {
  const answer = await fetch(new URL(path, server.url));
  return [answer.status, await answer.text()];
};

test("lists the notebooks, hostile names as text", async () => {
  const [status, page] = await get("");
  expect(status).toBe(200);
  expect(page).toContain('href="');
  expect(page).toContain("bare.ipynb");
  expect(page).not.toContain("<img");
});

test("a notebook without outputs is executed, once", async () => {
  const [status, page] = await get("bare.ipynb");
  expect([status, page.includes("42")]).toEqual([200, true]);
  const start = performance.now();
  await get("bare.ipynb");
  expect(performance.now() - start).toBeLessThan(500);
});

test("a notebook that fails shows its cell and error as text", async () => {
  const [status, page] = await get("failing.ipynb");
  expect(status).toBe(500);
  expect(page).toContain("&lt;b&gt;no&lt;/b&gt;");
});

test("nothing else of the folder is served, and nothing without the secret", async () => {
  expect((await get("secret.txt"))[0]).toBe(404);
  expect((await fetch(`${server.url}%E0%A4`)).status).toBe(500);
  expect((await get("..%2Fsecret.txt"))[0]).toBe(404);
  expect((await fetch(new URL("/bare.ipynb", server.url))).status).toBe(403);
  expect((await fetch(new URL("/", server.url))).status).toBe(403);
});
