/**
 * Where the engine is known and meant to differ from the kernel's module. Every scenario that expects different results
 * names its entry here; docs/fidelity.md shows the same table (a test compares them).
 */

export interface Difference {
  rule: string;
  kernel: string;
  engine: string;
  reason: string;
  /** Why no scenario looks at it on both devices. */
  unexamined?: string;
}

const KERNEL_HANGS = 'the kernel hangs';
const KERNEL_KEEPS = 'the kernel could not remove the port again';

export const DIFFERENCES = {
  'buffer-size': {
    rule: 'Size of packet buffers',
    kernel: '2048 bytes (module parameter `buf_size`)',
    engine: '2112 bytes (`NODE_NETMAP_BUF_SIZE`; with 2048, ports of one ring lie in memory exactly as on the kernel)',
    reason:
      'with 2048 the first lines of all buffers fall into two sets of the first-level cache, which halves the rate',
  },
  'null-recycles': {
    rule: 'Slots sent through a null port',
    kernel: 'are never given back: the ring fills up once and stays full',
    engine: 'are discarded and free again at once',
    reason: 'a port that discards is what the documentation promises and what generators need',
  },
  'null-geometry': {
    rule: 'Ring and slot counts of a null port',
    kernel: 'as asked for, as long as memory lasts: 17 rings, or rings without slots',
    engine: 'at most 16 rings of at most 4096 slots; no slots means 1024',
    reason: 'the limits of the shared tables; rings without slots are of no use',
  },
  'bad-buffer-index': {
    rule: 'A VALE tx slot with a buffer index that does not exist',
    kernel: 'sends the contents of buffer 0',
    engine: 'drops the frame and counts it (`dropBad`)',
    reason: 'nobody wants that frame sent',
  },
  'bad-fragment': {
    rule: 'A later fragment that is too long or points at bad memory',
    kernel: 'the frame is delivered with an empty fragment in its place',
    engine: 'the whole frame is dropped and counted (`dropBad`)',
    reason: 'a frame with a hole is no frame',
  },
  'many-fragments': {
    rule: 'A VALE frame of more than 255 fragments',
    kernel: 'hangs one processor for ever',
    engine: 'drops the frame and counts it (`dropBad`)',
    reason: 'a hang is of no use',
    unexamined: KERNEL_HANGS,
  },
  'flood-duplicates': {
    rule: 'Floods and unicast to a ring other than 0 in one batch',
    kernel: 'the other ring gets the floods as well: they arrive twice',
    engine: 'floods go to ring 0 only',
    reason: 'a bug of the kernel',
  },
  relearning: {
    rule: 'An address that moved to another port speaks at its old port again',
    kernel: 'is not learned again if it is the last address that this port has seen',
    engine: 'is learned with every batch',
    reason: 'the shortcut of the kernel goes wrong when addresses move',
  },
  'zero-address': {
    rule: 'A frame to 00:00:00:00:00:00, which nobody has used as a source',
    kernel: 'goes to port 0, because the empty table says so',
    engine: 'is unknown and so goes to everybody',
    reason: 'a bug of the kernel',
  },
  'region-ids': {
    rule: 'Memory id of a new region',
    kernel: 'the free one after the id that was given last',
    engine: 'the lowest free one',
    reason: 'nobody may rely on either',
  },
  'region-room': {
    rule: 'Ring objects and buffers in the region of a port with several rings',
    kernel: 'room for pipes of one ring beside the rings of the port; a pipe of 16 and 16 rings finds no room (ENOMEM)',
    engine: 'room for pipes as wide as the port itself',
    reason: 'address space that is not used costs nothing',
  },
  'late-memory': {
    rule: 'Buffers that another process was handed after this one opened its port of the same region',
    kernel: 'are seen at once',
    engine: 'read as zeros until the next sync',
    reason: 'only memory that is backed is mapped, so that a full file system is an error at open and never a SIGBUS',
  },
  'odd-offsets': {
    rule: 'Frames of a VALE switch whose offsets, of sender and receiver, are not alike modulo 64',
    kernel:
      'lie elsewhere: the offset of the receiver is changed to suit, and a receiver without offsets finds nothing',
    engine: "lie at the receiver's own offset",
    reason: 'a bug of the kernel',
  },
  'pipe-offsets': {
    rule: 'A pipe that holds frames when its other end opens with offsets of its own',
    kernel: 'overwrites the offsets of these frames',
    engine: 'leaves them alone',
    reason: 'a bug of the kernel',
  },
  'reopened-ring': {
    rule: 'A ring that is opened again while other rings of its port stayed open',
    kernel: 'shows tail where it was, over slots whose frames are gone',
    engine: 'is fresh',
    reason: 'a bug of the kernel',
  },
  counters: {
    rule: 'Counters of a port',
    kernel: 'none',
    engine: 'packets, bytes, and drops by reason',
    reason: 'loss must be accounted for',
  },
  'host-rings': {
    rule: 'Interfaces and host rings',
    kernel: 'any network interface, with host rings',
    engine: 'no interfaces: ENXIO',
    reason: 'the engine is in user space',
  },
  'monitor-indirect': {
    rule: 'A copy monitor of a slot that points at other memory (`NS_INDIRECT`)',
    kernel: "shows the slot's own buffer, which was not sent, and the flag",
    engine: 'shows what was sent, without the flag; so does a zero-copy monitor',
    reason: 'a bug of the kernel',
  },
  'monitor-torn': {
    rule: 'A frame over several slots of which a monitor has room for the last ones only',
    kernel: 'they are shown, as a frame',
    engine: 'only whole frames are shown',
    reason: 'half a frame is none',
  },
  'monitor-chain': {
    rule: 'Sent frames that a second zero-copy monitor gets from the first',
    kernel: 'have lost `NS_TXMON`',
    engine: 'have it',
    reason: 'a bug of the kernel',
  },
  'monitor-last-frames': {
    rule: 'Frames that a monitor had not yet synced when its port was closed',
    kernel: 'are lost: after the end a sync shows nothing new',
    engine: 'can still be read',
    reason: 'a capture must not lose the end',
  },
  'monitor-wakes': {
    rule: 'A monitor that sleeps in poll when its port is closed',
    kernel: 'sleeps on until its time is over',
    engine: 'is woken: POLLERR (within a second where the owner of the port was killed)',
    reason: 'nobody should wait for what will not come',
  },
  'vnet-overflow': {
    rule: 'A frame that a virtio-net header makes as long as a buffer, or longer',
    kernel: 'is written beyond the end of the buffer, over whatever lies there',
    engine: 'fills the buffer, and goes on in another slot',
    reason: 'a bug of the kernel',
    unexamined: 'the kernel would write over memory of others',
  },
  'vnet-checksum-slots': {
    rule: 'Completing a checksum (`NEEDS_CSUM`) over slots with odd lengths, or one that is not in the first slot',
    kernel: 'comes out wrong, or is left out',
    engine: 'is completed',
    reason: 'a bug of the kernel',
  },
  'vnet-checksum-start': {
    rule: 'A checksum that begins behind the first slot (`csum_start`)',
    kernel: 'reads memory that has nothing to do with the frame',
    engine: 'is completed, or left as it is when it begins behind the frame',
    reason: 'a bug of the kernel',
    unexamined: 'the kernel may crash',
  },
  'vnet-zero-checksum': {
    rule: 'A completed checksum that comes to 0',
    kernel: 'is 0, which in UDP says that there is none',
    engine: 'is 0xffff, which means the same sum',
    reason: 'RFC 768; over IPv6 a receiver drops the other one',
  },
  'vnet-split-headers': {
    rule: 'A large frame whose headers lie in several slots, to a port without virtio-net header',
    kernel: 'is dropped',
    engine: 'becomes segments',
    reason: 'there is nothing wrong with it',
  },
  'vnet-ip-options': {
    rule: 'A large IPv4 frame with options, to a port without virtio-net header',
    kernel: 'becomes segments with a wrong IP checksum',
    engine: 'becomes segments with a right one',
    reason: 'a bug of the kernel',
  },
  'vnet-nonsense': {
    rule: 'A large frame whose headers contradict each other (IP or TCP header of 16 bytes, UDP said to be TCP)',
    kernel: 'becomes segments that make no sense',
    engine: 'is dropped and counted (`dropBad`)',
    reason: 'nobody wants those',
  },
  'vnet-had-header': {
    rule: 'Large frames to a port that had a virtio-net header before',
    kernel: 'are cut to segments as long as a buffer; most frames are dropped because it counts too few slots for them',
    engine: 'become segments of 1514 bytes, as for any port without header',
    reason: 'a bug of the kernel',
  },
  'persistent-names': {
    rule: 'The name of a persistent port on its switch, once it has been opened or asked about',
    kernel:
      'is lost: `vale0:v0` becomes `v0`, which VALE_LIST shows, and nothing opens, detaches or deletes it any more',
    engine: 'stays',
    reason: 'a bug of the kernel',
    unexamined: KERNEL_KEEPS,
  },
  'link-large': {
    rule: 'Frames that come to another switch over a persistent port which is attached to both',
    kernel:
      'pass through its rings: they may find them full, and large ones are cut if the port has no virtio-net header',
    engine: 'go from sender to receiver at once, with the header that the sender gave them',
    reason: 'the sender does the work, and what is copied once need not be copied twice',
    unexamined: KERNEL_KEEPS,
  },
  'attach-open': {
    rule: 'VALE_ATTACH of a persistent port that is open',
    kernel: 'EBUSY, and it is attached all the same',
    engine: 'EBUSY, and it is not',
    reason: 'a bug of the kernel',
    unexamined: KERNEL_KEEPS,
  },
  'detach-open': {
    rule: 'VALE_DETACH of a persistent port that is open',
    kernel: 'succeeds; the next sync of the port hangs',
    engine: 'succeeds; what the port sends from then on goes nowhere',
    reason: 'a hang is of no use',
    unexamined: KERNEL_HANGS,
  },
  'extmem-sizes': {
    rule: 'Sizes of the objects in external memory',
    kernel:
      'any; objects that cross pages which are not neighbours in physical memory are left out, so that longer rings need huge pages',
    engine:
      'interfaces multiples of 8, rings of 128, buffers of 64 (else EINVAL), at most 2047 MiB in all; any memory will do',
    reason: 'frames are copied by whole cache lines, and there is no physical memory to care for',
    unexamined: 'the suite passes no addresses; the Linux module has external memory only if built with it',
  },
  'extmem-kinds': {
    rule: 'External memory that is not a shared mapping of a file',
    kernel: 'is used as it is',
    engine:
      'is replaced in place by a file of the engine; shared memory whose file cannot be opened again is refused (EFAULT)',
    reason: 'other processes must be able to deliver into it',
    unexamined: 'the suite passes no addresses',
  },
  'extmem-late': {
    rule: 'External memory for a port that is open in another region',
    kernel: 'is ignored, and the port is opened where it is',
    engine: 'EINVAL',
    reason: 'the program would look for the port in memory that holds none',
    unexamined: 'the suite passes no addresses',
  },
  'direct-kicks': {
    rule: 'A kick of a ring in direct mode of a sync loop',
    kernel:
      'is served by the thread that kicks, before its write to the eventfd returns; nobody is told of the outcome',
    engine: "is served by the loop's thread, which tells by the ring's other eventfd if anything has changed",
    reason: 'a write to an eventfd calls nobody in user space',
  },
  'loop-end': {
    rule: 'A sync loop whose process is killed, or whose last descriptor is closed',
    kernel: 'runs for ever, and keeps the process and the port until the machine restarts',
    engine: 'ends',
    reason: 'a bug of the kernel (ports of this library stop their loop before they close)',
    unexamined: 'the kernel never gives the process back',
  },
  'csb-gone': {
    rule: 'Arrays of CSB mode that are unmapped under a sync loop',
    kernel: 'the loop goes on, and reads zeros',
    engine: 'the loop ends with EFAULT',
    reason: 'a loop that can do nothing is of no use',
    unexamined: 'JavaScript cannot unmap them; native tests do',
  },
  'loop-error': {
    rule: 'SYNC_KLOOP_START with a descriptor that is no eventfd',
    kernel: 'ioctl returns a positive number, the errno, which C programs take for success',
    engine: 'fails with EBADF or EINVAL',
    reason: 'a bug of the kernel (this library takes the number for what it is)',
    unexamined: 'the library makes up for it; measured with a C program',
  },
} as const satisfies Record<string, Difference>;

export type DifferenceId = keyof typeof DIFFERENCES;
