#include "matchmaker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace membrane::server {
namespace {

using namespace std::chrono_literals;
using Kind = Notice::Kind;

// A matchmaker in virtual time, and the notices it has made as plain values.
class MatchmakerTest : public testing::Test {
 protected:
  struct Told {
    ClientId to;
    Kind kind;
    std::uint64_t number;
    std::string text;
    bool operator==(const Told&) const = default;
  };

  ClientId join(std::string_view network = "n", Vocabulary vocabulary = Vocabulary::v3) {
    return matchmaker_.join(vocabulary, network, now_);
  }
  ClientId join_ready(std::string_view network = "n", Vocabulary vocabulary = Vocabulary::v3) {
    const ClientId client = join(network, vocabulary);
    matchmaker_.ready(client, now_);
    return client;
  }
  void offer(ClientId asker, std::uint64_t number = 1, std::string text = "offer") {
    EXPECT_EQ(matchmaker_.offer(asker, number, std::move(text), now_), Verdict::accepted);
  }
  void answer(ClientId nominee, std::uint64_t ticket, std::string text = "answer") {
    EXPECT_EQ(matchmaker_.answer(nominee, ticket, std::move(text), now_), Verdict::accepted);
  }
  void pass(Time time) {
    now_ += time;
    matchmaker_.advance(now_);
  }
  std::vector<Told> told() {
    std::vector<Told> out;
    for (const Notice& notice : matchmaker_.take_notices()) {
      out.push_back({notice.to, notice.kind, notice.number, notice.text ? *notice.text : ""});
    }
    return out;
  }
  // The one notice there is.
  Told only() {
    const auto all = told();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Told{} : all.front();
  }
  // An offer of `asker`, and the ticket the nominee was given for it.
  Told ask(ClientId asker, std::uint64_t number = 1) {
    offer(asker, number);
    Told request = only();
    EXPECT_EQ(request.kind, Kind::request);
    return request;
  }

