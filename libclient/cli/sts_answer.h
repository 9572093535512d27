// What an AWS Security Token Service answers to AssumeRoleWithWebIdentity, read apart: the little
// XML that such answers are made of. No document types, no processing instructions beyond the
// declaration, no comments, at most 64 KiB, nested at most 16 deep; anything else is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve::cli {

struct StsCredentials {
  std::string access_key_id, secret_access_key, session_token, expiration;
};

struct StsAnswer {
  std::optional<StsCredentials> credentials;  // whole, and fit to be printed
  std::string error;                          // its Code, a word; or empty
};

StsAnswer read_sts_answer(std::string_view xml);

}  // namespace reeve::cli
