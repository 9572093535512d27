// Desk: what every walk needs to answer, and what they do alike.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/pace.h"
#include "bind/binding_client.h"
#include "bind/bounce.h"
#include "bind/gate.h"

namespace reeve {

struct Desk {
  const Site& site;
  BindingClient& reeved;
  const Clock& clock;
  const Bounce& bounce;
  Pace& pace;
};

// The page for a call that failed.
Answer failure_answer(const Look& look, const BindingReply& reply);

// The browser that came, or a new one where none did: `fresh` ones are set on the answer.
struct Browser {
  Secret secret;
  bool fresh = false;
};
Browser browser_of(Visit& visit);
Answer with_browser(Answer answer, const Browser& browser);

// A call for that browser, whose cookie came with this visit or goes with its answer.
BindingCall call_for(std::string method, const Secret& browser, const Visit& visit);
inline BindingCall call_for(std::string method, const Visit& visit) {
  return call_for(std::move(method), visit.cookies.browser, visit);
}

// From a POST out to a URL of reeved's making, with the flow's cookie; reply: authorize_url, flow,
// flow_id (where the URL carries no state). Something missing or unfit is a bug of reeved: a 500.
Answer leave_with_flow(const Look& look, const BindingReply& reply);

// The member's string, or nullopt where absent or empty.
std::optional<std::string> some(const Json& out, std::string_view name);

}  // namespace reeve
