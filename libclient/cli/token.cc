// token and header: the token itself, for scripts and for tools that run a command for a header.
#include "cli/lend.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {

int token(const Options& options) {
  const Value token = lend(options);
  print(options.json ? token.dump() : token.need_text("access_token"));
  return 0;
}

int header(const Options& options) {
  const Value token = lend(options);
  // RFC 6750, 2.1: whatever case the provider writes its token_type in.
  const std::string line = "Bearer " + token.need_text("access_token");
  Value told;
  told.set("Authorization", line);
  print(options.json ? told.dump() : "Authorization: " + line);
  return 0;
}

}  // namespace reeve::cli
