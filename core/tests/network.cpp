#include "network.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "describe.h"
#include "message.h"
#include "ring.h"
#include "signalling.h"
#include "wire.h"

namespace membrane::test {
namespace {

constexpr TimeMs server_latency_ms = 5;
/// Nominees that the server passes over before a request has failed (docs/first-contact.md).
constexpr std::size_t refusals_max = 8;

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

std::uint64_t digest(ByteView bytes, std::uint64_t state) {
  for (const std::uint8_t byte : bytes) state = mix(state ^ byte) + 0x9e3779b97f4a7c15ull;
  return mix(state ^ bytes.size());
}

Key key_from(std::uint64_t seed) {
  Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (i % 8 == 0) seed = mix(seed + 0x9e3779b97f4a7c15ull);
    key[i] = static_cast<std::uint8_t>(seed >> (8 * (i % 8)));
  }
  return key;
}

/// Who and which of its links a description is about; it stands in the `s=` line.
std::optional<std::pair<std::size_t, LinkId>> endpoint_of(const std::string& sdp) {
  const auto at = sdp.find("s=");
  const auto dot = sdp.find('.', at);
  if (at == std::string::npos || dot == std::string::npos) return std::nullopt;
  std::size_t peer = 0;
  LinkId link = 0;
  std::from_chars(sdp.data() + at + 2, sdp.data() + dot, peer);
  std::from_chars(sdp.data() + dot + 1, sdp.data() + sdp.size(), link);
  return std::pair(peer, link);
}

}  // namespace

Signature fake_sign(const PeerId& id, ByteView data) {
  Signature signature{};
  std::uint64_t state = digest(data, digest(id.view(), 1));
  for (std::uint8_t& byte : signature) {
    state = mix(state + 1);
    byte = static_cast<std::uint8_t>(state);
  }
  return signature;
}

bool fake_verify(const Key& key, ByteView data, const Signature& signature) {
  return fake_sign(PeerId{key}, data) == signature;
}

Bytes fake_seal(const Key& key, ByteView info, ByteView aad, ByteView plain) {
  const std::uint64_t tag = digest(plain, digest(aad, digest(info, digest(key, 2))));
  Writer out;
  out.u64(tag);
  std::uint64_t state = tag ^ digest(key, 3);
  for (const std::uint8_t byte : plain) {
    state = mix(state + 1);
    out.u8(static_cast<std::uint8_t>(byte ^ state));
  }
  return out.take();
}

std::optional<Bytes> fake_open(const Key& key, ByteView info, ByteView aad, ByteView sealed) {
  Reader in(sealed);
  const std::uint64_t tag = in.u64();
  if (!in.ok()) return std::nullopt;
  Bytes plain;
  std::uint64_t state = tag ^ digest(key, 3);
  for (const std::uint8_t byte : in.rest()) {
    state = mix(state + 1);
    plain.push_back(static_cast<std::uint8_t>(byte ^ state));
  }
  if (digest(plain, digest(aad, digest(info, digest(key, 2)))) != tag) return std::nullopt;
  return plain;
}

std::string make_sdp(std::size_t peer, LinkId link, std::uint8_t fingerprint) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string line = "a=fingerprint:sha-256 ";
  for (int i = 0; i < 32; ++i) {
    if (i != 0) line += ':';
    line += hex[fingerprint >> 4];
    line += hex[fingerprint & 15];
  }
  return "v=0\r\ns=" + std::to_string(peer) + "." + std::to_string(link) + "\r\n" + line + "\r\n";
}

Network::Network(const Options& options) : options_(options), random_(options.seed) {}
Network::~Network() = default;

// ---- People -------------------------------------------------------------------------------------

Network::Index Network::add(const std::string& name, const std::function<void(Config&)>& change) {
  Config config;
  random_ = mix(random_ + 0x9e3779b97f4a7c15ull);
  config.id = PeerId{key_from(random_)};
  config.sealing_key = key_from(random_ ^ 1);
  config.seed = key_from(random_ ^ 2);
  config.name = name;
  config.network = "test";
  config.ask_links = options_.ask_links;
  config.peers_max = options_.peers_max;
  if (change) change(config);
  return start(config);
}

Network::Index Network::restart(Index index) {
  Config config = hosts_[index]->config;
  random_ = mix(random_ + 0x9e3779b97f4a7c15ull);
  config.seed = key_from(random_);
  return start(config);
}

