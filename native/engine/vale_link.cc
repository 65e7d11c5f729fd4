// Over a link: a persistent port that is attached to two switches. Nobody has it open; whoever sends to it carries his
// frames on into the other switch. They are not stored in between: what the receivers there get is what was sent.
#include "vale_inlet.h"

namespace nm {

// Whether the port is a link, and what is behind it.
void ValeInlet::look_beyond(Peer& peer, uint32_t port, const Adapter& adapter) const {
  peer.beyond = peer.beyond_port = kNone;
  const uint32_t link = adapter.link_switch.load(), first = adapter.switch_index.load();
  if (link == kNone) return;
  const bool here_first = first == index_ && adapter.port_index.load() == port;
  const uint32_t there = here_first ? link : first;
  const uint32_t there_port = (here_first ? adapter.link_port : adapter.port_index).load();
  if (there >= control_.switches() || there_port >= peers_.size()) return;
  peer.beyond = there;
  peer.beyond_port = there_port;
}

void ValeInlet::pass_on(Peer& peer, Queue own, Queue flood) {
  const uint64_t offered = frames(own) + frames(flood);
  std::unique_ptr<ValeInlet>& beyond = sending_.beyond[peer.beyond];
  // Links may form a loop. No frame goes round, and no batch takes more passes than there are switches.
  if (peer.beyond == sending_.home || (beyond && beyond->busy_) || sending_.passes >= sending_.beyond.size()) {
    sending_.unroutable += offered;
    return;
  }
  if (!beyond) beyond.reset(new ValeInlet(sending_, peer.beyond));
  ++sending_.passes;
  beyond->enter(peer.beyond_port, peer.adapter);
  beyond->refresh();
  uint64_t bytes = 0;
  while (own.first != kEnd || flood.first != kEnd) {
    const Run& run = take(own, flood);
    for (uint32_t f = run.begin; f < run.end; ++f) bytes += sending_.batch.len(f);
    beyond->add_frames(run.begin, run.end);
  }
  beyond->flush();
  // What the port has received from its first switch it has sent into its second one, and the other way round.
  const bool out = control_.adapter(peer.adapter).switch_index.load() == index_;
  Kring& k = control_.adapter(peer.adapter).krings[out ? kDirRx : kDirTx][0];
  (out ? k.packets : k.sent_packets).fetch_add(offered, std::memory_order_relaxed);
  (out ? k.bytes : k.sent_bytes).fetch_add(bytes, std::memory_order_relaxed);
}

// Frames of the batch that come in here, to be looked up once more.
void ValeInlet::add_frames(uint32_t begin, uint32_t end) {
  const ValeBatch& batch = sending_.batch;
  uint32_t way = kFlood;
  for (uint32_t f = begin; f < end; f = batch.end_of(f)) {
    const uint8_t* at = batch.addresses(f);
    const uint32_t here = route(load_mac(at), load_mac(at + 6), batch.from->id);
    if (here == way) continue;
    add_run(way, begin, f);
    way = here;
    begin = f;
  }
  add_run(way, begin, end);
}

}  // namespace nm
