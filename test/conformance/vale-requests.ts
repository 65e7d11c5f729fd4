import { inside } from '../support/library';
import type { Lab } from './lab';

/** A body that a test reads and writes by offset. */
class Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
}

export interface NewIf {
  txSlots?: number;
  rxSlots?: number;
  txRings?: number;
  rxRings?: number;
  memId?: number;
}

/** The requests about ports of switches, with errno and reply. */
export function valeRequests(lab: Lab) {
  const { REQ } = inside;

  return {
    /** VALE_NEWIF */
    newIf(name: string, { txSlots = 0, rxSlots = 0, txRings = 0, rxRings = 0, memId = 0 }: NewIf = {}) {
      const body = new Bytes(16);
      body.view.setUint32(0, txSlots, true);
      body.view.setUint32(4, rxSlots, true);
      body.view.setUint16(8, txRings, true);
      body.view.setUint16(10, rxRings, true);
      body.view.setUint16(12, memId, true);
      const { errno } = lab.request(REQ.VALE_NEWIF, name, body);
      const { view } = body;
      if (errno === 0) lab.later(() => void this.deleteIf(name));
      return {
        errno,
        txSlots: view.getUint32(0, true),
        rxSlots: view.getUint32(4, true),
        txRings: view.getUint16(8, true),
        rxRings: view.getUint16(10, true),
        memId: view.getUint16(12, true),
      };
    },

    /** VALE_DELIF */
    deleteIf(name: string, body: Uint8Array | null = null): number {
      return lab.descriptor().control(REQ.VALE_DELIF, name, body, [])?.errno ?? 0;
    },

    /** VALE_ATTACH: the index of the port on the switch, or the errno negated. */
    attach(name: string, fields: { mode?: number; memId?: number; ringId?: number } = {}): number {
      const { mode = inside.MODE.all, memId = 0, ringId = 0 } = fields;
      const body = new Bytes(64);
      body.view.setUint16(32, memId, true);
      body.view.setUint16(34, ringId, true);
      body.view.setUint32(36, mode, true);
      const { errno } = lab.request(REQ.VALE_ATTACH, name, body);
      if (errno === 0) lab.later(() => void this.detach(name));
      return -errno || body.view.getUint32(56, true);
    },

    /** VALE_DETACH: the index that the port had, or the errno negated. */
    detach(name: string): number {
      const body = new Bytes(8);
      const { errno } = lab.request(REQ.VALE_DETACH, name, body);
      return -errno || body.view.getUint32(0, true);
    },

    /** VALE_POLLING_ENABLE or _DISABLE */
    polling(on: boolean, name: string, mode = 1, firstCore = 0, cores = 1): number {
      const body = new Bytes(16);
      body.view.setUint32(0, mode, true);
      body.view.setUint32(4, firstCore, true);
      body.view.setUint32(8, cores, true);
      return lab.request(on ? REQ.VALE_POLLING_ENABLE : REQ.VALE_POLLING_DISABLE, name, body).errno;
    },

    /** PORT_HDR_SET */
    setHeader(name: string, length: number): number {
      const body = new Bytes(8);
      body.view.setUint32(0, length, true);
      return lab.request(REQ.PORT_HDR_SET, name, body).errno;
    },

    /** PORT_HDR_GET: the length, or the errno negated. */
    header(name: string): number {
      const body = new Bytes(8);
      const { errno } = lab.request(REQ.PORT_HDR_GET, name, body);
      return -errno || body.view.getUint32(0, true);
    },

    /** VALE_LIST by name: switch and port, or the errno negated. 255 = the switch has no such port. */
    index(name: string): [number, number] | number {
      const body = new Bytes(8);
      const { errno } = lab.request(REQ.VALE_LIST, name, body);
      return errno ? -errno : [body.view.getUint16(0, true), body.view.getUint32(4, true)];
    },
  };
}

export type ValeRequests = ReturnType<typeof valeRequests>;
