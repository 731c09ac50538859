/** @file How a command ends: 0 done, 1 failed, 2 bad arguments or input; a failure is one sentence on stderr. */
import { type Command, CommanderError } from "commander";
import { IolausError } from "../core/errors.js";

const BAD_INPUT = ["bad-argument", "bad-file", "unsupported"];

/** Parse `argv` (as `process.argv`), run the command it names, and say how it went. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(argv as string[]);
    return 0;
  } catch (error) {
    return failureCode(error);
  }
}

/** Settings that every command inherits: refusals in our words, and no exit from inside. */
export function prepareProgram(program: Command): Command {
  return program
    .exitOverride()
    .showHelpAfterError(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) });
}

/** Commander puts what might have been meant on a line of its own. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, "iolaus: ")
    .trim()
    .replace(/\s*\n\s*/g, " ");
}

function failureCode(error: unknown): number {
  // Commander has printed its own: help, the version, or what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(`iolaus: ${message}`);
  if (!(error instanceof IolausError)) console.error("this is a fault of Iolaus; IOLAUS_DEBUG=1 shows where");
  if (process.env["IOLAUS_DEBUG"]) console.error((error as Error).cause ?? stack);
  return error instanceof IolausError && BAD_INPUT.includes(error.code) ? 2 : 1;
}
