#!/usr/bin/env node
import { Command } from 'commander';
import { fileName } from './arguments';
import { fail } from './fail';
import { generateToSink } from './start/generate-to-sink';
import { replayToCapture } from './start/replay-to-capture';

/** What `npm start` runs: the main job without arguments, a replay with a file. */
const program = new Command('npm start --')
  .description('generate -> switch vale0 -> sink for 5 seconds; or, with FILE, replay -> switch vale0 -> capture')
  .argument('[FILE]', 'pcap or pcapng file to be replayed', fileName)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'npm start: ')) })
  .showHelpAfterError('(npm start -- --help shows how it is used)')
  .addHelpText('after', '\nExamples:\n  $ npm start\n  $ npm start -- file.pcap\n')
  .action(async (file?: string) => {
    process.exitCode = await (file === undefined ? generateToSink() : replayToCapture(file));
  });

program.parseAsync().catch(fail);
