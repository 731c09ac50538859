/**
 * @file The tokens of one line of a STAR file: separated by blanks, quoted with " or ', ended by a # after a blank.
 *
 * A quote ends where the same quote is followed by a blank or the end of the line; without such an end it is an
 * ordinary character, as in 5' or 'tis.
 */

/** Where the token at or after `from` begins; −1 when only blanks or a comment follow. */
function tokenStart(line: string, from: number): number {
  for (let i = from; i < line.length; i++) {
    const c = line.charCodeAt(i);
    if (c > 32) return c === 35 ? -1 : i;
  }
  return -1;
}

/** Where the token that begins at `start` ends. */
function tokenEnd(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (first === 34 || first === 39)
    for (let i = start + 1; i < line.length; i++)
      if (line.charCodeAt(i) === first && (i + 1 === line.length || line.charCodeAt(i + 1) <= 32)) return i + 1;
  let i = start;
  while (i < line.length && line.charCodeAt(i) > 32) i++;
  return i;
}

/** How many tokens the line holds. */
export function countTokens(line: string): number {
  let count = 0;
  for (let at = tokenStart(line, 0); at >= 0; at = tokenStart(line, tokenEnd(line, at))) count++;
  return count;
}

/** The first token as it stands; empty when there is none. */
export function firstToken(line: string): string {
  const start = tokenStart(line, 0);
  return start < 0 ? "" : line.slice(start, tokenEnd(line, start));
}

/** All tokens as they stand. */
export function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  for (let at = tokenStart(line, 0); at >= 0; ) {
    const end = tokenEnd(line, at);
    tokens.push(line.slice(at, end));
    at = tokenStart(line, end);
  }
  return tokens;
}

/** The tokens at `places` (counted from 0, rising) as they stand, into `out`. Those after the last are not looked at. */
export function tokensAtInto(out: string[], line: string, places: readonly number[]): void {
  let [at, place] = [tokenStart(line, 0), 0];
  for (let k = 0; k < places.length; k++) {
    for (; place < places[k]!; place++) at = tokenStart(line, tokenEnd(line, at));
    out[k] = line.slice(at, tokenEnd(line, at));
  }
}

/** The value a token stands for. */
export function unquoted(token: string): string {
  const first = token.charCodeAt(0);
  const isQuoted = token.length > 1 && (first === 34 || first === 39) && token.charCodeAt(token.length - 1) === first;
  return isQuoted ? token.slice(1, -1) : token;
}

/** A token that stands for `value`. Numbers keep nine digits. */
export function tokenFor(value: string | number): string {
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(9)));
  const plain = value !== "" && !/[\s"'#]/.test(value) && !/^(_|data_|loop_$)/.test(value);
  if (plain) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
