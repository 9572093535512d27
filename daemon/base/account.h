// account: users of this host as a command line names them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace reeve {

// The uid of a number or of the name of one of this host's users (getpwnam(3)); none where there is
// no such user.
std::optional<uid_t> user_id(const std::string& text);
// What to say and what to do where there is none.
std::string no_user(const std::string& text);

}  // namespace reeve
