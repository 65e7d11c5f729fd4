import { unlink } from 'node:fs/promises';
import { interfaceBlock, sectionBlock, statisticsBlock, type InterfaceStatistics } from '../../pcap/blocks';
import { numberedName } from '../../pcap/file-names';
import { PCAPNG_FORMAT } from '../../pcap/pcapng-writer';
import { classicHeader, LINKTYPE_ETHERNET, PCAP_FORMAT } from '../../pcap/writer';
import { Output } from './output';
import type { Spool } from './spool';

/** How the native part calls the formats. */
const RECORDS = { microseconds: 0, nanoseconds: 1, pcapng: 2 } as const;

/** Room that is kept at the end of a file of limited size, for its counters. */
const TRAILER = 160;

/** What the files of a capture have in common. */
export interface FilesOptions {
  path: string;
  format: 'pcap' | 'pcapng';
  gzip: boolean;
  nanoseconds: boolean;
  snaplen: number;
  /** Name of the interface. */
  name: string;
  /** Most bytes of a file before it is compressed; Infinity for no limit. */
  size: number;
  /** Whether there will be several. */
  several: boolean;
  /** Most files that are kept; Infinity for all. */
  keep: number;
}

/** The files that a capture goes to, one after the other: each whole by itself. */
export class Files {
  /** Which records the native part is to make. */
  readonly records: number;
  /** Names of those that are there, the newest last. */
  readonly names: string[] = [];
  /** Files begun so far. */
  count = 0;
  private readonly options: FilesOptions;
  private readonly spool: Spool;
  private output: Output;
  /** Bytes of the present file that were handed to the disk, before they are compressed. */
  private handed = 0;
  /** Whether a packet is among them. */
  private filled = false;
  /** What closed files hold. */
  private closedBytes = 0;
  private closedPackets = 0;
  /** Files that are not closed yet. */
  private readonly open = new Map<Output, Promise<void> | undefined>();

  /** @throws NetmapError when the first file cannot be created */
  constructor(options: FilesOptions, spool: Spool) {
    this.options = options;
    this.spool = spool;
    const classic = options.nanoseconds ? RECORDS.nanoseconds : RECORDS.microseconds;
    this.records = options.format === 'pcapng' ? RECORDS.pcapng : classic;
    this.output = this.begin();
  }

  /** Bytes that all files hold. */
  get bytes(): number {
    return [...this.open.keys()].reduce((sum, { bytes }) => sum + bytes, this.closedBytes);
  }

  /** Packets that all files hold. */
  get packets(): number {
    return [...this.open.keys()].reduce((sum, { packets }) => sum + packets, this.closedPackets);
  }

  /** Up to where the present chunk may be filled, for a file that must not grow beyond its limit. */
  get limit(): number {
    const { spool, options } = this;
    return Math.max(spool.used, Math.min(spool.chunk.length, options.size - TRAILER - this.handed));
  }

  /** Whether it is the file that is full when a packet does not fit, and not only the chunk. */
  get isFull(): boolean {
    return this.limit < this.spool.chunk.length;
  }

  /** Whether there are packets for the present file. */
  get hasPackets(): boolean {
    return this.filled || this.spool.packets > 0;
  }

  /** Hands what there is to the disk. */
  flush(): void {
    this.handed += this.spool.used;
    this.filled ||= this.spool.packets > 0;
    this.spool.flush(this.output);
  }

  /** Ends the present file and begins the next one. */
  rotate(statistics: InterfaceStatistics): void {
    this.end(statistics);
    this.output = this.begin();
  }

  /** Ends the last file, and waits until everything is written and closed. */
  async close(statistics: InterfaceStatistics): Promise<void> {
    this.end(statistics);
    for (const closed of this.open.values()) await closed;
  }

  private begin(): Output {
    const { path, several, gzip, format, nanoseconds, snaplen, name } = this.options;
    const { spool } = this;
    const file = several ? numberedName(path, this.count + 1, new Date()) : path;
    const ng = format === 'pcapng';
    const output = new Output(file, gzip, ng ? PCAPNG_FORMAT : PCAP_FORMAT);
    this.open.set(output, undefined);
    this.count++;
    this.handed = 0;
    this.filled = false;
    if (ng) {
      spool.put(sectionBlock(), output);
      spool.put(interfaceBlock({ linkType: LINKTYPE_ETHERNET, snaplen, name }), output);
    } else {
      spool.put(classicHeader({ linkType: LINKTYPE_ETHERNET, snaplen, nanoseconds }), output);
    }
    this.names.push(file);
    this.dropOld();
    return output;
  }

  private end(statistics: InterfaceStatistics): void {
    const { spool, output } = this;
    if (this.options.format === 'pcapng') {
      const [seconds, nanoseconds] = statistics.end!;
      spool.put(statisticsBlock(0, seconds, nanoseconds, statistics), output);
    }
    this.flush();
    const closed = output
      .close()
      .catch((error: unknown) => (spool.failure ??= error))
      .then(() => {
        this.open.delete(output);
        this.closedBytes += output.bytes;
        this.closedPackets += output.packets;
      });
    this.open.set(output, closed);
  }

  /** A ring of files: the oldest one goes. */
  private dropOld(): void {
    while (this.names.length > this.options.keep) {
      unlink(this.names.shift()!).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') this.spool.failure ??= error; // somebody has taken it away: fine
      });
    }
  }
}
