// Filter: which sessions and grants a call of io.reeve.Admin means.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "session/user.h"

namespace reeve {

// Over the parameters of a call, which outlive it; an empty string or absent user means any.
struct Filter {
  const Json& parameters;
  bool named(const char* name) const { return !parameters.text(name).empty(); }
  bool fits(const char* name, const std::string& value) const {
    return !named(name) || parameters.text(name) == value;
  }
  bool any_user() const {
    return parameters.find("user") == nullptr || parameters.find("user")->is_null();
  }
  // Only where it is not any user.
  User user() const {
    User user;
    user.issuer = parameters.find("user")->text("issuer");
    user.subject = parameters.find("user")->text("subject");
    return user;
  }
  bool fits_user(const std::optional<User>& user) const {
    if (any_user()) return true;
    const User wanted = this->user();
    return user && user->issuer == wanted.issuer && user->subject == wanted.subject;
  }
};

}  // namespace reeve
