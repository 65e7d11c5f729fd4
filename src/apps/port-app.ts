import type { Port } from '../port';
import { App } from './app';
import type { Traffic } from './meter';

/** An app that works on one port. */
export abstract class PortApp<Stats extends Traffic = Traffic> extends App<Stats> {
  /** The port that it works on. */
  readonly port: Port;

  constructor(port: Port) {
    super(port);
    this.port = port;
  }
}
