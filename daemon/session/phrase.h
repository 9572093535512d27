// phrase: three words that the agent shows and the consent page repeats, so that a person can tell
// one question from another. Not a secret and no proof of anything: 24 bits.
#pragma once

#include <string>

namespace reeve {

std::string random_phrase();  // "amber-otter-velvet"

}  // namespace reeve
