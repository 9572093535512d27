#include "bind/outcome.h"

#include "bind/pages/consent_pages.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

Answer page_of(const Json& out, const Visit& visit) {
  const Look& look = visit.look;
  const Secret& browser = visit.cookies.browser;
  OutcomePage page;
  page.outcome = out.text("outcome");
  page.workload = out.text("workload");
  page.provider = out.text("provider");
  page.account = out.text("account");
  page.user = out.text("user");
  page.reason = out.text("reason");
  page.other_accounts = out.strings("other_accounts").value_or(std::vector<std::string>());
  if (page.outcome == "confirm" || out.boolean("needs_confirmation").value_or(false)) {
    return confirm_page(look, page, visit.path, browser);
  }
  if (const auto next = some(out, "next")) return leave_page(look, *next);
  return outcome_page(look, page, browser);
}

}  // namespace

Task<Answer> show_outcome(const Desk& desk, Visit visit) {
  // The handle alone is worth nothing: it belongs to the browser that began.
  if (visit.cookies.browser.empty()) co_return refused_answer(visit.look);
  BindingCall call = call_for("Outcome", visit);
  call.with("handle", visit.route.argument);
  const BindingReply reply = co_await desk.reeved.ask_outcome(std::move(call));
  if (reply.failure == Failure::timeout) co_return waiting_page(visit.look);
  if (reply.failure == Failure::not_signed_in) {
    const SignInPage page{"", visit.path, "", reply.ended};
    co_return sign_in_page(visit.look, page, visit.cookies.browser);
  }
  if (!reply) co_return failure_answer(visit.look, reply);
  co_return page_of(reply.out, visit);
}

Task<Answer> confirm_account(const Desk& desk, Visit visit) {
  const std::string accept = visit.fields.text("accept");
  if (accept != "yes" && accept != "no") co_return error_answer(visit.look, 400);
  BindingCall call = call_for("Confirm", visit);
  call.with("handle", visit.route.argument);
  call.with("accept", accept == "yes");
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::not_signed_in) co_return see_other(visit.path);
  if (!reply) co_return failure_answer(visit.look, reply);
  if (const auto next = some(reply.out, "next")) co_return leave_page(visit.look, *next);
  co_return see_other(visit.path);
}

}  // namespace reeve
