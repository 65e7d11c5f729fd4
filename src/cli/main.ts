#!/usr/bin/env node
import { fail } from './fail';
import { onClosedOutput } from './output';
import { makeProgram } from './program';

// Also of help and lists; tools that run for a while end then.
onClosedOutput(() => {});
// Nobody reads what goes wrong: that is no reason to stop.
process.stderr.on('error', () => {});
makeProgram(process.argv[2]).parseAsync().catch(fail);
