/** @file The process that computes, with the fake reconstruction. */
import { serveRun } from "../../src/run/serve-run.js";
import { fakeReconstruct } from "./fake-reconstruction.js";

serveRun(fakeReconstruct);
