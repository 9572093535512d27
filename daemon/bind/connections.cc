#include "bind/connections.h"

#include "bind/pages/connection_pages.h"
#include "bind/pages/consent_pages.h"
#include "bind/pages/error_pages.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

ConnectionRow read_row(const Json& connection) {
  ConnectionRow row;
  row.grant = connection.text("grant");
  row.workload = connection.text("workload");
  row.provider = connection.text("provider");
  row.account = connection.text("account");
  row.scopes = connection.strings("scopes").value_or(std::vector<std::string>());
  row.created_at = connection.integer("created_at").value_or(0);
  row.used_at = connection.integer("used_at");
  return row;
}

Answer page_of(const Json& out, const Secret& browser) {
  std::vector<ConnectionRow> rows;
  const Json* connections = out.find("connections");
  const JsonArray* list = connections == nullptr ? nullptr : connections->array();
  if (list != nullptr) {
    for (const Json& connection : *list) rows.push_back(read_row(connection));
  }
  return connections_page(out.text("user"), rows, browser);
}

}  // namespace

Task<Answer> show_connections(const Desk& desk, Visit visit) {
  const Browser browser = browser_of(visit);
  BindingCall call("Connections");
  call.with("browser", browser.secret.reveal());
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::not_signed_in) {
    const SignInPage page{"", visit.path, ""};
    co_return with_browser(sign_in_page(page, browser.secret), browser);
  }
  if (!reply) co_return failure_answer(reply);
  co_return with_browser(page_of(reply.out, browser.secret), browser);
}

Task<Answer> disconnect(const Desk& desk, Visit visit) {
  const std::string grant = visit.fields.text("grant");
  if (!opaque(grant)) co_return error_answer(400);
  BindingCall call("Disconnect");
  call.with("browser", visit.cookies.browser.reveal()).with("grant", grant);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (!reply) co_return failure_answer(reply);
  co_return see_other("/connections");
}

}  // namespace reeve
