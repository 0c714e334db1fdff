#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "network.h"

/// A conversation is a script of a few commands and everything that nodes say to each other while
/// it runs: a text file that teaches the protocol and is compared with what happens. Above the line
/// `---` stands the script, below it the golden trace.
namespace membrane::test {

/// Runs scripts. One command a line, `#` starts a comment:
///
///     seed 3                       the chance of this run; before anybody is added
///     add alice bob                new nodes that start to join, both at once
///     run 500                      so many milliseconds pass
///     trace on | trace off         from here on what is said is, or is not, written down
///     apart alice dora             these two cannot connect, until `together alice dora`
///     connect alice dora session   a command of the application; without `session` a link is
///     enough refuse bob                   bob's application says no when asked, from here on
///     publish alice news hello     a topic message
///     send alice dora 40000        an application message of so many bytes, in pieces
///     rename bob Robert
///     leave bob | crash bob        with a goodbye, or without a word
///     server off | server on
///     expect agree                 everybody living has the same map, all of them in it
///     expect alone bob             bob is a network of one
///     expect linked alice bob      they have a link to each other
///     expect apart alice bob       they have none
///     expect session alice bob     both have a session with each other
///     expect heard bob hello       bob's application got exactly one such message
class Conversation {
 public:
  /// The trace; complaints stand in problems().
  std::vector<std::string> run(const std::vector<std::string>& script);
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  using Index = Network::Index;
  using Words = std::vector<std::string>;

  void command(const std::string& line, const Words& words);
  bool act(const Words& words);
  bool act_on_network(const Words& words);
  void expect(const std::string& line, const Words& words);
  bool holds(const Words& words);
  bool linked(Index a, Index b);
  bool in_session(Index a, Index b);
  bool heard(Index peer, const std::string& text);
  void send(Index from, Index to, std::size_t size);
  void introduce();
  Index peer(const std::string& name);
  Network& network();

  std::unique_ptr<Network> network_;
  std::uint64_t seed_ = 1;
  std::map<std::pair<Index, Index>, std::uint64_t> messages_;  ///< said from one to another
  std::map<std::string, Index> peers_;
  std::set<Index> refusing_;
  std::set<std::pair<Index, Index>> apart_;
  std::vector<std::string> problems_;
};

}  // namespace membrane::test
