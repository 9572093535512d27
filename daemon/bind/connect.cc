#include "bind/connect.h"

#include <algorithm>

#include "base/log.h"
#include "bind/pages/consent_pages.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

ConsentPage read_question(const Json& question, const Clock& clock) {
  ConsentPage page;
  page.workload = question.text("workload");
  page.provider = question.text("provider");
  page.resource = question.text("resource");
  page.user = question.text("user");
  page.phrase = question.text("phrase");
  page.digest = question.text("digest");
  page.scopes = question.strings("scopes").value_or(std::vector<std::string>());
  const int64_t left = question.integer("expires_at").value_or(0) - clock.unix_seconds();
  page.minutes_left = std::max<int64_t>(left / 60, 0);
  return page;
}

Answer outcome_of_question(const Look& look, const Json& out, const Secret& browser) {
  OutcomePage page;
  page.outcome = out.text("outcome");
  page.user = out.text("user");
  if (const Json* question = out.find("page")) {
    page.workload = question->text("workload");
    page.provider = question->text("provider");
  }
  return outcome_page(look, page, browser);
}

// `browser`: the visit's, or the one that it is given now.
Answer page_of(const Desk& desk, const Json& out, const Visit& visit, const Secret& browser) {
  const Look& look = visit.look;
  const std::string& path = visit.path;
  const std::string& status = out.text("status");
  const std::string& user = out.text("user");
  const Json* question = out.find("page");
  if (status == "sign_in" || status == "sign_in_elsewhere") {
    if (out.text("issuer") == "unix") return unix_advice_page(look, desk.site.origin + path);
    const SignInPage page{out.text("issuer"), path, status == "sign_in" ? "" : user,
                          out.boolean("ended").value_or(false)};
    return sign_in_page(look, page, browser);
  }
  if (status == "wrong_user") return wrong_user_page(look, user, path, browser);
  const std::string& handle = out.text("handle");
  if (status == "under_way" && opaque(handle)) return see_other("/done/" + handle);
  if (status == "finished") return outcome_of_question(look, out, browser);
  if (status == "ready" && question != nullptr) {
    ConsentPage page = read_question(*question, desk.clock);
    if (page.user.empty()) page.user = user;
    return consent_page(look, page, path, browser);
  }
  log(Level::error, "Describe: reeved answered with a status that is not known");
  return error_answer(look, 500);
}

Task<Answer> decline(const Desk& desk, Visit visit) {
  BindingCall call = call_for("Decline", visit);
  call.with("ticket", visit.route.argument);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::not_signed_in) co_return see_other(visit.path);
  if (!reply) co_return failure_answer(visit.look, reply);
  if (const auto next = some(reply.out, "next")) co_return leave_page(visit.look, *next);
  OutcomePage page;
  page.outcome = "declined";
  co_return outcome_page(visit.look, page, visit.cookies.browser);
}

}  // namespace

Task<Answer> show_question(const Desk& desk, Visit visit) {
  const Browser browser = browser_of(visit);
  BindingCall call = call_for("Describe", browser.secret, visit);
  call.with("ticket", visit.route.argument);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  // A link that is no good makes no cookie.
  if (!reply) co_return failure_answer(visit.look, reply);
  co_return with_browser(page_of(desk, reply.out, visit, browser.secret), browser);
}

Task<Answer> answer_question(const Desk& desk, Visit visit) {
  const std::string action = visit.fields.text("action");
  if (action == "decline") co_return co_await decline(desk, std::move(visit));
  const std::string digest = visit.fields.text("digest");
  if (action != "continue" || !opaque(digest)) co_return error_answer(visit.look, 400);
  BindingCall call = call_for("Start", visit);
  call.with("ticket", visit.route.argument);
  call.with("digest", digest);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::not_signed_in) co_return see_other(visit.path);
  // What was shown is not what would be asked now: show it again.
  if (reply.failure == Failure::refused && reply.reason == "changed") {
    co_return stale_answer(visit.look, visit.path);
  }
  if (!reply) co_return failure_answer(visit.look, reply);
  co_return leave_with_flow(visit.look, reply);
}

}  // namespace reeve
