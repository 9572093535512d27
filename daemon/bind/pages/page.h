// The frame of every page, and its forms.
//
// Plain HTML: one heading, landmarks, buttons of equal weight, one style sheet of our own, no
// script. Where the operator has given a name, a logo and a contact, every page shows them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "bind/look.h"

namespace reeve {

// A form of ours, posted to `action`, a path; its CSRF token is made for this browser.
struct Form {
  std::string action;
  std::vector<std::pair<std::string, std::string>> hidden;
  Html buttons;
};
Html render(const Form& form, const Secret& browser);

// "You are alice. Not you?": stands on every page that somebody signed in sees. The button lets him
// sign in as somebody else and come back to `next`, or, without one, signs him out.
struct Who {
  std::string user;
  std::string next;
};
Html render(const Look& look, const Who& who, const Secret& browser);

struct Page {
  int status = 200;
  Html title;  // text alone, no markup
  Html who;    // empty: nobody known
  Html main;   // begins with the h1
  bool forms = false;
};
Answer render(const Look& look, const Page& page);

// "<h1>TEXT</h1>" and "<p>TEXT</p>".
Html heading(const Html& text);
Html paragraph(const Html& text);
Html small(const Html& text);
// "<bdi>TEXT</bdi>": a foreign name within a sentence.
Html name(std::string_view text);
// The same as text alone, for titles and labels.
Html plain_name(std::string_view text);
// "your connections", as a link within a sentence.
Html connections_link(const Look& look);

// Where an absolute URL leads, for people: its host and port. Empty: no http or https URL that may
// stand in a link or a header (printable ASCII, no quotes, brackets or user part).
std::string host_of(std::string_view url);
// An issuer as people know it: the host of its URL, or else the text itself.
std::string issuer_name(std::string_view issuer);

}  // namespace reeve