Network::Index Network::start(const Config& config) {
  auto host = std::make_unique<Host>();
  host->config = config;
  host->node = Node::create(config, now_);
  hosts_.push_back(std::move(host));
  const Index index = hosts_.size() - 1;
  drain(index);
  if (server_up_)
    deliver(index, server_latency_ms, [](Node& n, TimeMs now) { n.contact_opened(now); });
  return index;
}

std::vector<Network::Index> Network::add_many(std::size_t count, TimeMs apart_ms) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(add("peer " + std::to_string(hosts_.size())));
    run_for(apart_ms);
  }
  return out;
}

std::string Network::label(Index index) const {
  const std::string& name = hosts_[index]->config.name;
  return name.empty() ? "#" + std::to_string(index) : name;
}

void Network::inject(Index from, Index to, Bytes data, Channel channel) {
  for (const auto& [id, endpoint] : hosts_[from]->endpoints) {
    if (!endpoint.open || !endpoint.other || endpoint.other->first != to) continue;
    return carry(from, to, endpoint.other->second, channel, std::move(data));
  }
}

void Network::feed(Index index, const std::function<void(Node&, TimeMs)>& input) {
  Host& host = *hosts_[index];
  if (!host.alive) return;
  input(*host.node, now_);
  drain(index);
}

void Network::leave(Index index) {
  feed(index, [](Node& n, TimeMs now) { n.leave(now); });
  hosts_[index]->alive = false;
  hosts_[index]->ready = false;
}

void Network::crash(Index index) {
  hosts_[index]->alive = false;
  hosts_[index]->ready = false;
}

void Network::sleep(Index index, TimeMs for_ms) {
  hosts_[index]->asleep_until = now_ + for_ms;
  later(for_ms, [this, index] { feed(index, [](Node& n, TimeMs now) { n.tick(now); }); });
}

// ---- Time ---------------------------------------------------------------------------------------

void Network::later(TimeMs delay_ms, std::function<void()> run) {
  queue_.push({now_ + delay_ms, ++sequence_, std::move(run)});
}

void Network::deliver(Index index, TimeMs delay_ms, std::function<void(Node&, TimeMs)> input) {
  later(delay_ms, [this, index, input = std::move(input)] {
    Host& host = *hosts_[index];
    // What reaches a sleeper waits in its system's buffers.
    if (host.asleep_until > now_) return deliver(index, host.asleep_until - now_, input);
    feed(index, input);
  });
}

void Network::run_for(TimeMs duration_ms) {
  const TimeMs end = now_ + duration_ms;
  while (!queue_.empty() && queue_.top().at <= end) {
    const Event event = queue_.top();
    queue_.pop();
    now_ = event.at;
    event.run();
  }
  now_ = end;
}

bool Network::run_until(const std::function<bool()>& holds, TimeMs limit_ms) {
  const TimeMs end = now_ + limit_ms;
  while (!holds()) {
    if (queue_.empty() || queue_.top().at > end) {
      now_ = end;
      return holds();
    }
    run_for(queue_.top().at - now_);
  }
  return true;
}

void Network::arm(Index index) {
  Host& host = *hosts_[index];
  const TimeMs due = host.node->next_timeout();
  if (due == host.timer || due == never) {
    host.timer = due;
    return;
  }
  host.timer = due;
  later(due > now_ ? due - now_ : 0, [this, index, due] {
    Host& h = *hosts_[index];
    if (!h.alive || h.timer != due || h.asleep_until > now_) return;
    h.timer = never;
    feed(index, [](Node& n, TimeMs now) { n.tick(now); });
  });
}

// ---- Outputs ------------------------------------------------------------------------------------

void Network::drain(Index index) {
  Host& host = *hosts_[index];
  while (auto output = host.node->poll()) carry_out(index, std::move(*output));
  arm(index);
}

void Network::note(const std::string& from, const std::string& to, const std::string& what) {
  if (!tracing) return;
  const std::string time = std::to_string(now_ - start_);
  const std::string who = to.empty() ? from : from + " > " + to;
  trace.push_back(std::string(time.size() < 6 ? 6 - time.size() : 0, ' ') + time + "  " + who +
                  std::string(who.size() < 16 ? 16 - who.size() : 0, ' ') + "  " + what);
}

