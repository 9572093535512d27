#include "session/user.h"

namespace reeve {

void write_user(JsonWriter& json, const User& user) {
  json.begin_object()
      .member("issuer", user.issuer)
      .member("subject", user.subject)
      .member("claim", user.claim)
      .member("name", user.name)
      .end_object();
}

std::optional<User> read_user(const Json* value) {
  if (value == nullptr || value->object() == nullptr) return std::nullopt;
  User user{value->text("issuer"), value->text("subject"), value->text("claim"),
            value->text("name")};
  if (user.issuer.empty() || user.subject.empty()) return std::nullopt;
  return user;
}

std::string policy_subject(const User& user) {
  return user.issuer == kUnix ? user.subject.substr(user.subject.rfind(':') + 1) : user.subject;
}

const std::string& display_name(const User& user) {
  return user.name.empty() ? user.subject : user.name;
}

}  // namespace reeve
