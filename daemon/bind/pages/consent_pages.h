// The pages of a question: sign in first, then see who asks for what, then Continue or Decline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bind/pages/page.h"

namespace reeve {

struct SignInPage {
  std::string issuer;  // empty: the only one
  std::string next;    // the page that needs it
  std::string user;    // signed in, but elsewhere; empty: nobody
  bool ended = false;  // somebody was, and time has ended it
};
Answer sign_in_page(const Look& look, const SignInPage& page, const Secret& browser);

// A user of this host signs in: by a code that a program of his has brought, or, without one, the
// advice how to get it. `url`: the page that needs it, complete.
struct UnixSignInPage {
  std::string code, next;
};
Answer unix_sign_in_page(const Look& look, const UnixSignInPage& page, const Secret& browser);
Answer unix_advice_page(const Look& look, const std::string& url);

// The link was made for somebody else: says who this browser is, and nothing of the question.
Answer wrong_user_page(const Look& look, const std::string& user, const std::string& next,
                       const Secret& browser);

struct ConsentPage {
  std::string workload, provider, resource, user, phrase, digest;
  std::vector<std::string> scopes;
  int64_t minutes_left = 0;
};
// `path`: its own, where the answer goes.
Answer consent_page(const Look& look, const ConsentPage& page, const std::string& path,
                    const Secret& browser);

}  // namespace reeve
