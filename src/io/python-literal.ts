/**
 * @file Python literals, text → values: what stands in the header of a .npy file. Text, whole numbers, True, False,
 * None, tuples, lists and dictionaries with text as keys; nothing is evaluated.
 */
import { IolausError } from "../core/errors.js";

export type PythonLiteral =
  | string
  | number
  | boolean
  | null
  | readonly PythonLiteral[]
  | ReadonlyMap<string, PythonLiteral>;

/** Deeper nesting than any header has. */
const DEEPEST = 16;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["True", true],
  ["False", false],
  ["None", null],
]);

/** Read one literal and nothing after it. Throws `bad-file`; `where` appears in messages only. */
export function parsePythonLiteral(text: string, where: string): PythonLiteral {
  let at = 0;
  const refuse = (expected: string): never => {
    const got = JSON.stringify(text.slice(at, at + 20));
    throw new IolausError(
      "bad-file",
      `${where}: expected ${expected} at character ${at}, got ${got}; is the file damaged?`,
    );
  };
  const skipBlanks = (): void => {
    while (at < text.length && text.charCodeAt(at) <= 32) at++;
  };
  const take = (token: string): boolean => {
    skipBlanks();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };

  const items = (close: string, depth: number): PythonLiteral[] => {
    const list: PythonLiteral[] = [];
    while (!take(close)) {
      list.push(value(depth));
      if (take(",")) continue;
      if (take(close)) break;
      refuse(`, or ${close}`);
    }
    return list;
  };
  const dictionary = (depth: number): ReadonlyMap<string, PythonLiteral> => {
    const entries = new Map<string, PythonLiteral>();
    while (!take("}")) {
      const key = value(depth);
      if (typeof key !== "string" || !take(":")) return refuse("text and :");
      entries.set(key, value(depth));
      if (take(",")) continue;
      if (take("}")) break;
      refuse(", or }");
    }
    return entries;
  };
  const value = (depth: number): PythonLiteral => {
    if (depth > DEEPEST) refuse(`nesting of at most ${DEEPEST}`);
    if (take("(")) return items(")", depth + 1);
    if (take("[")) return items("]", depth + 1);
    if (take("{")) return dictionary(depth + 1);
    const quoted = match(/'(?:[^'\\]|\\['\\])*'|"(?:[^"\\]|\\["\\])*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(.)/g, "$1");
    const digits = match(/-?\d{1,15}(?=L?\b)/y); // Python 2 wrote 12L
    if (digits !== undefined) {
      match(/L/y);
      return Number(digits);
    }
    const word = match(/[A-Za-z]+/y) ?? "";
    const known = WORDS.get(word);
    return known === undefined ? refuse("a literal") : known;
  };

  const result = value(0);
  skipBlanks();
  return at === text.length ? result : refuse("the end");
}