  MatchLimits limits_;
  Matchmaker matchmaker_{limits_};
  Time now_{1'000'000};
};

TEST_F(MatchmakerTest, the_first_asker_is_alone_and_becomes_routable) {
  const ClientId first = join();
  offer(first, 7);
  EXPECT_EQ(only(), (Told{first, Kind::unresolved, 7, ""}));
  const ClientId second = join();
  offer(second, 7);
  EXPECT_EQ(only(), (Told{first, Kind::request, 1, "offer"}));
}

TEST_F(MatchmakerTest, two_askers_at_once_do_not_both_become_first) {
  const ClientId one = join();
  const ClientId two = join();
  offer(one);
  offer(two);
  EXPECT_EQ(told(),
            (std::vector<Told>{{one, Kind::unresolved, 1, ""}, {one, Kind::request, 1, "offer"}}));
}

TEST_F(MatchmakerTest, an_answer_goes_to_the_asker_under_its_own_number) {
  const ClientId nominee = join_ready();
  const ClientId asker = join();
  const Told request = ask(asker, 42);
  answer(nominee, request.number, "yes");
  EXPECT_EQ(only(), (Told{asker, Kind::answer, 42, "yes"}));
}

TEST_F(MatchmakerTest, nobody_answers_itself) {
  const ClientId alone = join_ready();
  offer(alone);
  EXPECT_EQ(only(), (Told{alone, Kind::unresolved, 1, ""}));
}

TEST_F(MatchmakerTest, a_client_is_not_nominated_before_it_is_ready) {
  const ClientId unready = join();
  const ClientId ready = join_ready();
  for (std::uint64_t i = 0; i < 4; ++i) {
    offer(join(), i);
    EXPECT_EQ(only().to, ready);
  }
  EXPECT_NE(unready, ready);
}

TEST_F(MatchmakerTest, networks_and_vocabularies_are_never_paired) {
  join_ready("one");
  join_ready("", Vocabulary::v2);
  const ClientId other = join("two");
  offer(other);
  EXPECT_EQ(only(), (Told{other, Kind::unresolved, 1, ""}));
  const ClientId empty_name = join("", Vocabulary::v3);
  offer(empty_name);
  EXPECT_EQ(only(), (Told{empty_name, Kind::unresolved, 1, ""}));
}

TEST_F(MatchmakerTest, a_v2_client_is_routable_once_it_is_answered_and_not_after_its_report) {
  const ClientId nominee = join_ready("", Vocabulary::v2);
  const ClientId asker = join("", Vocabulary::v2);
  answer(nominee, ask(asker, 0).number);
  told();
  matchmaker_.leave(nominee, now_);
  const ClientId next = join("", Vocabulary::v2);
  offer(next, 0);
  EXPECT_EQ(only().to, asker);
  EXPECT_EQ(matchmaker_.report(asker, 0, now_), Verdict::accepted);
  // The reporter is in no network, and its only nominee is gone: both of them start anew.
  const ClientId third = join("", Vocabulary::v2);
  told();
  offer(third, 0);
  for (const Told& notice : told()) EXPECT_NE(notice.kind, Kind::failed);
}

TEST_F(MatchmakerTest, only_the_holder_of_a_ticket_can_use_it) {
  const ClientId nominee = join_ready();
  const ClientId thief = join_ready();
  const ClientId asker = join();
  const Told request = ask(asker);
  const ClientId other = request.to == nominee ? thief : nominee;
  EXPECT_EQ(matchmaker_.answer(other, request.number, "forged", now_), Verdict::stale);
  EXPECT_EQ(matchmaker_.answer_candidate(other, request.number, "forged"), Verdict::stale);
  EXPECT_EQ(matchmaker_.refuse(other, request.number, now_), Verdict::stale);
  EXPECT_EQ(matchmaker_.bad_answer(asker, request.number, now_), Verdict::stale);
  EXPECT_EQ(matchmaker_.answer(other, request.number + 1, "forged", now_), Verdict::invented);
  EXPECT_EQ(matchmaker_.answer(other, 0, "forged", now_), Verdict::invented);
  EXPECT_TRUE(told().empty());
  answer(request.to, request.number);
  EXPECT_EQ(only().to, asker);
  EXPECT_EQ(matchmaker_.answer(request.to, request.number, "twice", now_), Verdict::stale);
  EXPECT_TRUE(told().empty());
}

TEST_F(MatchmakerTest, requests_are_named_by_their_own_asker_only) {
  join_ready();
  const ClientId asker = join();
  const ClientId other = join();
  ask(asker, 5);
  EXPECT_EQ(matchmaker_.offer_candidate(other, 5, "forged", now_), Verdict::stale);
  EXPECT_EQ(matchmaker_.report(other, 5, now_), Verdict::stale);
  EXPECT_EQ(matchmaker_.done(other, 5), Verdict::stale);
  EXPECT_EQ(matchmaker_.offer(asker, 5, "again", now_), Verdict::duplicate);
  EXPECT_TRUE(told().empty());
}

TEST_F(MatchmakerTest, candidates_are_forwarded_and_replayed_to_a_second_nominee) {
  const ClientId one = join_ready();
  const ClientId two = join_ready();
  const ClientId asker = join();
  const Told first = ask(asker, 3);
  matchmaker_.offer_candidate(asker, 3, "c1", now_);
  matchmaker_.offer_candidate(asker, 3, "c2", now_);
  EXPECT_EQ(told(), (std::vector<Told>{{first.to, Kind::offer_candidate, first.number, "c1"},
                                       {first.to, Kind::offer_candidate, first.number, "c2"}}));
  matchmaker_.refuse(first.to, first.number, now_);
  const ClientId second = first.to == one ? two : one;
  EXPECT_EQ(told(), (std::vector<Told>{{second, Kind::request, 2, "offer"},
                                       {second, Kind::offer_candidate, 2, "c1"},
                                       {second, Kind::offer_candidate, 2, "c2"}}));
}

TEST_F(MatchmakerTest, answer_candidates_wait_for_the_answer) {
  const ClientId nominee = join_ready();
  const ClientId asker = join();
  const Told request = ask(asker, 9);
  matchmaker_.answer_candidate(nominee, request.number, "early");
  EXPECT_TRUE(told().empty());
  answer(nominee, request.number);
  matchmaker_.answer_candidate(nominee, request.number, "late");
  EXPECT_EQ(told(), (std::vector<Told>{{asker, Kind::answer, 9, "answer"},
                                       {asker, Kind::answer_candidate, 9, "early"},
                                       {asker, Kind::answer_candidate, 9, "late"}}));
}

TEST_F(MatchmakerTest, candidates_are_limited_in_both_directions) {
  const ClientId nominee = join_ready();
  const ClientId asker = join();
  const Told request = ask(asker);
  for (unsigned i = 0; i < limits_.candidates_max + 5; ++i) {
    matchmaker_.offer_candidate(asker, 1, "c", now_);
  }
  EXPECT_EQ(told().size(), limits_.candidates_max);
  answer(nominee, request.number);
  for (unsigned i = 0; i < limits_.candidates_max + 5; ++i) {
    matchmaker_.answer_candidate(nominee, request.number, "c");
  }
  EXPECT_EQ(told().size(), 1 + limits_.candidates_max);
}

TEST_F(MatchmakerTest, a_silent_nominee_costs_three_seconds_and_two_fail_the_request) {
  join_ready();
  join_ready();
  join_ready();
  const ClientId asker = join();
  const Told first = ask(asker);
  pass(2999ms);
  EXPECT_TRUE(told().empty());
  pass(1ms);
  const Told second = only();
  EXPECT_EQ(second.kind, Kind::request);
  EXPECT_NE(second.to, first.to);
  EXPECT_EQ(matchmaker_.answer(first.to, first.number, "too late", now_), Verdict::stale);
  pass(3s);
  EXPECT_EQ(only(), (Told{asker, Kind::failed, 1, ""}));
  EXPECT_EQ(matchmaker_.requests(), 0U);
  EXPECT_EQ(matchmaker_.held_bytes(), 0U);
}

TEST_F(MatchmakerTest, a_silent_nominee_is_not_asked_again_until_it_is_heard) {
  const ClientId silent = join_ready();
  const ClientId asker = join();
  ask(asker);
  pass(3s);
  EXPECT_EQ(only().kind, Kind::failed);
  offer(asker, 2);
  EXPECT_TRUE(told().empty())
      << "it waits: the network is not empty, so nobody becomes a first peer";
  matchmaker_.heard(silent, now_);
  EXPECT_EQ(only(), (Told{silent, Kind::request, 2, "offer"}));
}

TEST_F(MatchmakerTest, a_request_that_finds_only_doubtful_clients_fails_in_the_end) {
  matchmaker_.doubt(join_ready(), now_);
  const ClientId asker = join();
  offer(asker);
  EXPECT_TRUE(told().empty());
  pass(limits_.waiting_timeout);
  EXPECT_EQ(only(), (Told{asker, Kind::failed, 1, ""}));
}

TEST_F(MatchmakerTest, a_report_asks_one_other_and_a_second_report_fails) {
  join_ready();
  join_ready();
  join_ready();
  const ClientId asker = join();
  const Told first = ask(asker);
  EXPECT_EQ(matchmaker_.report(asker, 1, now_), Verdict::stale) << "nothing to report yet";
  answer(first.to, first.number);
  told();
  EXPECT_EQ(matchmaker_.report(asker, 1, now_), Verdict::accepted);
  const Told second = only();
  EXPECT_EQ(second.kind, Kind::request);
  EXPECT_NE(second.to, first.to);
  EXPECT_EQ(matchmaker_.answer_candidate(first.to, first.number, "late"), Verdict::stale);
  answer(second.to, second.number);
  told();
  EXPECT_EQ(matchmaker_.report(asker, 1, now_), Verdict::accepted);
  EXPECT_EQ(only(), (Told{asker, Kind::failed, 1, ""}));
  EXPECT_EQ(matchmaker_.report(asker, 1, now_), Verdict::stale);
  EXPECT_TRUE(told().empty());
}

TEST_F(MatchmakerTest, an_answer_that_is_none_moves_on_to_the_next) {
  join_ready();
  join_ready();
  const ClientId asker = join();
  const Told first = ask(asker);
  EXPECT_EQ(matchmaker_.bad_answer(first.to, first.number, now_), Verdict::accepted);
  const Told second = only();
  EXPECT_EQ(second.kind, Kind::request);
  EXPECT_NE(second.to, first.to);
}

TEST_F(MatchmakerTest, when_everyone_refused_the_request_fails) {
  join_ready();
  join_ready();
  const ClientId asker = join();
  Told request = ask(asker);
  matchmaker_.refuse(request.to, request.number, now_);
  request = only();
  matchmaker_.refuse(request.to, request.number, now_);
  EXPECT_EQ(only(), (Told{asker, Kind::failed, 1, ""}));
}

TEST_F(MatchmakerTest, a_nominee_that_leaves_is_replaced_at_once) {
  for (int i = 0; i < 40; ++i) join_ready();
  const ClientId asker = join();
  Told request = ask(asker);
  for (int i = 0; i < 39; ++i) {
    matchmaker_.leave(request.to, now_);
    request = only();
    ASSERT_EQ(request.kind, Kind::request);
  }
  matchmaker_.leave(request.to, now_);
  EXPECT_EQ(only(), (Told{asker, Kind::unresolved, 1, ""}));
}

TEST_F(MatchmakerTest, an_asker_that_leaves_takes_its_requests_along) {
  const ClientId nominee = join_ready();
  const ClientId asker = join();
  const Told request = ask(asker);
  matchmaker_.leave(asker, now_);
  EXPECT_EQ(matchmaker_.requests(), 0U);
  EXPECT_EQ(matchmaker_.answer(nominee, request.number, "a", now_), Verdict::stale);
  EXPECT_TRUE(told().empty());
}

TEST_F(MatchmakerTest, a_nominee_holds_few_tickets_and_the_rest_wait_their_turn) {
  const ClientId nominee = join_ready();
  std::vector<ClientId> askers;
  for (unsigned i = 0; i < limits_.tickets_per_nominee_max + 2; ++i) {
    askers.push_back(join());
    offer(askers.back(), i);
  }
  const auto requests = told();
  ASSERT_EQ(requests.size(), limits_.tickets_per_nominee_max);
  answer(nominee, requests[0].number);
  const auto after = told();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].to, askers[0]);
  EXPECT_EQ(after[1].kind, Kind::request);
  // A newly ready client takes the one that still waits.
  matchmaker_.ready(askers[0], now_);
  EXPECT_EQ(only().to, askers[0]);
}

