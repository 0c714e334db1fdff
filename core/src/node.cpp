#include "membrane/node.h"

#include <algorithm>

#include "bootstrap.h"
#include "broadcast.h"
#include "connector.h"
#include "context.h"
#include "envelope.h"
#include "keeper.h"
#include "links.h"
#include "list.h"
#include "map.h"
#include "membrane/limits.h"
#include "reconcile.h"
#include "relay.h"
#include "router.h"
#include "seek.h"
#include "session.h"
#include "states.h"
#include "topics.h"
#include "wire.h"
#include "wishes.h"

namespace membrane {
namespace {

/// What a burst of outputs needed is given back; room for so many stays.
constexpr std::size_t outputs_room_max = 32;

}  // namespace

/// The parts of a node and how they are joined: nothing else happens here.
struct Node::Parts {
  Parts(const Config& config, TimeMs now);

  Context context;
  TimeMs due = never;      ///< as next_timeout() said last
  std::size_t polled = 0;  ///< outputs that the host has taken since it last took them all
  Links links{context};
  Map map{context};
  Topics topics{context, map};
  States states{context, map};
  Broadcast broadcast{context, links, map, topics, states};
  Reconcile reconcile{context, links, map, broadcast};
  Router router{context, links, map};
  Seeker seeker{context, links, map, router, broadcast};
  Envelopes envelopes{context, links, router};
  Connector connector{context, links, map, envelopes};
  Relay relay{context, links, map, envelopes};
  Sessions sessions{context, links, relay};
  Wishes wishes{context, links, map, seeker, connector, sessions, relay};
  Keeper keeper{context, links, map, connector};
  Bootstrap bootstrap{context, links, map, connector};

