// Words: what the pages say, in one language.
//
// The texts lie in messages/LANGUAGE.txt, compiled in. They are no markup: what stands in them is
// escaped like any foreign text, and only the places to fill may hold markup, which comes from this
// program. So a translation can say something wrong, but not do anything.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "bind/pages/html.h"
#include "bind/say.h"

namespace reeve {

// A place to fill: "{agent}" is Slot{"agent", ...}.
struct Slot {
  std::string_view name;
  Html with;
};

class Words {
 public:
  // The language that an Accept-Language header likes best (RFC 9110 section 12.5.4); English where
  // it likes none of ours, is absent, or cannot be read.
  static Words for_header(std::string_view accept_language);
  Words() : Words(all_messages.front()) {}
  explicit Words(const Messages& messages) : messages_(&messages) {}

  std::string_view language() const { return messages_->language; }
  // A place without a Slot, or a Slot without a place, is a bug: it asserts.
  Html say(Say key, std::initializer_list<Slot> slots = {}) const;
  // "<time datetime="2026-11-24">24 November 2026</time>", of that day in UTC.
  Html day(int64_t unix_seconds) const;
  // "There are 9 minutes left": `one` where there is one at most.
  Html minutes(Say one, Say more, int64_t count) const;

 private:
  const Messages* messages_;
};

}  // namespace reeve
