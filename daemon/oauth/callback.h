// The authorization response (RFC 6749 section 4.1.2): what came back to a context's redirect URI,
// judged before anything is redeemed. State, path, cookies and user are the session layer's; here
// it is whether the answer has the right form and comes from the server that was asked (RFC 9207).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/encoding.h"
#include "base/secret.h"

namespace reeve {

// The parameters we know; empty is absent (RFC 6749 section 3.1). Others are ignored, above all an
// access_token or id_token: nothing of worth is taken from the front channel.
struct CallbackAnswer {
  Secret state;
  Secret code;
  std::string iss;
  std::string error;
  std::string error_description;
};

// nullopt: a parameter comes twice (section 3.1), or one of ours is too long or not plain text.
std::optional<CallbackAnswer> read_callback(Parameters parameters);

struct CallbackRules {
  std::string issuer;          // of the server that was asked; empty: not known
  bool iss_supported = false;  // it says that it sends "iss" (RFC 9207 section 3)
};

struct CallbackProblem {
  enum class Kind {
    mix_up,     // of another server, or without the "iss" it must have: nothing of it is shown
    malformed,  // neither or both of code and error
    declined,   // the user said no: access_denied
    failed,     // any other error
  };
  Kind kind = Kind::malformed;
  std::string error;        // the server's code if it looks like one
  std::string description;  // for people, as TokenProblem's; both empty for mix_up
};

// The code to redeem, or why there is none. "iss" by simple string comparison (RFC 9207
// section 2.4), on errors too:
//   supported and present: equal, or refused         supported and absent: refused
//   not supported, present: equal, or refused (where the issuer is known)
//   both absent: only the context's own redirect URI tells servers apart, which is always there
std::variant<Secret, CallbackProblem> judge_callback(CallbackAnswer answer,
                                                     const CallbackRules& rules);

}  // namespace reeve
