/**
 * The command that runs Node as a user has it. tap puts hooks for coverage into every Node process that a test starts (NODE_OPTIONS,
 * set anew at each spawn, so that only `env` can take it away): they treble the time to start and write files of their own.
 */
export const plainNode = ['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath];
