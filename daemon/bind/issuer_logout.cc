#include "bind/issuer_logout.h"

namespace reeve {
namespace {

Answer told(int status, std::string body) {
  Answer answer;
  answer.status = status;
  answer.type = "application/json";
  answer.body = std::move(body);
  return answer;
}

}  // namespace

Task<Answer> take_logout_token(const Desk& desk, Visit visit) {
  const std::string* const token = visit.fields.find("logout_token");
  if (token == nullptr) co_return told(400, R"({"error":"invalid_request"})");
  BindingCall call("LogoutToken");
  call.with("logout_token", *token);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply) co_return told(200, "{}");
  const bool refused = reply.failure == BindingReply::Failure::refused;
  co_return told(
      400, refused ? R"({"error":"invalid_request"})" : R"({"error":"temporarily_unavailable"})");
}

}  // namespace reeve
