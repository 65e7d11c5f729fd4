// One copy of the library, whichever way it is imported: this only passes on what index.ts exports.
export * from './index.js';