Glossary Network::glossary() const {
  Glossary out;
  out.start = start_;
  for (Index index = 0; index < hosts_.size(); ++index)
    out.names[id(index).position()] = label(index);
  out.unseal = [this](const Envelope& envelope) -> std::optional<Bytes> {
    for (const auto& host : hosts_) {
      if (host->config.id != envelope.to) continue;
      return fake_open(host->config.sealing_key, signal_info(host->config.network),
                       signal_aad(envelope.from, envelope.to), envelope.sealed);
    }
    return std::nullopt;
  };
  return out;
}

void Network::carry_out(Index index, Output output) {
  Host& host = *hosts_[index];
  const auto crypto = [&] { return crypto_time ? crypto_time(index) : options_.crypto_ms; };
  if (const auto* o = std::get_if<OpenConnection>(&output)) return make_description(index, o->link);
  if (const auto* o = std::get_if<AcceptOffer>(&output)) {
    host.endpoints[o->link].remote_sdp = o->sdp;
    return make_description(index, o->link);
  }
  if (const auto* o = std::get_if<ApplyAnswer>(&output)) {
    host.endpoints[o->link].remote_sdp = o->sdp;
    return try_open(index, o->link);
  }
  if (const auto* o = std::get_if<AddCandidate>(&output)) {
    ++host.endpoints[o->link].candidates;
    return try_open(index, o->link);
  }
  if (const auto* o = std::get_if<CloseConnection>(&output)) return carry_out_close(index, o->link);
  if (const auto* o = std::get_if<Send>(&output)) return carry_out_send(index, *o);
  if (const auto* o = std::get_if<ContactSend>(&output)) return carry_out_contact(index, *o);
  if (const auto* o = std::get_if<Sign>(&output)) {
    const Signature signature = fake_sign(host.config.id, o->data);
    return deliver(index, crypto(), [job = o->job, signature](Node& n, TimeMs now) {
      n.signed_(now, job, signature);
    });
  }
  if (const auto* o = std::get_if<Verify>(&output)) {
    const bool ok = fake_verify(o->key, o->data, o->signature);
    return deliver(index, crypto(),
                   [job = o->job, ok](Node& n, TimeMs now) { n.verified(now, job, ok); });
  }
  if (const auto* o = std::get_if<Seal>(&output)) {
    const Bytes sealed = fake_seal(o->key, o->info, o->aad, o->data);
    return deliver(index, crypto(), [job = o->job, sealed](Node& n, TimeMs now) {
      n.sealed(now, job, true, sealed);
    });
  }
  if (const auto* o = std::get_if<Open>(&output)) {
    const auto plain = fake_open(host.config.sealing_key, o->info, o->aad, o->data);
    return deliver(index, crypto(), [job = o->job, plain](Node& n, TimeMs now) {
      n.opened(now, job, plain.has_value(), plain ? ByteView(*plain) : ByteView{});
    });
  }
  if (tracing) note(label(index), "", "* " + describe(output, glossary()));
  if (const auto* o = std::get_if<Asked>(&output)) {
    if (const auto accept = on_asked ? on_asked(index, *o) : true) {
      deliver(index, 1, [request = o->request, accept](Node& n, TimeMs now) {
        n.answer(now, request, *accept);
      });
    }
  }
  host.events.push_back(std::move(output));
}

void Network::make_description(Index index, LinkId link) {
  ++hosts_[index]->connections_made;
  Endpoint& endpoint = hosts_[index]->endpoints[link];
  endpoint.local_sdp = make_sdp(index, link, static_cast<std::uint8_t>(index * 7 + link));
  deliver(index, 1, [sdp = endpoint.local_sdp, link](Node& n, TimeMs now) {
    n.local_description(now, link, sdp);
  });
  deliver(index, 3, [link](Node& n, TimeMs now) {
    n.local_candidate(now, link, "{\"candidate\":\"host\"}");
  });
}

