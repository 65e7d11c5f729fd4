// What require() gets: index.ts, but as plain properties. There, what comes from other modules is behind getters, and V8 calls one
// of these each time that a program says `netmap.LAYER`, packet after packet.
// eslint-disable-next-line @typescript-eslint/no-require-imports
module.exports = Object.defineProperty({ ...(require('./index.js') as object) }, '__esModule', { value: true });
