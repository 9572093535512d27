#include "bind/sign_in.h"

#include "base/check.h"
#include "bind/pages/consent_pages.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

// What a redirect may bring (RFC 6749 section 4.1.2, RFC 9207 section 2), and how much of it. Other
// parameters are not ours and not relayed.
struct Limit {
  std::string_view name;
  size_t bytes;
};
constexpr Limit kRelayed[] = {{"state", 512}, {"code", 4096}, {"iss", 1024}, {"error", 128}};
// For people: providers put line breaks and long explanations into it, which must not keep a
// refusal from being told. It is cleaned and cut, not refused.
constexpr size_t kDescriptionBytes = 500;

bool relayable(const Fields& fields) {
  if (fields.find("state") == nullptr) return false;
  for (const Limit& limit : kRelayed) {
    if (!plain(fields.text(limit.name), limit.bytes)) return false;
  }
  return true;
}

// A refusal that the server could not tie to what was asked, as of a pushed request that is over
// (RFC 9126): there is nothing to end, and a person to be told.
bool stray_refusal(const Fields& fields) {
  return fields.find("error") != nullptr && fields.find("state") == nullptr &&
         fields.find("code") == nullptr;
}

BindingCall return_call(const Desk& desk, const Visit& visit, const Secret* flow) {
  BindingCall call = call_for("Return", visit);
  if (flow != nullptr) call.with("flow", flow->reveal());
  call.with("redirect", desk.site.origin + visit.path);
  for (const Limit& limit : kRelayed) call.with_some(limit.name, visit.fields.find(limit.name));
  if (const std::string* text = visit.fields.find("error_description")) {
    call.with("error_description", printable(*text, kDescriptionBytes));
  }
  return call;
}

Answer page_of(const Look& look, const Json& out) {
  const std::string& outcome = out.text("outcome");
  const std::string& handle = out.text("handle");
  if (outcome == "signed_in") {
    const std::string& next = out.text("next");
    return see_other(returnable(next) ? next : "/connections");
  }
  if (!check_on(Check::address)) return stale_answer(look, "/done/" + handle);
  return see_other(opaque(handle) ? "/done/" + handle : "/failed");
}

// Not there, or too busy: the state is not spent, and a reload may still do.
bool worth_a_reload(const BindingReply& reply) {
  return reply.failure == Failure::unavailable || reply.failure == Failure::timeout ||
         reply.failure == Failure::limit;
}

Answer page_of(const Look& look, const BindingReply& reply) {
  if (reply) return page_of(look, reply.out);
  if (worth_a_reload(reply)) return failure_answer(look, reply);
  return see_other(reply.failure == Failure::refused ? "/refused" : "/failed");
}

}  // namespace

Task<Answer> sign_in(const Desk& desk, Visit visit) {
  const std::string next = visit.fields.text("next");
  const std::string other_user = visit.fields.text("other_user");
  if (!returnable(next) || (other_user != "" && other_user != "yes"))
    co_return error_answer(visit.look, 400);
  if (const int64_t wait = desk.pace.take(visit.address); wait > 0) {
    co_return later_answer(visit.look, 429, wait);
  }
  BindingCall call = call_for("SignIn", visit);
  call.with("next", next);
  call.with_some("issuer", visit.fields.find("issuer"));
  if (other_user == "yes") call.with("other_user", true);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::refused && reply.reason == "unix")
    co_return unix_advice_page(visit.look, desk.site.origin + next);
  if (!reply) co_return failure_answer(visit.look, reply);
  co_return leave_with_flow(visit.look, reply);
}

Task<Answer> show_sign_in_unix(const Desk&, Visit visit) {
  const UnixSignInPage page{visit.fields.text("code"), visit.fields.text("next")};
  if (visit.peer.address.empty()) co_return error_answer(visit.look, 404);
  if (!token_shaped(page.code) || !returnable(page.next)) co_return error_answer(visit.look, 400);
  const Browser browser = browser_of(visit);
  co_return with_browser(unix_sign_in_page(visit.look, page, browser.secret), browser);
}

Task<Answer> sign_in_unix(const Desk& desk, Visit visit) {
  const std::string next = visit.fields.text("next");
  const std::string& code = visit.fields.text("code");
  if (visit.peer.address.empty()) co_return error_answer(visit.look, 404);
  if (!token_shaped(code) || !returnable(next)) co_return error_answer(visit.look, 400);
  BindingCall call = call_for("SignInUnix", visit);
  call.with("code", code);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::refused && reply.reason == "code")
    co_return unix_advice_page(visit.look, desk.site.origin + next);
  if (!reply) co_return failure_answer(visit.look, reply);
  const std::string renewed = reply.out.text("new_browser");
  if (!token_shaped(renewed)) co_return error_answer(visit.look, 500);
  Answer answer = see_other(next);
  answer.headers.emplace_back("Set-Cookie", set_browser_cookie(Secret::copy_of(renewed)));
  co_return answer;
}

Task<Answer> sign_out(const Desk& desk, Visit visit) {
  BindingCall call = call_for("SignOut", visit);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (!reply && reply.failure != Failure::not_signed_in)
    co_return failure_answer(visit.look, reply);
  Answer answer = signed_out_page(visit.look);
  answer.headers.emplace_back("Set-Cookie", drop_browser_cookie());
  co_return answer;
}

Task<Answer> came_back(const Desk& desk, Visit visit) {
  if (visit.post) co_return desk.bounce.turn(visit);
  auto sent = desk.bounce.fields(visit);
  if (!sent) co_return error_answer(visit.look, 400);
  visit.fields = std::move(*sent);
  if (stray_refusal(visit.fields)) co_return see_other("/failed");
  if (!relayable(visit.fields)) co_return error_answer(visit.look, 400);
  const std::string id = flow_id(visit.fields.text("state"));
  const Secret* flow = visit.cookies.flow(id);
  BindingCall call = return_call(desk, visit, flow);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  Answer answer = page_of(visit.look, reply);
  if (flow != nullptr && !worth_a_reload(reply)) {
    answer.headers.emplace_back("Set-Cookie", drop_flow_cookie(id));
  }
  const std::string renewed = reply ? reply.out.text("new_browser") : std::string();
  if (token_shaped(renewed)) {
    answer.headers.emplace_back("Set-Cookie", set_browser_cookie(Secret::copy_of(renewed)));
  }
  co_return answer;
}

}  // namespace reeve
