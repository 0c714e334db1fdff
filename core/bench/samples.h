#pragma once

#include <string>
#include <variant>
#include <vector>

#include "message.h"
#include "signalling.h"
#include "statement.h"

/// One of everything that travels, with content as it occurs: what codec and JSON are measured on.
namespace membrane::bench {

using Content = std::variant<Message, Statement, Record, TopicBody, Signal>;

struct Sample {
  std::string name;
  Content content;
};

std::vector<Sample> samples();

}  // namespace membrane::bench
