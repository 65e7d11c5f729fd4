import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { unlessAborted } from '../wait-for-any';
import { fromPlain } from '../workers/errors';
import { PIECE, type PackOptions, type PassEnd, type Piece } from './packer';
import type { Assignment, Order, Word } from './thread';

/** Pieces that are read ahead. */
const AHEAD = 8;

/**
 * A capture that another thread reads, so that nothing but sending happens in this one. Comes in pieces, pass after pass: read anew for
 * each, or kept in memory.
 */
export class Reading {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  /** What has come: of a kept file all of it, otherwise what has not been taken yet. */
  private readonly words: Word[] = [];
  private readonly keep: boolean;
  private place = 0;
  /** The end of the file has come, or of what is to be had of it. */
  private over = false;
  private failure: unknown;
  private wake: () => void = () => {};

  /** @param keep keep all of it in memory: then {@link Reading.load} has to be called first */
  constructor(options: PackOptions, keep: boolean) {
    this.keep = keep;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.worker = new Worker(join(__dirname, 'thread.js'), {
      workerData: { ...options, port: port2, once: keep } satisfies Assignment,
      transferList: [port2],
    });
    this.worker.on('error', (error) => this.fail(error));
    this.port.on('message', (word: Word) => this.take(word));
    for (let k = 0; k < AHEAD; k++) this.ask(undefined);
  }

  /**
   * What comes next; undefined when it has not been read yet, see {@link Reading.arrival}.
   *
   * @throws what reading failed with, behind everything that was read before
   */
  next(): Piece | PassEnd | undefined {
    if (!this.keep && this.words.length === 0) this.receive();
    const word = this.keep ? this.words[this.place++] : this.words.shift();
    if (word === undefined && this.failure !== undefined) throw this.failure as Error;
    if (word?.type === 'failed') throw fromPlain(word.error);
    if (word?.type === 'end') {
      this.place = 0;
      if (!this.keep) this.ask(undefined); // pieces are asked for when their memory is free
    }
    return word;
  }

  /** A piece has been sent: its memory may serve again. */
  release({ buffer }: Piece): void {
    if (!this.keep) this.ask(buffer.byteLength >= PIECE ? buffer : undefined);
  }

  /** Waits until {@link Reading.next} gives or throws something. */
  async arrival(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.failure === undefined && this.words.length === 0) await this.change(signal);
  }

  /** Reads all of it into memory. */
  async load(signal: AbortSignal): Promise<void> {
    for (let known = 0; !signal.aborted && this.failure === undefined && !this.over;) {
      // Each that has come allows for one more.
      for (; known < this.words.length; known++) this.ask(undefined);
      await this.change(signal);
    }
  }

  async close(): Promise<void> {
    this.port.close();
    await this.worker.terminate();
  }

  private change(signal: AbortSignal): Promise<void> {
    return unlessAborted(new Promise<void>((resolve) => (this.wake = resolve)), signal);
  }

  private ask(spare: ArrayBuffer | undefined): void {
    this.port.postMessage({ spare } satisfies Order, spare ? [spare] : []);
  }

  /** What has come and has not been handed to the event loop yet. */
  private receive(): void {
    const received: { message: Word } | undefined = receiveMessageOnPort(this.port);
    if (received !== undefined) this.take(received.message);
  }

  private take(word: Word): void {
    this.words.push(word);
    if (word.type !== 'piece') this.over = true;
    this.wake();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.wake();
  }
}
