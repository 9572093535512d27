#include "bind/connections.h"

#include <algorithm>
#include <tuple>

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
  row.used_by = connection.text("used_by");
  row.scopes = connection.strings("scopes").value_or(std::vector<std::string>());
  row.resources = connection.strings("resources").value_or(std::vector<std::string>());
  row.ended = connection.text("state") == "ended";
  row.created_at = connection.integer("created_at").value_or(0);
  row.used_at = connection.integer("used_at");
  return row;
}

// The oldest first, so that a page looks the same when it is loaded again.
std::vector<ConnectionRow> read_rows(const Json& out) {
  std::vector<ConnectionRow> rows;
  const Json* connections = out.find("connections");
  const JsonArray* list = connections == nullptr ? nullptr : connections->array();
  if (list == nullptr) return rows;
  for (const Json& connection : *list) rows.push_back(read_row(connection));
  std::sort(rows.begin(), rows.end(), [](const ConnectionRow& a, const ConnectionRow& b) {
    return std::tie(a.created_at, a.grant) < std::tie(b.created_at, b.grant);
  });
  return rows;
}

DisconnectedRow read_end(const BindingReply& reply, int64_t now) {
  DisconnectedRow row;
  row.done = !!reply;
  row.workload = reply.out.text("workload");
  row.provider = reply.out.text("provider");
  row.said = reply.out.text("said");
  row.for_good = reply.out.boolean("lent_for_good").value_or(false);
  const auto until = reply.out.integer("lent_until");
  if (until && *until > now) row.minutes_left = (*until - now + 59) / 60;
  return row;
}

BindingCall ask_disconnect(const Visit& visit, const std::string& grant) {
  BindingCall call = call_for("Disconnect", visit);
  call.with("grant", grant);
  return call;
}

Task<Answer> disconnect_all(const Desk& desk, Visit visit) {
  BindingCall listing = call_for("Connections", visit);
  const BindingReply listed = co_await desk.reeved.ask(std::move(listing));
  if (!listed) co_return failure_answer(visit.look, listed);
  const std::vector<ConnectionRow> rows = read_rows(listed.out);
  std::vector<DisconnectedRow> ends;
  for (const ConnectionRow& row : rows) {
    BindingCall call = ask_disconnect(visit, row.grant);
    const BindingReply reply = co_await desk.reeved.ask(std::move(call));
    // Ended meanwhile by somebody else: that is what was wanted.
    if (reply.failure == Failure::refused) continue;
    ends.push_back(read_end(reply, desk.clock.unix_seconds()));
  }
  co_return disconnected_page(visit.look, ends, true);
}

}  // namespace

Task<Answer> show_connections(const Desk& desk, Visit visit) {
  const Browser browser = browser_of(visit);
  BindingCall call = call_for("Connections", browser.secret, visit);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  if (reply.failure == Failure::not_signed_in) {
    const SignInPage page{"", visit.path, "", reply.ended};
    co_return with_browser(sign_in_page(visit.look, page, browser.secret), browser);
  }
  if (!reply) co_return failure_answer(visit.look, reply);
  const std::vector<ConnectionRow> rows = read_rows(reply.out);
  co_return with_browser(connections_page(visit.look, reply.out.text("user"), rows, browser.secret),
                         browser);
}

Task<Answer> disconnect(const Desk& desk, Visit visit) {
  if (visit.fields.text("all") == "yes") co_return co_await disconnect_all(desk, std::move(visit));
  const std::string grant = visit.fields.text("grant");
  if (!opaque(grant)) co_return error_answer(visit.look, 400);
  BindingCall call = ask_disconnect(visit, grant);
  const BindingReply reply = co_await desk.reeved.ask(std::move(call));
  std::vector<DisconnectedRow> ends;
  // One that is not there (any more) is over, whoever ended it: a reload says so too.
  const bool gone = reply.failure == Failure::refused;
  if (!reply && !gone) co_return failure_answer(visit.look, reply);
  if (reply) ends.push_back(read_end(reply, desk.clock.unix_seconds()));
  co_return disconnected_page(visit.look, ends, false);
}

}  // namespace reeve
