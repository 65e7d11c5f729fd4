/** Help on standard error. */
export const USAGE = `Usage:
pkt-gen arguments
  -h            this text
  -i PORT       netmap port: vale0:a, netmap:eth0, eth0 (the same), x{1 (a pipe), null
  -f FUNCTION   tx, rx (default), ping, pong, txseq (packets with numbers), rxseq (looks at them)
  -n COUNT      packets to send, receive or ask; 0 = no end (default)
  -l SIZE       bytes without CRC (default 60); a second -l: sizes from that one up to the first, at random
  -b BURST      most packets handed over at once (default 512)
  -4, -6        IPv4 (default), IPv6
  -s SRC        source address[:port[-address:port]] (default 10.0.0.1:1234); of IPv6 [GROUP@]'['address']'[:port]
  -d DST        destination, the same (default 10.1.0.1:1234)
  -S MAC        source MAC address (default 00:00:00:00:00:00)
  -D MAC        destination MAC address (default ff:ff:ff:ff:ff:ff)
  -a CPU        pin the first thread to this processor, others to those that follow (needs -c for more than CPU + 1)
  -c CPUS       processors to use, 0 = all (default 1)
  -p THREADS    threads, each with a ring of its own (default 1, with all rings)
  -T MS         milliseconds between lines (default 1000)
  -w SECONDS    wait for the link (default 2; 0 for ports of a switch)
  -R RATE       packets per second (default: as many as possible)
  -X            write each packet to standard output
  -H LENGTH     bytes of virtio-net header: 0, 10 or 12
  -P FILE       send the first packet of a capture
  -z, -Z        source, destination address and port at random
  -N            plain numbers: no K, M, G
  -F FRAGMENTS  slots of each packet
  -M SIZE       most bytes in a slot
  -I            the packets of indirect buffers (sent from the ring's own here)
  -W            rx ends when nothing has come for a second
  -r            send what the buffers hold
  -A            mean and standard deviation of the rate
  -B            count CRC and framing in bandwidth
  -C CONF       tx_slots[,rx_slots[,tx_rings[,rx_rings]]]
  -o BITS       32 -I, 64 -X, 256 -r, 512 -z, 1024 -Z, 2048 -A; others are accepted
  -v            accepted
`;
