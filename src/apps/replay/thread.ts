/** What the reading thread of a replay runs: one piece for each that is asked for. */

import { workerData, type MessagePort } from 'node:worker_threads';
import { toPlain } from '../workers/errors';
import type { PlainError } from '../workers/messages';
import { Packer, type PackOptions, type PassEnd, type Piece } from './packer';

/** What the thread is started with. */
export interface Assignment extends PackOptions {
  port: MessagePort;
  /** Read the file only once; otherwise it begins again when more is asked for behind its end. */
  once: boolean;
}

/** Asks for one more piece; perhaps with the memory of one that has been sent. */
export interface Order {
  spare: ArrayBuffer | undefined;
}

export type Word = Piece | PassEnd | { type: 'failed'; error: PlainError };

const { port, once, ...options } = workerData as Assignment;
let packer: Packer | undefined;
let over = false;

port.on('message', ({ spare }: Order) => {
  if (over) return;
  try {
    packer ??= new Packer(options);
    const word = packer.next(spare);
    if (word.type === 'end') {
      over = once;
      packer = undefined;
    }
    port.postMessage(word satisfies Word, word.type === 'piece' ? [word.buffer] : []);
  } catch (error) {
    over = true;
    port.postMessage({ type: 'failed', error: toPlain(error) } satisfies Word);
  }
});
