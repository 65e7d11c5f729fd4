/** With the kernel's buffer size the engine's memory is laid out as the kernel's, byte by byte. */
import './support/engine-folder';
process.env.NODE_NETMAP_BUF_SIZE = '2048';
import { conformance } from './conformance/suite';

conformance('engine');
