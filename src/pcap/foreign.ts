import { captureError } from './damage';
import type { ByteSource } from './source';

interface ForeignFormat {
  /** What the file is. */
  is: string;
  /** First bytes, in hexadecimal. */
  magic: string;
  /** What to do about it; FILE stands for the name. */
  remedy: string;
}

const EDITCAP = 'editcap -F pcap FILE other.pcap (of the Wireshark project) converts it';

const FORMATS: readonly ForeignFormat[] = [
  { is: 'compressed by zstd', magic: '28b52ffd', remedy: 'zstd -dc FILE > other.pcap unpacks it' },
  { is: 'compressed by xz', magic: 'fd377a585a00', remedy: 'xz -dc FILE > other.pcap unpacks it' },
  { is: 'compressed by bzip2', magic: '425a68', remedy: 'bzip2 -dc FILE > other.pcap unpacks it' },
  { is: 'compressed by lz4', magic: '04224d18', remedy: 'lz4 -dc FILE > other.pcap unpacks it' },
  { is: 'a zip archive', magic: '504b0304', remedy: 'unzip FILE unpacks it' },
  { is: 'a capture of the modified pcap format', magic: 'a1b2cd34', remedy: EDITCAP },
  { is: 'a capture of the modified pcap format', magic: '34cdb2a1', remedy: EDITCAP },
  { is: 'a capture of snoop', magic: '736e6f6f70000000', remedy: EDITCAP },
  { is: 'a capture of Microsoft Network Monitor', magic: '474d4255', remedy: EDITCAP },
  { is: 'a capture of Microsoft Network Monitor', magic: '52545353', remedy: EDITCAP },
  { is: 'a capture of Sniffer', magic: '5452534e4946462064617461', remedy: EDITCAP },
];

/** Bytes that the longest magic has. */
const LOOK = 16;

/** The error for a file that is no capture, with its true kind where that can be told. */
export function foreignFile(source: ByteSource): Error {
  source.has(LOOK);
  const { name, at, buffered } = source;
  const start = source.bytes.subarray(at, at + Math.min(buffered, LOOK));
  const expected = 'expected a pcap or pcapng capture';
  const hex = start.toString('hex');
  const format = FORMATS.find(({ magic }) => hex.startsWith(magic));
  if (format !== undefined) {
    return captureError(
      name,
      0,
      `${expected}, found a file that is ${format.is}`,
      format.remedy.replace('FILE', () => name),
    );
  }
  if (start.length === 0) return captureError(name, 0, `${expected}, found an empty file`);
  const found = `found a file that starts with ${hex.replace(/..(?=.)/g, '$& ')}`;
  return captureError(name, 0, `${expected}, ${found}`, 'the commands file and capinfos tell what it is');
}
