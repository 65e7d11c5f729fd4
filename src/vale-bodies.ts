/** Bodies of the requests about VALE switches (native/abi/request.h). */

import { Body, RegisterBody, type RegisterFields } from './abi';

/** `nmreq_vale_attach` */
export class ValeAttachBody extends Body {
  constructor(fields: RegisterFields) {
    super(64);
    this.bytes.set(new RegisterBody(fields).bytes);
  }
  get portIndex(): number {
    return this.u32(56);
  }
}

/** `nmreq_vale_detach` */
export class ValeDetachBody extends Body {
  constructor() {
    super(8);
  }
  get portIndex(): number {
    return this.u32(0);
  }
}

/** `nmreq_vale_list` */
export class ValeListBody extends Body {
  constructor(switchIndex = 0, portIndex = 0) {
    super(8);
    this.setU16(0, switchIndex);
    this.setU32(4, portIndex);
  }
  get switchIndex(): number {
    return this.u16(0);
  }
  get portIndex(): number {
    return this.u32(4);
  }
}

/** `nmreq_port_hdr` */
export class PortHdrBody extends Body {
  constructor(length = 0) {
    super(8);
    this.setU32(0, length);
  }
  get length(): number {
    return this.u32(0);
  }
}

export interface NewifFields {
  txSlots: number;
  rxSlots: number;
  txRings: number;
  rxRings: number;
  memId: number;
}

/** `nmreq_vale_newif` */
export class ValeNewifBody extends Body {
  constructor(fields: NewifFields) {
    super(16);
    this.setU32(0, fields.txSlots);
    this.setU32(4, fields.rxSlots);
    this.setU16(8, fields.txRings);
    this.setU16(10, fields.rxRings);
    this.setU16(12, fields.memId);
  }
}

/** `nmreq_vale_polling` */
export class ValePollingBody extends Body {
  constructor(mode: number, firstCpu: number, cpus: number) {
    super(16);
    this.setU32(0, mode);
    this.setU32(4, firstCpu);
    this.setU32(8, cpus);
  }
}
