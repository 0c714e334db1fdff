#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the protocol in one place, each with its reason and with what happens when it is
/// reached. Times are milliseconds, sizes are bytes. "Measured", "derived" or "guess" says where a
/// number comes from.
namespace membrane::limits {

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

// ---- Bytes on a link ----------------------------------------------------------------------------

/// The largest data channel message that every browser takes whole (measured elsewhere: 16 KiB).
/// Longer control messages travel as fragments.
inline constexpr std::size_t frame_size_max = 16 * kibibyte;
/// A control message put together from fragments. Derived: a topic message of the largest size with
/// its signature and headers, twice over. Longer ones are dropped and the link is closed as
/// malformed.
inline constexpr std::size_t control_message_size_max = 128 * kibibyte;
/// Payload of one topic message. Derived: small enough to pass through tens of links at once; files
/// belong into sessions. publish() refuses more as oversized.
inline constexpr std::size_t topic_payload_size_max = 64 * kibibyte;
inline constexpr std::size_t topic_name_size_max = 64;
/// Key and value of a state. Derived: everybody keeps it, and it fits into a frame. set_state()
/// refuses more.
inline constexpr std::size_t state_key_size_max = 64;
inline constexpr std::size_t state_value_size_max = 4 * kibibyte;
/// A display name, in bytes of UTF-8. rename() and records with more are refused.
inline constexpr std::size_t name_size_max = 64;
inline constexpr std::size_t network_size_max = 64;
/// A session description. Measured: data-only descriptions of today's browsers are below 2 KiB.
/// More is refused.
inline constexpr std::size_t sdp_size_max = 16 * kibibyte;
inline constexpr std::size_t candidate_size_max = 1024;
/// Candidates one side may send for one connection. Guess: hosts with many interfaces have some
/// tens. More are dropped.
inline constexpr std::size_t candidates_max = 64;
/// One piece of an application message: a frame less its header.
inline constexpr std::size_t session_piece_size_max = 16'000;
/// Application messages under way at once in one session and direction. A peer with more is broken:
/// its session ends.
inline constexpr std::size_t session_messages_max = 64;

// ---- Tables -------------------------------------------------------------------------------------

/// Peers whose records are kept: the whole-map regime ends here. A record of one more peer is
/// dropped and counted.
inline constexpr std::size_t peers_max = 4096;
/// Records kept beside those of the neighbours where there is no whole map: candidates for links,
/// and whom the application looked for. The one heard of longest ago goes first. A record takes
/// about a kilobyte.
inline constexpr std::size_t strangers_max = 24;
/// Messages passed on whose way is remembered, so that their answers find back. The oldest are
/// forgotten first: their answers are routed like questions. Measured: messages passed some peer
/// twice in two of thirty runs of the swarm with 256, in one of some three hundred with 512.
inline constexpr std::size_t trails_max = 1'024;
/// How long a trail is kept at least. Derived: longer than any answer is waited for.
inline constexpr std::uint64_t trail_kept_ms = 30'000;
/// Goals for which the first steps that were tried are remembered. The oldest goes first.
inline constexpr std::size_t tried_max = 32;
/// Searches under way at once. find() refuses more as busy.
inline constexpr std::size_t seeks_max = 64;
/// Links a record may name: the hard cap and the application's own.
inline constexpr std::size_t record_links_max = 96;
/// Ring and long links held at once; a request for one more is refused unless it is a ring
/// neighbour.
inline constexpr std::size_t links_max = 20;
/// Links of those that are not needed any more, at once: left out of our record, and closed when
/// everybody has heard it. Guess: as fast as a ring trims after a burst of joins.
inline constexpr std::size_t links_leaving_max = 4;
/// Links that the application asked for, on top. Derived: together far below the 500 connections of
/// a tab.
inline constexpr std::size_t application_links_max = 64;
/// Connections being negotiated at once that others asked for. More are refused as busy.
inline constexpr std::size_t incoming_attempts_max = 16;
/// Connections the ring asks for at once, so that a joiner does not open sixteen at the same time.
inline constexpr std::size_t ring_attempts_max = 4;
/// Crypto jobs the host may owe us. Derived: a whole map of records to verify, and room for as much
/// again.
inline constexpr std::size_t jobs_max = 8192;
/// Topic messages remembered as seen. Beyond it the oldest of the origin that has most are
/// forgotten, and its floor rises over them.
inline constexpr std::size_t seen_messages_max = 65536;
/// Bytes of messages kept for reconciliation. Beyond it the oldest of the origin that has most go.
inline constexpr std::size_t stored_message_bytes_max = 4 * mebibyte;
/// Origins whose floor is kept. Beyond it those who are not in the map and were not heard of for
/// longest go, with what they said.
inline constexpr std::size_t origins_max = 2 * peers_max;
/// Keys that one peer may have set at once, those taken back included until their lifetime is over.
/// set_state() refuses more as busy. Derived: one origin's names fit into one list of
/// reconciliation. Of others twice as many are kept, since they do not end everywhere at the same
/// moment; then the origin's oldest goes.
inline constexpr std::size_t state_keys_max = 32;
/// Bytes of states kept, each counted as so many more than its topic, key and value, so that this
/// bounds their number as well: 32,768. Derived: four small ones or two kibibytes for each of
/// peers_max. Beyond it the origin that holds most loses its oldest, and those who are not in the
/// map before those who are.
inline constexpr std::size_t state_bytes_max = 8 * mebibyte;
inline constexpr std::size_t state_entry_size = 256;
/// Arcs handed to a neighbour and not acknowledged yet, for each link on average. More are sent but
/// not watched.
inline constexpr std::size_t pending_arcs_max = 256;
/// Statements being verified, in kibibytes begun. One link may take twice what is free, so that
/// whoever floods leaves room for the others; derived: two thirds are a whole map for a newcomer.
/// More are dropped: reconciliation brings them back.
inline constexpr std::size_t verifying_kibibytes_max = peers_max + peers_max / 2;
/// Peers that failed to connect and are left alone for a while. The oldest entry is forgotten.
inline constexpr std::size_t backoffs_max = 256;
/// Peers whose faults are remembered. The one that would be forgiven first is forgotten.
inline constexpr std::size_t conduct_peers_max = 256;
/// Incoming requests that wait for the application's answer.
inline constexpr std::size_t asked_max = 64;
/// Connect commands that wait for their outcome. More are refused as busy.
inline constexpr std::size_t wishes_max = 64;
/// Relayed sessions at once, and those of them that others asked for. Derived: with two windows of
/// full frames each, 16 MiB. One more is refused as busy.
inline constexpr std::size_t relay_streams_max = 32;
inline constexpr std::size_t relay_streams_incoming_max = 24;
/// Frames of a relayed session that wait to be acknowledged, and frames that came before those in
/// front of them. One more has to wait for room; one further ahead is dropped and sent again.
inline constexpr std::size_t relay_window = 16;

// ---- Time ---------------------------------------------------------------------------------------

/// Silence after which a link is pinged, and after which it is given up. A channel that says open
/// proves nothing.
inline constexpr std::uint64_t ping_after_ms = 4'000;
/// So much earlier a link is pinged when another one is due: one wake-up serves both.
inline constexpr std::uint64_t ping_early_ms = 500;
inline constexpr std::uint64_t silence_max_ms = 14'000;
/// After a wake-up each link has this long to answer a probe. Guess: several round trips of a bad
/// network.
inline constexpr std::uint64_t probe_ms = 4'000;
/// An overdue deadline by which the core takes the host to have been asleep.
inline constexpr std::uint64_t sleep_ms = 10'000;
/// From the first step of a connection until its handshake is complete.
inline constexpr std::uint64_t connect_timeout_ms = 15'000;
/// From the answer to an offer until a session that waits for the link is asked for over relays.
/// Derived: ten round trips of a bad network, of which a connection takes five or six; a person
/// still waits.
inline constexpr std::uint64_t relay_after_ms = 4'000;
/// What was heard over relays is acknowledged after this time, if nothing is said before.
inline constexpr std::uint64_t relay_acknowledge_ms = 25;
/// What is not acknowledged is sent again after three round trips within these bounds, doubled each
/// time. RFC 6298 for the first.
inline constexpr std::uint64_t relay_resend_min_ms = 1'000;
inline constexpr std::uint64_t relay_resend_max_ms = 8'000;
/// What came to a dead end is sent again after this time. Guess: short beside a timeout, and long
/// enough for whoever pretends that it did not to gain nothing.
inline constexpr std::uint64_t relay_hurry_ms = 250;
/// Something is said in a relayed session at least this often; after this silence it ends. Derived:
/// a crashed peer on the route is noticed after silence_max_ms, and as much again is left.
inline constexpr std::uint64_t relay_keepalive_ms = 8'000;
inline constexpr std::uint64_t relay_silence_max_ms = 30'000;
/// How long the other side of a relayed session may be silent when it is gone from the map.
/// Derived: who lives says something meanwhile.
inline constexpr std::uint64_t relay_unmapped_ms = relay_keepalive_ms + 2'000;
/// Until an offer that was not answered is sent once more, over another way; then half as long
/// again each time.
inline constexpr std::uint64_t offer_resend_ms = 1'500;
/// How long an application may think about a request. Who asks with a new connection gives up after
/// connect_timeout_ms; over a link that exists the whole time is there.
inline constexpr std::uint64_t asked_timeout_ms = 60'000;
/// How long a question over a link is open where it is asked: who asks has given up by then and
/// knows that nobody answered, instead of hearing a refusal now and then.
inline constexpr std::uint64_t question_kept_ms = asked_timeout_ms + 5'000;
/// How long the end of a session waits for what was written before it. Derived: what a browser may
/// hold back of it, a mebibyte, at a megabit a second.
inline constexpr std::uint64_t session_end_ms = 10'000;
/// From link open to handshake complete.
inline constexpr std::uint64_t handshake_timeout_ms = 8'000;
/// Changes within this time share one record, a quarter of a millisecond for each peer within these
/// bounds. Derived: above the spacing of links that open together, and longer where a record
/// reaches more.
inline constexpr std::uint64_t record_coalesce_min_ms = 15;
inline constexpr std::uint64_t record_coalesce_max_ms = 500;
/// In a larger network what is no news about anybody, a further link to somebody who is known,
/// waits so long for each peer beyond the first number, at most the last, before it is told to
/// everybody. Measured: docs/decisions/0016.
inline constexpr std::uint64_t patience_from = 64;
inline constexpr std::uint64_t record_patience_per_peer_ms = 50;
inline constexpr std::uint64_t record_patience_max_ms = 20'000;
/// Records a peer may publish: a burst, then one in this time for each peer of the network, within
/// these bounds. So a small network settles at once and in a large one a burst of joins is no
/// storm. Measured: with 1 s for all, 16 tabs had whole maps 1,025 ms after the last join, so about
/// 300.
inline constexpr std::uint64_t record_interval_per_peer_ms = 10;
inline constexpr std::uint64_t record_interval_min_ms = 100;
inline constexpr std::uint64_t record_interval_max_ms = 2'000;
inline constexpr std::uint64_t record_burst = 4;
/// What a receiver tolerates of one origin before it drops its records: jitter bunches them.
inline constexpr std::uint64_t record_burst_tolerated = 12;
/// A record's lifetime from its receipt, and its longest; its owner renews it at half of that. A
/// record needs no wall clock: a ghost has no edge that a living peer would confirm.
inline constexpr std::uint64_t record_lifetime_s = 3'600;
/// How long an unreachable peer's record is kept in case its part of the network comes back.
inline constexpr std::uint64_t unreachable_kept_ms = 60'000;
/// How long topic messages are kept for those who missed them.
inline constexpr std::uint64_t message_kept_ms = 60'000;
/// Topic messages a peer may publish a second, and in a burst; receivers tolerate twice that from
/// one origin.
inline constexpr std::uint64_t messages_per_s = 50;
inline constexpr std::uint64_t messages_burst = 200;
/// States a peer may say a second, renewals included, and in a burst; receivers tolerate twice that
/// from one origin. Derived: four times what it takes to renew all keys of the shortest lifetime;
/// the burst sets them all four times.
inline constexpr std::uint64_t states_per_s = 10;
inline constexpr std::uint64_t states_burst = 128;
/// A state's lifetime from when it was said; its origin renews it at half of that. Shorter ones are
/// refused, longer ones of others count as the longest.
inline constexpr std::uint64_t state_lifetime_min_s = 30;
inline constexpr std::uint64_t state_lifetime_max_s = 86'400;
/// How far the clock of somebody who is not in the map may be from ours (docs/decisions/0012). More
/// is dropped as stale.
inline constexpr std::uint64_t stranger_slack_ms = 300'000;
/// Reconciliation with a ring neighbour: soon after a loss; while statements come, after so long
/// for each peer; seldom when nothing happens.
inline constexpr std::uint64_t reconcile_soon_ms = 2'000;
inline constexpr std::uint64_t reconcile_per_peer_ms = 30;
inline constexpr std::uint64_t reconcile_idle_ms = 15'000;
/// How long the application's picture of a map may be out of date, for each peer in it. Derived:
/// who shows 4,096 peers does not show them more than once a second.
inline constexpr std::size_t map_refresh_at_once_max = 64;
inline constexpr std::uint64_t map_refresh_per_peer_us = 500;
inline constexpr std::uint64_t map_refresh_max_ms = 1'000;
/// Without a whole map. Derived: the records of some sixteen neighbours that change at the same
/// time are one change of what is around us.
inline constexpr std::uint64_t map_refresh_around_ms = 100;
/// A question to a place on the ring is asked again after this time, a quarter longer each time,
/// over another way, at most so often in all: some 20 s. Measured: where one in five lies, 5 to 10
/// of 1,000 searches failed with six tries, 1 to 2 with eight.
inline constexpr std::uint64_t seek_patience_ms = 1'000;
inline constexpr std::size_t seek_tries = 8;
/// How long the first steps that were tried towards a goal are avoided.
inline constexpr std::uint64_t tried_ms = 15'000;
/// How long a statement may be on its way to everybody: not missing yet. Derived: the depth of a
/// broadcast among 100,000 peers, each step a tenth of a second.
inline constexpr std::uint64_t spreading_ms = 3'000;
/// How often the ring looks after its links, and how soon after a change of the map.
inline constexpr std::uint64_t ring_interval_ms = 1'000;
inline constexpr std::uint64_t ring_settle_ms = 30;
/// How often a peer without a whole map asks somebody far away who lives next to it; some by
/// chance.
inline constexpr std::uint64_t ring_check_ms = 30'000;
/// For how long a network that has grown is taken to be growing, and how often a peer that has half
/// of its links opens another meanwhile: others come and open the rest. Measured: when all were
/// opened at once each newcomer caused eight to be trimmed elsewhere, with one in 5 s four.
inline constexpr std::uint64_t ring_growing_ms = 5'000;
inline constexpr std::uint64_t ring_another_ms = 30'000;
/// Connections the ring may open: a burst, then one in this time. A tab has some 500 in its whole
/// life.
inline constexpr std::uint64_t ring_open_interval_ms = 5'000;
inline constexpr std::uint64_t ring_open_burst = 24;
/// Offers of others that are answered: a burst, then one in this time. Derived: each costs a tab
/// one of its 500 connections until it is collected and some 20 ms, so a flood of offers takes a
/// hundredth of its time; a burst of newcomers, or all that the application may have, come at once.
/// More are refused as busy.
inline constexpr std::uint64_t incoming_interval_ms = 2'000;
inline constexpr std::uint64_t incoming_burst = 64;
/// How long a peer that could not be reached is left alone: doubling from the first to the second.
inline constexpr std::uint64_t backoff_min_ms = 3'000;
inline constexpr std::uint64_t backoff_max_ms = 300'000;
/// How often a peer without links asks the first-contact server again.
inline constexpr std::uint64_t contact_retry_min_ms = 1'000;
inline constexpr std::uint64_t contact_retry_max_ms = 15'000;
/// How long a peer without links waits for a link that was answered for before it asks another peer
/// as well. Derived: a connection takes five or six round trips, of a bad network; where a tenth of
/// all pairs cannot connect nobody should wait for connect_timeout_ms.
inline constexpr std::uint64_t contact_patience_ms = 4'000;
/// Offers through the server: a burst, then one in this time. Derived: below what the server allows
/// a client (docs/first-contact.md).
inline constexpr std::uint64_t contact_seek_interval_ms = 3'000;
inline constexpr std::uint64_t contact_seek_burst = 5;
/// How long the server waits for a nominee that says nothing (docs/first-contact.md): an offer that
/// failed sooner was refused by everybody asked.
inline constexpr std::uint64_t contact_silence_ms = 3'000;
/// For how long a nominee without a whole map asks its network for the member that an offer names,
/// before it takes the offer to be of another one, and how many such offers wait. Derived: below
/// the patience of the server, above the round trip of a search; as many as the server has a
/// nominee answer at once. More are refused.
inline constexpr std::uint64_t contact_doubt_ms = 2'000;
inline constexpr std::size_t contact_doubts_max = 8;
/// How often a member asks the server for somebody of another network, on average: once in this
/// time for each peer of the network, so that a network asks its server once in 4 s however large
/// it is, and not more often than the second. After the network has shrunk by a third at once or
/// the server was away so many times as often, but not more often than the last; then by halves
/// back to the usual. Measured: two halves of 500 that can meet again do so within seconds, and the
/// server spends 0.3 ms on each time that it is asked.
inline constexpr std::uint64_t contact_look_per_peer_ms = 4'000;
inline constexpr std::uint64_t contact_look_min_ms = 120'000;
inline constexpr std::uint64_t contact_look_haste = 6;
inline constexpr std::uint64_t contact_look_soon_min_ms = 5'000;
/// As rarely when those who answer cannot be reached, since each try costs both a connection of the
/// 500 that a tab has.
inline constexpr std::uint64_t contact_look_failed_max_ms = 300'000;
/// The connection that is offered is kept ready for the next time if that is not farther away. What
/// is older may have outlived its candidates, and one that is never needed again holds ports.
inline constexpr std::uint64_t contact_ready_max_ms = 600'000;
/// How long a link may take to answer before what waits for it goes another way and the link is
/// suspect: by its measured round trips, within these bounds. A guess before the first. Derived: at
/// least what a busy main thread takes, at most what lets messages flow around the dead in time.
inline constexpr std::uint64_t patience_min_ms = 500;
inline constexpr std::uint64_t patience_unknown_ms = 1'000;
inline constexpr std::uint64_t patience_max_ms = 3'000;

/// Faults of a neighbour that are forgiven, as the time that it takes to forgive them, and for how
/// long a peer with more gets no link. Guess: long enough that faults do not pay, short enough that
/// a version with a mistake is not locked out.
inline constexpr std::uint64_t conduct_tolerance_ms = 300'000;
inline constexpr std::uint64_t conduct_ban_ms = 600'000;

// ---- Hops and rates -----------------------------------------------------------------------------

/// Hops of an envelope and of a broadcast. Derived: three times the diameter of a ring of 100,000
/// at degree 16.
inline constexpr std::uint8_t hops_max = 48;
/// Envelopes passed on for one neighbour a second, and in a burst. Derived: ten connects a second,
/// each a dozen envelopes. More are dropped.
inline constexpr std::uint64_t envelopes_per_s = 120;
inline constexpr std::uint64_t envelopes_burst = 600;
/// Frames of a relayed session that leave a second, and in a burst: at most 320 kB/s, a sixth of
/// the envelopes that each on the way passes on for a neighbour. More wait.
inline constexpr std::uint64_t relay_pieces_per_s = 20;
inline constexpr std::uint64_t relay_pieces_burst = 40;
/// Answers a second, and in a burst, to signals of relayed sessions that we do not know of. More
/// are left to themselves.
inline constexpr std::uint64_t relay_refusals_per_s = 10;
inline constexpr std::uint64_t relay_refusals_burst = 50;
/// Statements pushed to one neighbour in reconciliation, in kibibytes begun. The burst holds a
/// whole map for a newcomer, twice. Beyond it nothing is pushed: a later round finds it missing
/// still.
inline constexpr std::uint64_t push_kibibytes_per_s = 512;
inline constexpr std::uint64_t push_kibibytes_burst = 2 * peers_max;
/// Statements known already that are passed on again for one neighbour, a second and in a burst.
/// Honest ones come only after an acknowledgement was late.
inline constexpr std::uint64_t repeats_per_s = 20;
inline constexpr std::uint64_t repeats_burst = 100;
/// Questions of the application that others cause by asking for sessions. More are refused.
inline constexpr std::uint64_t questions_per_s = 1;
inline constexpr std::uint64_t questions_burst = 64;
/// Reconciliation messages answered for one neighbour a second, and in a burst.
inline constexpr std::uint64_t summaries_per_s = 20;
inline constexpr std::uint64_t summaries_burst = 200;
/// Statements verified for one link a second, and in a burst. Derived: what a tenth of a slow
/// device's time verifies; the burst is a whole map, twice, for a newcomer or a network that
/// merges. More are dropped: reconciliation brings them back.
inline constexpr std::uint64_t statements_per_s = 500;
inline constexpr std::uint64_t statements_burst = 2 * peers_max;
/// Control frames that we send on one link a second, and in a burst: a whole map at once, twice,
/// and what else goes on. More are dropped, as on a link that loses.
inline constexpr std::uint64_t frames_per_s = 1'000;
inline constexpr std::uint64_t frames_burst = 10'000;
/// What we take. Derived: half as much again as an honest peer sends in silence_max_ms, since the
/// network may hold that back and deliver it at once. A peer that sends more floods: it is banned.
inline constexpr std::uint64_t frames_tolerated_per_s = 2 * frames_per_s;
inline constexpr std::uint64_t frames_tolerated_burst =
    frames_burst + 2 * frames_per_s * silence_max_ms / 1'000;

}  // namespace membrane::limits
