// judge_claims: a verified payload against the rules of its kind. A part of jwt.cc; nothing else
// calls it, since without verify_jwt() a payload is anybody's.
#pragma once

#include "crypto/jwt.h"

namespace reeve {

std::variant<Claims, JwtFailure> judge_claims(Json payload, const JwtRules& rules,
                                              const JwtExpectation& expected, Algorithm algorithm,
                                              int64_t now);

}  // namespace reeve