/// A connection opens when both ends hold the other's description and a candidate.
void Network::try_open(Index index, LinkId link) {
  const auto ready = [this](Index at, LinkId id) -> Endpoint* {
    const auto found = hosts_[at]->endpoints.find(id);
    if (found == hosts_[at]->endpoints.end()) return nullptr;
    Endpoint& endpoint = found->second;
    return !endpoint.remote_sdp.empty() && endpoint.candidates > 0 ? &endpoint : nullptr;
  };
  Endpoint* mine = ready(index, link);
  if (!mine || mine->opening) return;
  const auto remote = endpoint_of(mine->remote_sdp);
  if (!remote || remote->first >= hosts_.size()) return;
  Endpoint* theirs = ready(remote->first, remote->second);
  if (!theirs || theirs->opening || endpoint_of(theirs->remote_sdp) != std::pair(index, link))
    return;
  if (may_connect && !may_connect(index, remote->first)) return;
  mine->opening = theirs->opening = true;
  mine->other = remote;
  theirs->other = std::pair(index, link);
  for (const auto& [at, id] : {std::pair(index, link), *remote}) {
    later(options_.setup_ms, [this, at = at, id = id] {
      const auto found = hosts_[at]->endpoints.find(id);
      if (found == hosts_[at]->endpoints.end()) return;
      found->second.open = true;
      feed(at, [id](Node& n, TimeMs now) { n.link_opened(now, id); });
    });
  }
}

void Network::carry_out_send(Index index, const Send& send) {
  const auto found = hosts_[index]->endpoints.find(send.link);
  if (found == hosts_[index]->endpoints.end() || !found->second.other) return;
  const auto [to, link] = *found->second.other;
  Bytes data = send.data;
  if (tamper_frame && !tamper_frame(index, to, send.channel, data)) return;
  carry(index, to, link, send.channel, std::move(data));
}

void Network::carry(Index from, Index to, LinkId link, Channel channel, Bytes data) {
  ++frames_carried;
  bytes_carried += data.size();
  if (tracing) note(label(from), label(to), describe(channel, data, glossary()));
  deliver(to, options_.latency_ms,
          [this, to, link, channel, data = std::move(data)](Node& n, TimeMs now) {
            if (!hosts_[to]->endpoints.contains(link)) return;
            n.link_received(now, link, channel, data);
          });
}

void Network::carry_out_close(Index index, LinkId link) {
  const auto node = hosts_[index]->endpoints.extract(link);
  if (!node || !node.mapped().other) return;
  const auto [to, id] = *node.mapped().other;
  // The transport tells the other end a little later than the goodbye does.
  deliver(to, options_.latency_ms + 50, [id = id](Node& n, TimeMs now) { n.link_closed(now, id); });
}

// ---- First contact ------------------------------------------------------------------------------

void Network::notify_server() {
  for (Index index = 0; index < hosts_.size(); ++index) {
    hosts_[index]->ready = false;
    const bool up = server_up_;
    const TimeMs late_ms = up && back_after_ms ? back_after_ms(index) : 0;
    deliver(index, server_latency_ms + late_ms,
            [up](Node& n, TimeMs now) { up ? n.contact_opened(now) : n.contact_closed(now); });
  }
  tickets_.clear();
}

std::optional<Network::Index> Network::nominate(Index asker,
                                                const std::vector<Index>& passed_over) {
  std::vector<Index> able;
  for (Index index = 0; index < hosts_.size(); ++index) {
    const bool passed =
        std::find(passed_over.begin(), passed_over.end(), index) != passed_over.end();
    if (index != asker && !passed && hosts_[index]->ready && hosts_[index]->alive)
      able.push_back(index);
  }
  if (able.empty()) return std::nullopt;
  random_ = mix(random_ + 0x9e3779b97f4a7c15ull);
  return able[random_ % able.size()];
}

/// Hands the nominee of this ticket what has come of the offer.
void Network::ask(RequestId number) {
  const Ticket& ticket = tickets_.at(number);
  if (on_nominated) on_nominated(ticket.asker, ticket.nominee, ticket.offer);
  deliver(ticket.nominee, 2 * server_latency_ms,
          [number, offer = ticket.offer](Node& n, TimeMs now) {
            n.contact_request(now, number, offer);
          });
  for (const std::string& candidate : ticket.candidates) {
    deliver(ticket.nominee, 2 * server_latency_ms, [number, candidate](Node& n, TimeMs now) {
      n.contact_request_candidate(now, number, candidate);
    });
  }
}

/// The next one is asked, under another ticket; whoever was refused by so many has failed.
void Network::refused(RequestId number) {
  Ticket ticket = std::move(tickets_.extract(number).mapped());
  ticket.refused_by.push_back(ticket.nominee);
  const auto next = nominate(ticket.asker, ticket.refused_by);
  if (!next || ticket.refused_by.size() >= refusals_max) {
    return deliver(
        ticket.asker, 2 * server_latency_ms,
        [request = ticket.request](Node& n, TimeMs now) { n.contact_failed(now, request); });
  }
  ticket.nominee = *next;
  tickets_[++last_ticket_] = std::move(ticket);
  ask(last_ticket_);
}

