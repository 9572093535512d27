// What `reeve aws-credential-process` reads of a hostile Security Token Service.
#include <cstdint>
#include <cstdlib>

#include "cli/sts_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto answer = reeve::cli::read_sts_answer({reinterpret_cast<const char*>(data), size});
  if (!answer.credentials) return 0;
  for (const std::string* text :
       {&answer.credentials->access_key_id, &answer.credentials->secret_access_key,
        &answer.credentials->session_token, &answer.credentials->expiration}) {
    if (text->empty()) std::abort();
    for (const char c : *text) {
      if (c <= ' ' || c > '~') std::abort();
    }
  }
  return 0;
}
