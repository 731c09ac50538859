#!/usr/bin/env node
/** @file The command `iolaus`. Each command loads what it needs when it runs, so that --help is quick. */
import { Command } from "commander";
import { addAlign } from "./command-align.js";
import { addAnalyze } from "./command-analyze.js";
import { addDoctor } from "./command-doctor.js";
import { addEvaluate } from "./command-evaluate.js";
import { addExport } from "./command-export.js";
import { addInfer } from "./command-infer.js";
import { addInspect } from "./command-inspect.js";
import { addLab } from "./command-lab.js";
import { addKernel, addNotebook } from "./command-notebook.js";
import { addReconstruct } from "./command-reconstruct.js";
import { addSimulate } from "./command-simulate.js";
import { addVolumes } from "./command-volumes.js";
import { prepareProgram, runProgram } from "./exit-code.js";
import { iolausVersion } from "./package-versions.js";

const program = prepareProgram(new Command("iolaus"))
  .description("ab initio reconstruction of heterogeneous cryo-EM data")
  .version(iolausVersion());
const commands = [addSimulate, addInspect, addAlign, addReconstruct, addInfer, addEvaluate, addAnalyze, addVolumes];
for (const add of [...commands, addExport, addNotebook, addLab, addKernel, addDoctor]) add(program);

process.exitCode = await runProgram(program, process.argv);