TEST_F(MatchmakerTest, when_the_last_member_leaves_one_of_those_waiting_becomes_first) {
  const ClientId member = join_ready();
  matchmaker_.doubt(member, now_);
  const ClientId one = join();
  const ClientId two = join();
  offer(one);
  offer(two);
  EXPECT_TRUE(told().empty());
  matchmaker_.leave(member, now_);
  EXPECT_EQ(told(),
            (std::vector<Told>{{one, Kind::unresolved, 1, ""}, {one, Kind::request, 1, "offer"}}));
}

TEST_F(MatchmakerTest, a_client_has_few_open_requests) {
  join_ready();
  const ClientId asker = join();
  for (unsigned i = 0; i < limits_.requests_per_client_max; ++i) ask(asker, i);
  offer(asker, 99);
  EXPECT_EQ(only(), (Told{asker, Kind::failed, 99, ""}));
  EXPECT_EQ(matchmaker_.done(asker, 0), Verdict::accepted);
  ask(asker, 99);
}

TEST_F(MatchmakerTest, an_answered_request_is_forgotten_after_its_lifetime) {
  const ClientId nominee = join_ready();
  const ClientId asker = join();
  answer(nominee, ask(asker).number);
  pass(limits_.answered_lifetime);
  EXPECT_EQ(matchmaker_.requests(), 0U);
  EXPECT_EQ(matchmaker_.report(asker, 1, now_), Verdict::stale);
}