void Network::carry_out_contact(Index index, const ContactSend& send) {
  if (!server_up_) return;
  using Kind = ContactSend::Kind;
  std::string text = send.text;
  if (tamper_contact && (send.kind == Kind::offer || send.kind == Kind::answer))
    tamper_contact(text);
  const RequestId number = send.request;
  if (tracing) note(label(index), "server", describe(send.kind));
  const auto ticket_of = [&]() {
    return std::find_if(tickets_.begin(), tickets_.end(), [&](const auto& entry) {
      return entry.second.asker == index && entry.second.request == number;
    });
  };
  const TimeMs delay = 2 * server_latency_ms;
  switch (send.kind) {
    case Kind::ready:
      hosts_[index]->ready = true;
      return;
    case Kind::offer: {
      const auto nominee = nominate(index, {});
      if (!nominee) {
        hosts_[index]->ready = true;
        return deliver(index, delay,
                       [number](Node& n, TimeMs now) { n.contact_unresolved(now, number); });
      }
      tickets_[++last_ticket_] = {index, number, *nominee, text, {}, {}};
      return ask(last_ticket_);
    }
    case Kind::offer_candidate:
      if (const auto found = ticket_of(); found != tickets_.end()) {
        found->second.candidates.push_back(text);
        deliver(found->second.nominee, delay, [ticket = found->first, text](Node& n, TimeMs now) {
          n.contact_request_candidate(now, ticket, text);
        });
      }
      return;
    case Kind::refuse:
      if (tickets_.contains(number)) refused(number);
      return;
    case Kind::answer:
    case Kind::answer_candidate: {
      const auto found = tickets_.find(number);
      if (found == tickets_.end()) return;
      const RequestId request = found->second.request;
      return deliver(found->second.asker, delay,
                     [kind = send.kind, request, text](Node& n, TimeMs now) {
                       if (kind == Kind::answer)
                         n.contact_answer(now, request, text);
                       else
                         n.contact_answer_candidate(now, request, text);
                     });
    }
    case Kind::report:
    case Kind::done:
      if (const auto found = ticket_of(); found != tickets_.end()) tickets_.erase(found);
      return;
  }
}

// ---- What was seen ------------------------------------------------------------------------------

void Network::forget_seen() {
  for (const auto& host : hosts_) host->events.clear();
}

bool Network::everybody_sees_everybody() const {
  std::set<PeerId> living;
  for (const auto& host : hosts_) {
    if (host->alive) living.insert(host->config.id);
  }
  return std::all_of(hosts_.begin(), hosts_.end(), [&](const auto& host) {
    if (!host->alive) return true;
    const auto peers = host->node->peers();
    return std::set<PeerId>(peers.begin(), peers.end()) == living;
  });
}

bool Network::maps_agree() const {
  if (!everybody_sees_everybody()) return false;
  const Host* first = nullptr;
  for (const auto& host : hosts_) {
    if (!host->alive) continue;
    if (!first) first = host.get();
    if (host->node->edges() != first->node->edges()) return false;
  }
  return true;
}

bool Network::ring_is_closed(const std::vector<Index>& living) const {
  std::vector<Position> ring;
  for (const Index peer : living) ring.push_back(id(peer).position());
  std::sort(ring.begin(), ring.end());
  return std::all_of(living.begin(), living.end(), [&](Index peer) {
    std::set<Position> links;
    for (const PeerId& other : hosts_[peer]->node->links()) links.insert(other.position());
    const auto neighbours = ring_neighbours(ring, id(peer).position());
    return std::all_of(neighbours.begin(), neighbours.end(),
                       [&](Position neighbour) { return links.contains(neighbour); });
  });
}

std::uint64_t Network::counter(Index index, const std::string& name) const {
  for (const auto& [key, value] : hosts_[index]->node->counters()) {
    if (key == name) return value;
  }
  return 0;
}

std::uint64_t Network::rejected(Index index, Error reason) const {
  return counter(index, std::string("rejected: ") + error_text(reason));
}

}  // namespace membrane::test
