#!/usr/bin/env node
import { processTerminal } from './process-terminal.js';
import { run } from './run.js';

const args = process.argv.slice(2);
process.exitCode = await run(args, processTerminal());
// A shell waits for the end of it, and must not wait for a store that doesn't answer.
if (args[0] === 'complete') process.exit();