TEST(MatchmakerLimits, a_full_table_forgets_answered_requests_and_then_refuses) {
  MatchLimits limits;
  limits.held_bytes_max = 25;
  Matchmaker matchmaker(limits);
  const ClientId nominee = matchmaker.join(Vocabulary::v3, "n", 1s);
  matchmaker.ready(nominee, 1s);
  const auto offer = [&] {
    const ClientId asker = matchmaker.join(Vocabulary::v3, "n", 1s);
    matchmaker.offer(asker, 1, "ten bytes.", 1s);
    return matchmaker.take_notices();
  };
  const auto first = offer();
  const auto second = offer();
  EXPECT_EQ(offer().front().kind, Kind::failed);
  EXPECT_EQ(matchmaker.requests(), 2U);
  matchmaker.answer(nominee, first.front().number, "a", 1s);
  matchmaker.take_notices();
  EXPECT_EQ(offer().front().kind, Kind::request) << "the answered one made room";
  EXPECT_EQ(matchmaker.requests(), 2U);
  EXPECT_EQ(matchmaker.held_bytes(), 20U);
  EXPECT_EQ(second.front().kind, Kind::request);
}

// Anything at all in any order: the books must balance, and each promise of the header be kept.
class MatchmakerChaos : public testing::TestWithParam<unsigned> {};

