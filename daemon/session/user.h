// User: a person, named by issuer and subject; and where the issuer stands in the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"

namespace reeve {

// The issuer of users of this host.
inline constexpr std::string_view kUnix = "unix";

struct User {
  std::string issuer;   // exact issuer URL, or "unix"
  std::string subject;  // "unix": MACHINE-ID:UID
  std::string claim;    // the claim the subject came from; kept so that a change of it is noticed
  std::string name;     // for people only; may be empty

  // The same person: names and claims do not count.
  bool is(const User& other) const { return issuer == other.issuer && subject == other.subject; }
};

void write_user(JsonWriter& json, const User& user);  // an object
std::optional<User> read_user(const Json* value);

// What the policy compares: the subject; of a user of this host the uid alone.
std::string policy_subject(const User& user);

// What people call the user.
const std::string& display_name(const User& user);

}  // namespace reeve
