// grant_record: grants and access tokens as the vault keeps them: JSON inside sealed records.
#pragma once

#include "session/grants.h"

namespace reeve {

// Our own records hold a provider's longest answer several times over.
constexpr JsonLimits record_limits{.bytes = size_t{4} * 1024 * 1024};

struct GrantOfRecord {
  Grant grant;
  Secret refresh_token;  // may be empty
};
struct TokenOfRecord {
  std::string grant;  // its id
  std::string id;
  NewToken token;
};

Secret write_grant(const Grant& grant, std::string_view refresh_token);
Result<GrantOfRecord> read_grant(const Secret& plain);
Secret write_token(const std::string& grant, const AccessToken& token, std::string_view value);
Result<TokenOfRecord> read_token(const Secret& plain);

}  // namespace reeve
