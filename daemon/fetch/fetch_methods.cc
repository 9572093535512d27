#include "fetch/fetch_methods.h"

#include "base/encoding.h"
#include "crypto/box.h"
#include "varlink/interfaces.h"

namespace reeve {
namespace {

using varlink::Call;
using varlink::Reply;

constexpr int64_t kRetrySeconds = 1;

Reply failed(const FetchFailure& failure) {
  return Reply::failure("io.reeve.Fetch.Failed", to_json(failure));
}

Reply limit_reached(std::string_view limit) {
  Reply reply = Reply::failure("io.reeve.Fetch.LimitReached", "");
  JsonWriter(reply.parameters)
      .begin_object()
      .member("limit", limit)
      .member("retry_after", kRetrySeconds)
      .end_object();
  return reply;
}

// The reply to what read_fetch_request() refused.
Reply refused(const std::variant<FetchRequest, BadParameter, FetchFailure>& read) {
  if (const auto* const bad = std::get_if<BadParameter>(&read)) {
    return varlink::invalid_parameter(bad->name);
  }
  return failed(*std::get_if<FetchFailure>(&read));
}

Reply reply_of(const HeldOutcome& outcome) {
  if (const auto* const failure = std::get_if<FetchFailure>(&outcome)) return failed(*failure);
  Reply reply;
  reply.parameters.clear();
  JsonWriter(reply.parameters)
      .begin_object()
      .member("sealed", base64url(*std::get_if<std::string>(&outcome)))
      .end_object();
  return reply;
}

// The key, if answers can be sealed to it: found out before anything is sent.
std::optional<std::string> read_seal_to(const Json& parameters) {
  auto key = base64url_decode(parameters.text("seal_to"));
  if (!key || !seal_to(*key, "")) return std::nullopt;
  return key;
}

}  // namespace

void FetchMethods::add_to(varlink::Service& service) {
  service.add(interfaces::io_reeve_Fetch_varlink,
              {{"Request", [this](Call& call) { return request(call); }},
               {"Held", [this](Call& call) { return list_held(call); }},
               {"Acknowledge", [this](Call& call) { return acknowledge(call); }}});
}

Task<Reply> FetchMethods::request(Call& call) {
  if (call.parameters.boolean("hold").value_or(false)) {
    Reply reply = co_await request_held(call);
    co_return reply;
  }
  auto read = read_fetch_request(call.parameters);
  auto* const wanted = std::get_if<FetchRequest>(&read);
  if (wanted == nullptr) co_return refused(read);
  const std::optional<Slots::Slot> slot = slots_.take();
  if (!slot) co_return limit_reached("requests");
  const FetchOutcome outcome = co_await transport_.fetch(std::move(*wanted));
  if (const auto* const failure = std::get_if<FetchFailure>(&outcome)) co_return failed(*failure);
  Reply reply;
  reply.parameters = to_json(*std::get_if<FetchAnswer>(&outcome));
  co_return reply;
}

Task<Reply> FetchMethods::request_held(Call& call) {
  const std::string id = call.parameters.text("id");
  if (!is_fetch_id(id)) co_return varlink::invalid_parameter("id");
  if (!held_.knows(id)) {
    auto key = read_seal_to(call.parameters);
    if (!key) co_return varlink::invalid_parameter("seal_to");
    auto read = read_fetch_request(call.parameters);
    auto* const wanted = std::get_if<FetchRequest>(&read);
    if (wanted == nullptr) co_return refused(read);
    std::optional<Slots::Slot> slot = slots_.take();
    if (!slot) co_return limit_reached("requests");
    if (!held_.make_room()) co_return limit_reached("held");
    held_.begin(id, std::move(*key), std::move(*wanted), std::move(*slot));
  }
  const HeldOutcome outcome = co_await held_.join(id);
  co_return reply_of(outcome);
}

Task<Reply> FetchMethods::list_held(Call&) {
  Reply reply;
  reply.parameters.clear();
  JsonWriter(reply.parameters)
      .begin_object()
      .member("epoch", held_.epoch())
      .member("held", held_.ids())
      .end_object();
  co_return reply;
}

Task<Reply> FetchMethods::acknowledge(Call& call) {
  const std::string& id = call.parameters.text("id");
  if (!is_fetch_id(id)) co_return varlink::invalid_parameter("id");
  held_.acknowledge(id);
  co_return Reply{};
}

}  // namespace reeve