  void advance(TimeMs now);
  void probe_all();
  void tick();
  TimeMs next_timeout() const;
  void link_up(Link& link);
  void link_down(const Link& link, Error reason);
  void receive(Link& link, Message&& message);
  void send_floors(const Link& link);
};

Node::Parts::Parts(const Config& config, TimeMs now) : context(config, now) {
  links.hooks = {
      .up = [this](Link& link) { link_up(link); },
      .down = [this](const Link& link, Error reason) { link_down(link, reason); },
      .abandoned = [this](const Link& link,
                          Error reason) { connector.link_abandoned(link, reason); },
      .message = [this](Link& link, Message&& message) { receive(link, std::move(message)); },
      .application = [this](
                         Link& link,
                         ByteView data) { sessions.receive_application(*link.peer, data, false); },
      .fresh = [this] { return bootstrap.fresh(); },
      .capabilities = [this] { return map.capabilities(); },
      .suspected =
          [this](const Link& link) {
            broadcast.link_failed(link.id);
            reconcile.expect_losses();
          },
  };
  map.hooks = {
      .overtaken = [this](std::uint64_t sequence) { keeper.overtaken(sequence); },
      .changed =
          [this] {
            keeper.map_changed();
            broadcast.map_changed();
            bootstrap.map_changed();
            relay.map_changed();
          },
      .scope_changed =
          [this] {
            if (map.is_whole()) {
              for (const auto& [position, id] : links.up()) reconcile.compare(*links.find(id));
            }
            keeper.scope_changed();
          },
  };
  topics.hooks = {
      .spread = [this](const Statement& statement,
                       ByteView encoded) { broadcast.spread(statement, encoded); },
      .record_is_out = [this] { return keeper.record_is_out() || links.up().empty(); },
  };
  states.hooks.spread = [this](const Statement& statement, ByteView encoded) {
    broadcast.spread(statement, encoded);
  };
  broadcast.hooks = {
      .accepted =
          [this](Store kind, const Item& item, bool pulled) {
            if (kind == Store::records) {
              seeker.record_accepted();
              keeper.record_came(item.origin);
            }
            // Without a whole map records are told to us alone: there is nothing to make up for.
            if (kind == Store::records && !map.is_whole()) return;
            pulled ? reconcile.pulled(kind, item) : reconcile.came();
          },
  };
  envelopes.hooks = {
      .signal =
          [this](const PeerId& from, Signal&& signal, std::uint64_t trail) {
            if (signal.kind == Signal::Kind::relay)
              relay.receive(from, std::move(signal), trail);
            else
              connector.receive(from, std::move(signal), trail);
          },
      .failed =
          [this](const PeerId& target, std::uint64_t trail) {
            connector.envelope_failed(target, trail);
            relay.envelope_failed(target, trail);
          },
  };
  connector.hooks = {
      .failed =
          [this](const PeerId& peer, bool application, Error reason) {
            keeper.attempt_failed(peer);
            wishes.attempt_failed(peer, application, reason);
          },
      .late = [this](const PeerId& peer, const Key& key) { wishes.attempt_late(peer, key); },
      .agreed = [this](const PeerId& peer) { sessions.expect(peer); },
      .offer_failed = [this](const PeerId& peer) { wishes.offer_failed(peer); },
      .has_room = [this](const PeerId& peer,
                         bool application) { return keeper.has_room(peer, application); },
      .seek_member =
          [this](Position place, Callback<void(bool)> done) {
            if (seeker.size() >= limits::seeks_max) return done(true);  // no time for strangers
            seeker.find(place, [done = std::move(done)](Error error, unsigned) {
              done(error == Error::none);
            });
          },
      .contact_failed = [this](LinkId link,
                               bool answered) { bootstrap.attempt_failed(link, answered); },
  };
  relay.hooks = {
      .message = [this](const PeerId& from,
                        Message&& message) { sessions.receive(from, message, true); },
      .application = [this](const PeerId& from,
                            ByteView data) { sessions.receive_application(from, data, true); },
      .closed = [this](const PeerId& peer, Error reason) { sessions.way_down(peer, reason); },
  };
  sessions.hooks = {
      .refused =
          [this](const PeerId& peer, Error reason) {
            context.emit(ConnectFailed{peer, true, reason});
          },
  };
  keeper.hooks = {
      .spread =
          [this](const Statement& statement, ByteView encoded) {
            if (map.is_whole())
              broadcast.spread(statement, encoded);
            else
              broadcast.tell_neighbours(encoded);
          },
      .published =
          [this] {
            reconcile.came();
            if (keeper.record_is_out()) topics.flush();
          },
      .explore =
          [this](Position place) {
            const Error error =
                seeker.explore(place, [this, place](Error, unsigned) { keeper.explored(place); });
            if (error != Error::none) keeper.explored(place);
          },
  };
}

// ---- Time ---------------------------------------------------------------------------------------

void Node::Parts::advance(TimeMs now) {
  if (now <= context.now) return;
  context.now = now;
  // Nobody fed us for so long: the machine slept. The links may well be alive; only asking tells.
  if (due != never && now > due + limits::sleep_ms) probe_all();
}

void Node::Parts::probe_all() {
  links.probe_all();
  relay.probe_all();
}

void Node::Parts::tick() {
  links.tick();
  map.tick();
  topics.tick();
  states.tick();
  broadcast.tick();
  reconcile.tick();
  seeker.tick();
  connector.tick();
  relay.tick();
  sessions.tick();
  keeper.tick();
  bootstrap.tick();
}

TimeMs Node::Parts::next_timeout() const {
  return std::min({links.next_timeout(), map.next_timeout(), topics.next_timeout(),
                   states.next_timeout(), broadcast.next_timeout(), reconcile.next_timeout(),
                   seeker.next_timeout(), connector.next_timeout(), relay.next_timeout(),
                   sessions.next_timeout(), keeper.next_timeout(), bootstrap.next_timeout()});
}

// ---- Links --------------------------------------------------------------------------------------

void Node::Parts::link_up(Link& link) {
  const LinkId id = link.id;
  const bool peer_is_fresh = link.handshake->peer_is_fresh();
  const bool we_are_fresh = bootstrap.fresh();
  const bool is_known = map.contains(*link.peer);
  link.is_first = we_are_fresh;
  if (we_are_fresh) map.adopt_scope(!link.handshake->peer_can(knows_neighbours_only));
  context.emit(LinkUp{*link.peer, id});
  connector.link_up(link);
  if (!links.find(id)) return;  // nobody could be asked about it
  bootstrap.links_changed();
  keeper.links_changed(peer_is_fresh);
  sessions.link_up(link);
  wishes.link_up(link);
  if (peer_is_fresh) {
    send_floors(link);
    reconcile.greet(link);
  } else if (!we_are_fresh && !is_known) {
    reconcile.compare(link);  // of another network, or cut off for some time
  }
  if (we_are_fresh) reconcile.expect_losses();
  if (!map.is_whole() && !peer_is_fresh) reconcile.push_own_record(link);
}

void Node::Parts::link_down(const Link& link, Error reason) {
  sessions.link_down(*link.peer, reason);
  context.emit(LinkDown{*link.peer, reason});
  // On one that was trimmed nobody counts any more.
  const bool was_lost = reason != Error::trimmed;
  keeper.links_changed(was_lost);
  if (was_lost) reconcile.expect_losses();
  bootstrap.links_changed();
  broadcast.link_failed(link.id);
}

void Node::Parts::send_floors(const Link& link) {
  const std::vector<Item> all = topics.floors();
  for (std::size_t from = 0; from < all.size(); from += want_items_max) {
    const std::size_t to = std::min(all.size(), from + want_items_max);
    links.send(link, Floors{{all.begin() + static_cast<std::ptrdiff_t>(from),
                             all.begin() + static_cast<std::ptrdiff_t>(to)}});
  }
}

void Node::Parts::receive(Link& link, Message&& message) {
  std::visit(
      [&](auto& m) {
        using T = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<T, Spread> || std::is_same_v<T, SpreadAck> ||
                      std::is_same_v<T, Push>) {
          broadcast.receive(link, m);
        } else if constexpr (std::is_same_v<T, Summary> || std::is_same_v<T, Have> ||
                             std::is_same_v<T, Want>) {
          reconcile.receive(link, m);
        } else if constexpr (std::is_same_v<T, Floors>) {
          if (link.greets_us(context.now))
            topics.raise_floors(m.items);
          else
            context.reject(Error::not_ready);
        } else if constexpr (std::is_same_v<T, Envelope>) {
          envelopes.receive(link, std::move(m));
        } else if constexpr (std::is_same_v<T, Seek> || std::is_same_v<T, SeekAnswer>) {
          seeker.receive(link, std::move(m));
        } else if constexpr (std::is_same_v<T, SessionAsk> || std::is_same_v<T, SessionAccept> ||
                             std::is_same_v<T, SessionRefuse> || std::is_same_v<T, SessionEnd>) {
          sessions.receive(*link.peer, message, false);
        } else {
          context.reject(Error::malformed);  // Hello, Proof, Goodbye, Ping, Pong end in Links
        }
      },
      message);
}

