// Look: in which language a page speaks, and under whose name. Made for each request.
#pragma once

#include "bind/http.h"
#include "bind/words.h"

namespace reeve {

struct Look {
  Words words;
  const Brand* brand = nullptr;  // null: nobody's

  Html say(Say key, std::initializer_list<Slot> slots = {}) const { return words.say(key, slots); }
};

inline Look look_for(const Site& site, const Request& request) {
  return {Words::for_header(request.header("accept-language").value_or("")), &site.brand};
}

}  // namespace reeve
