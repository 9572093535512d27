// reeve.h and reeve.hpp by themselves, in the oldest C++ they promise to serve.
#include "reeve.h"

namespace {
reeve_identity who = REEVE_IDENTITY_INIT;
reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
}  // namespace

extern "C" int reeve_cpp_test();

int reeve_cpp_test() { return who.lifetime == 0 && ask.max_age == REEVE_UNSET ? 1 : 0; }