// ---- The public face ----------------------------------------------------------------------------

std::unique_ptr<Node> Node::create(const Config& config, TimeMs now) {
  const bool fits = config.peers_max >= 32 && config.peers_max <= limits::peers_max &&
                    config.name.size() <= limits::name_size_max &&
                    config.network.size() <= limits::network_size_max &&
                    is_utf8(bytes_of(config.name)) && is_utf8(bytes_of(config.network));
  if (!fits) return nullptr;
  return std::unique_ptr<Node>(new Node(std::make_unique<Parts>(config, now)));
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) { parts_->map.refresh(); }
Node::~Node() = default;

std::optional<Output> Node::poll() {
  auto& outputs = parts_->context.outputs;
  if (parts_->polled == outputs.size()) {
    outputs.clear();
    give_back(outputs, outputs_room_max);
    parts_->polled = 0;
    return std::nullopt;
  }
  return std::move(outputs[parts_->polled++]);
}

TimeMs Node::next_timeout() const {
  parts_->due = state() == State::left ? never : parts_->next_timeout();
  return parts_->due;
}

/// One input: the time is set before it, the map is brought up to date after it.
class Node::Turn {
 public:
  Turn(Node& node, TimeMs now) : parts_(*node.parts_) { parts_.advance(now); }
  ~Turn() { parts_.map.refresh(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Parts* operator->() { return &parts_; }
  bool has_left() const { return parts_.bootstrap.state() == State::left; }

 private:
  Parts& parts_;
};

void Node::contact_opened(TimeMs now) { Turn(*this, now)->bootstrap.contact_opened(); }
void Node::contact_closed(TimeMs now) { Turn(*this, now)->bootstrap.contact_closed(); }
void Node::contact_request(TimeMs now, RequestId ticket, std::string_view sdp) {
  Turn turn(*this, now);
  if (!turn.has_left()) turn->connector.contact_request(ticket, sdp);
}
void Node::contact_request_candidate(TimeMs now, RequestId ticket, std::string_view candidate) {
  Turn(*this, now)->connector.contact_request_candidate(ticket, candidate);
}
void Node::contact_answer(TimeMs now, RequestId request, std::string_view sdp) {
  Turn turn(*this, now);
  if (turn->connector.contact_answer(request, sdp)) turn->bootstrap.answered();
}
void Node::contact_answer_candidate(TimeMs now, RequestId request, std::string_view candidate) {
  Turn(*this, now)->connector.contact_answer_candidate(request, candidate);
}
void Node::contact_unresolved(TimeMs now, RequestId request) {
  Turn(*this, now)->bootstrap.unresolved(request);
}
void Node::contact_failed(TimeMs now, RequestId request) {
  Turn(*this, now)->bootstrap.failed(request);
}

void Node::local_description(TimeMs now, LinkId link, std::string_view sdp) {
  Turn(*this, now)->connector.local_description(link, sdp);
}
void Node::local_candidate(TimeMs now, LinkId link, std::string_view candidate) {
  Turn(*this, now)->connector.local_candidate(link, candidate);
}
void Node::link_opened(TimeMs now, LinkId link) { Turn(*this, now)->links.opened(link); }
void Node::link_received(TimeMs now, LinkId link, Channel channel, ByteView data) {
  Turn(*this, now)->links.received(link, channel, data);
}
void Node::link_closed(TimeMs now, LinkId link) { Turn(*this, now)->links.lost(link); }

Error Node::signed_(TimeMs now, JobId job, const Signature& signature) {
  return Turn(*this, now)->context.jobs.finish(Jobs::Kind::sign, job, true, signature);
}
Error Node::verified(TimeMs now, JobId job, bool ok) {
  return Turn(*this, now)->context.jobs.finish(Jobs::Kind::verify, job, ok, {});
}
Error Node::sealed(TimeMs now, JobId job, bool ok, ByteView data) {
  return Turn(*this, now)->context.jobs.finish(Jobs::Kind::seal, job, ok, data);
}
Error Node::opened(TimeMs now, JobId job, bool ok, ByteView data) {
  return Turn(*this, now)->context.jobs.finish(Jobs::Kind::open, job, ok, data);
}

Error Node::connect(TimeMs now, const PeerId& peer, bool session) {
  Turn turn(*this, now);
  return turn.has_left() ? Error::left : turn->wishes.connect(peer, session);
}
Error Node::find(TimeMs now, const PeerId& peer) {
  Turn turn(*this, now);
  if (turn.has_left()) return Error::left;
  Context& context = turn->context;
  return turn->seeker.find(peer, [&context, peer](Error error, unsigned hops) {
    if (error == Error::none)
      context.emit(Found{peer, hops});
    else
      context.emit(FindFailed{peer, error});
  });
}
Error Node::answer(TimeMs now, RequestId request, bool accept) {
  Turn turn(*this, now);
  const Error error = turn->connector.answer(request, accept);
  return error == Error::unknown_request ? turn->sessions.answer(request, accept) : error;
}
Error Node::close_session(TimeMs now, const PeerId& peer) {
  Turn turn(*this, now);
  turn->wishes.cancel_session(peer);
  return turn->sessions.close(peer, Error::closed);
}
Error Node::disconnect(TimeMs now, const PeerId& peer) {
  Turn turn(*this, now);
  const Link* link = turn->links.to(peer);
  const bool relayed = turn->relay.has(peer) && turn->sessions.is_open(peer);
  if (relayed) turn->sessions.close(peer, Error::closed);
  if (!link) return relayed ? Error::none : Error::unknown_peer;
  turn->links.close(link->id, Error::goodbye);
  return Error::none;
}
Error Node::publish(TimeMs now, std::string_view topic, ByteView payload) {
  Turn turn(*this, now);
  return turn.has_left() ? Error::left : turn->topics.publish(topic, payload);
}
Error Node::set_state(TimeMs now, std::string_view topic, std::string_view key, ByteView value,
                      std::uint64_t lifetime_s) {
  Turn turn(*this, now);
  return turn.has_left() ? Error::left : turn->states.set(topic, key, value, lifetime_s);
}
Error Node::session_write(TimeMs now, const PeerId& peer, std::uint64_t message, std::uint8_t flags,
                          std::uint64_t total, ByteView data) {
  return Turn(*this, now)->sessions.write(peer, message, flags, total, data);
}
Error Node::rename(TimeMs now, std::string_view name) {
  Turn turn(*this, now);
  if (name.size() > limits::name_size_max) return Error::oversized;
  if (!is_utf8(bytes_of(name))) return Error::invalid_argument;
  turn->context.config.name = name;
  turn->keeper.renamed();
  return Error::none;
}
void Node::leave(TimeMs now) {
  Turn turn(*this, now);
  turn->bootstrap.leave();
  turn->wishes.leave();
  turn->relay.leave();
  turn->links.close_all(Error::goodbye);
  turn->context.jobs.clear();
}
void Node::resume(TimeMs now) { Turn(*this, now)->probe_all(); }
void Node::tick(TimeMs now) {
  Turn turn(*this, now);
  if (!turn.has_left()) turn->tick();
}

State Node::state() const { return parts_->bootstrap.state(); }
const PeerId& Node::id() const { return parts_->context.config.id; }

std::size_t Node::network_size() const { return parts_->map.estimate(); }
bool Node::knows_everybody() const { return parts_->map.holds_everybody(); }

std::vector<PeerId> Node::peers() const {
  std::vector<PeerId> out;
  for (const Position position : parts_->map.ring()) out.push_back(*parts_->map.id_at(position));
  return out;
}
std::vector<std::pair<PeerId, PeerId>> Node::edges() const { return parts_->map.edges(); }

std::vector<PeerId> Node::links() const {
  std::vector<PeerId> out;
  for (const auto& [position, id] : parts_->links.up())
    out.push_back(*parts_->links.find(id)->peer);
  return out;
}

std::vector<StateValue> Node::states(std::string_view topic) const {
  return parts_->states.values(topic);
}

std::optional<PeerId> Node::next_hop(const PeerId& peer) const {
  const auto route = parts_->map.route(peer.position());
  const PeerId* id = route ? parts_->map.id_at(route->first) : nullptr;
  return id ? std::optional(*id) : std::nullopt;
}

std::vector<std::pair<std::string, std::uint64_t>> Node::counters() const {
  const Context& context = parts_->context;
  std::vector<std::pair<std::string, std::uint64_t>> out{
      {"sent messages", context.sent_messages},
      {"sent bytes", context.sent_bytes},
      {"peers", parts_->map.size()},
      {"links", parts_->links.up().size()},
      {"attempts", parts_->connector.size()},
      {"sessions", parts_->sessions.size()},
      {"relay streams", parts_->relay.size()},
      {"messages kept", parts_->topics.size()},
      {"states kept", parts_->states.size()},
      {"crypto jobs", context.jobs.size()},
      {"trails", parts_->router.size()},
      {"searches", parts_->seeker.size()},
      {"banned", parts_->links.conduct().banned()},
  };
  for (std::size_t i = 1; i < context.rejected.size(); ++i) {
    if (context.rejected[i] == 0) continue;
    out.emplace_back(std::string("rejected: ") + error_text(static_cast<Error>(i)),
                     context.rejected[i]);
  }
  return out;
}

std::vector<Node::Table> Node::tables() const {
  using namespace limits;
  const Parts& parts = *parts_;
  const std::size_t links_and_ring = links_max + application_links_max + 4;
  return {
      {"peers", parts.map.size(), peers_max},
      {"links", parts.links.up().size(), links_and_ring},
      {"attempts", parts.connector.size(), incoming_attempts_max + ring_attempts_max + wishes_max},
      {"sessions", parts.sessions.size(), links_and_ring + relay_streams_max},
      {"relay streams", parts.relay.size(), relay_streams_max},
      {"messages kept", parts.topics.size(), seen_messages_max},
      {"messages waiting", parts.topics.waiting(), messages_burst},
      {"arcs watched", parts.broadcast.pending(), pending_arcs_max * links_max},
      {"crypto jobs", parts.context.jobs.size(), jobs_max},
  };
}

void Node::prefetch() const {
  constexpr std::size_t line = 64;
  const char* const parts = reinterpret_cast<const char*>(parts_.get());
  for (std::size_t at = 0; at < sizeof(Parts); at += line) __builtin_prefetch(parts + at);
}

}  // namespace membrane