TEST_P(MatchmakerChaos, keeps_its_promises) {
  std::mt19937 random(GetParam());
  const auto below = [&](std::size_t bound) { return random() % bound; };
  MatchLimits limits;
  limits.requests_max = 20;
  limits.tickets_per_nominee_max = 2;
  Matchmaker matchmaker(limits);
  Time now{5'000};
  struct Shadow {
    std::string network;
    std::map<std::uint64_t, Time> open;
  };
  std::map<ClientId, Shadow> clients;
  std::map<std::uint64_t, std::pair<ClientId, std::string>> tickets;

  const auto check = [&] {
    for (const Notice& notice : matchmaker.take_notices()) {
      const auto to = clients.find(notice.to);
      ASSERT_NE(to, clients.end()) << "told to one who left";
      if (notice.kind == Kind::request) {
        const std::string& text = *notice.text;
        const std::size_t bar = text.find('|');
        EXPECT_EQ(text.substr(0, bar), to->second.network) << "paired across networks";
        EXPECT_NE(text.substr(bar + 1), std::to_string(notice.to)) << "answers itself";
        EXPECT_TRUE(tickets.emplace(notice.number, std::pair(notice.to, text)).second);
      } else if (notice.kind == Kind::offer_candidate) {
        EXPECT_EQ(tickets.at(notice.number).first, notice.to);
      } else if (notice.kind != Kind::answer_candidate) {
        to->second.open.erase(notice.number);
      }
    }
  };
  const auto any_client = [&] {
    return std::next(clients.begin(), std::ptrdiff_t(below(clients.size())));
  };
  const auto any_ticket = [&] { return std::uint64_t(below(tickets.size() + 3)); };

  for (int step = 0; step < 4000; ++step) {
    const std::size_t dice = below(100);
    if (dice < 15 || clients.empty()) {
      const std::string network = below(2) == 0 ? "a" : "b";
      clients[matchmaker.join(Vocabulary::v3, network, now)].network = network;
    } else if (const auto client = any_client(); dice < 22) {
      const ClientId id = client->first;
      clients.erase(client);
      matchmaker.leave(id, now);
    } else if (dice < 35) {
      matchmaker.ready(client->first, now);
    } else if (dice < 55) {
      const std::uint64_t number = below(4);
      std::string text = client->second.network + '|' + std::to_string(client->first);
      if (matchmaker.offer(client->first, number, std::move(text), now) == Verdict::accepted) {
        client->second.open.emplace(number, now);
      }
    } else if (dice < 60) {
      matchmaker.offer_candidate(client->first, below(4), "c", now);
    } else if (dice < 64) {
      matchmaker.report(client->first, below(4), now);
    } else if (dice < 68) {
      const std::uint64_t number = below(4);
      if (matchmaker.done(client->first, number) == Verdict::accepted) {
        client->second.open.erase(number);
      }
    } else if (dice < 84) {
      const std::uint64_t ticket = any_ticket();
      const auto holder = tickets.find(ticket);
      const bool honest = holder != tickets.end() && below(4) != 0;
      const ClientId from = honest ? holder->second.first : client->first;
      const Verdict verdict = matchmaker.answer(from, ticket, "answer", now);
      if (verdict == Verdict::accepted) {
        EXPECT_EQ(holder->second.first, from);
      }
    } else if (dice < 88) {
      matchmaker.refuse(client->first, any_ticket(), now);
    } else if (dice < 91) {
      matchmaker.answer_candidate(client->first, any_ticket(), "c");
    } else if (dice < 93) {
      matchmaker.doubt(client->first, now);
    } else if (dice < 97) {
      matchmaker.heard(client->first, now);
    } else {
      now += Time(below(2000));
      matchmaker.advance(now);
    }
    ASSERT_NO_FATAL_FAILURE(check());
    ASSERT_LE(matchmaker.requests(), limits.requests_max);
    // Promise 4: waiting, then a nominee each of three seconds. Reports start a request anew, once.
    for (const auto& [id, shadow] : clients) {
      for (const auto& [number, since] : shadow.open) {
        ASSERT_LE(now - since, limits.waiting_timeout + 2 * limits.nominee_timeout + 2s) << id;
      }
    }
  }
  while (!clients.empty()) {
    const ClientId id = clients.begin()->first;
    clients.erase(clients.begin());
    matchmaker.leave(id, now);
    ASSERT_NO_FATAL_FAILURE(check());
  }
  EXPECT_EQ(matchmaker.clients(), 0U);
  EXPECT_EQ(matchmaker.requests(), 0U);
  EXPECT_EQ(matchmaker.held_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MatchmakerChaos, testing::Range(1U, 21U));

}  // namespace
}  // namespace membrane::server
