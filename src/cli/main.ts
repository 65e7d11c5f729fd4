#!/usr/bin/env node
import { fail } from './fail';
import { makeProgram } from './program';

makeProgram().parseAsync().catch(fail);
