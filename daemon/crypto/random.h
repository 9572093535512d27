// random: octets nobody can guess, from the kernel.
#pragma once

#include <string>

#include "base/secret.h"

namespace reeve {

std::string random_bytes(size_t count);

// 256 random bits as 43 characters of base64url: tickets, states, handles, verifiers (RFC 7636
// section 4.1).
Secret random_token();

}  // namespace reeve
