#include "reeved/admin_methods.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "config/text_rules.h"
#include "peer/attest.h"
#include "reeved/evidence.h"
#include "reeved/version.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Admin";

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

std::vector<std::string> problems_of(const Config& config, const Attestor* attestor) {
  std::vector<std::string> problems;
  if (config.providers.empty())
    problems.emplace_back(
        "no provider is configured: `reeve setup provider NAME`, or [provider.NAME] of "
        "reeve.toml(5)");
  if (config.workloads.empty())
    problems.emplace_back(
        "no workload is configured, every agent is denied: [workload.NAME] of reeve.toml(5)");
  if (config.bindings.empty())
    problems.emplace_back("no [binding.NAME] url is configured: users cannot consent");
  if (config.issuers.empty())
    problems.emplace_back(
        "no issuer is configured, users cannot sign in: `reeve setup issuer NAME`, or "
        "[issuer.NAME]");
  if (attestor != nullptr && attestor->enabled() && !attestor->trouble().empty())
    problems.push_back("reeve-attest: " + attestor->trouble());
  return problems;
}

// A filter: an empty string or absent user means any.
struct Filter {
  const Json& parameters;
  bool named(const char* name) const { return !parameters.text(name).empty(); }
  bool fits(const char* name, const std::string& value) const {
    return !named(name) || parameters.text(name) == value;
  }
  bool any_user() const {
    return parameters.find("user") == nullptr || parameters.find("user")->is_null();
  }
  bool fits_user(const std::optional<User>& user) const {
    if (any_user()) return true;
    const Json& wanted = *parameters.find("user");
    return user && user->issuer == wanted.text("issuer") && user->subject == wanted.text("subject");
  }
};

varlink::Reply revoked_reply(const std::vector<GrantRef>& grants,
                             const std::vector<Disconnected>& told, int64_t ended) {
  int64_t at_provider = 0;
  std::vector<std::string> failures;
  for (size_t at = 0; at < grants.size(); ++at) {
    if (told[at].said == Disconnected::Said::revoked) ++at_provider;
    else failures.push_back(grants[at]->id + ": " + told[at].reason);
  }
  return wire::reply([&](JsonWriter& json) {
    json.member("revoked", static_cast<int64_t>(grants.size()))
        .member("at_provider", at_provider)
        .member("failures", failures)
        .member("sessions", ended)
        .key("grants")
        .begin_array();
    for (size_t at = 0; at < grants.size(); ++at) {
      const Disconnected& one = told[at];
      json.begin_object()
          .member("id", grants[at]->id)
          .member("provider", grants[at]->provider)
          .member("said", word(one.said));
      if (!one.reason.empty()) json.member("reason", one.reason);
      json.member("again", one.again)
          .member("lent_until", one.lent_until)
          .member("lent_for_good", one.lent_for_good)
          .end_object();
    }
    json.end_array();
  });
}

}  // namespace

varlink::MethodTable AdminMethods::table() {
  return {{"Status", [this](Call& call) { return status(call); }},
          {"Sessions", [this](Call& call) { return list_sessions(call); }},
          {"KillSessions", [this](Call& call) { return kill_sessions(call); }},
          {"Grants", [this](Call& call) { return list_grants(call); }},
          {"RevokeGrants", [this](Call& call) { return revoke_grants(call); }},
          {"Revocations", [this](Call& call) { return list_revocations(call); }},
          {"Explain", [this](Call& call) { return explain(call); }},
          {"Reload", [this](Call& call) { return reload(call); }},
          {"Discover", [this](Call& call) { return discover(call); }},
          {"Probe", [this](Call& call) { return probe(call); }}};
}

Task<varlink::Reply> AdminMethods::status(Call&) {
  const Config& config = parts_.setup.get()->config;
  int64_t pending = 0;
  for (const ConsentRef& consent : parts_.consents.all()) pending += final(consent->status) ? 0 : 1;
  co_return wire::reply([&](JsonWriter& json) {
    json.member("version", kVersion)
        .member("pid", static_cast<int64_t>(::getpid()))
        .member("started_at", parts_.started_at)
        .member("unseparated", parts_.unseparated)
        .member("sessions", static_cast<int64_t>(parts_.sessions.all().size()))
        .member("grants", static_cast<int64_t>(parts_.grants.size()))
        .member("consents", pending)
        .member("workloads", names_of(config.workloads))
        .member("providers", names_of(config.providers))
        .member("issuers", names_of(config.issuers))
        .member("problems", problems_of(config, parts_.attestor))
        .key("redirect_uris")
        .begin_object();
    for (const auto& [table, uri] : redirect_uris(config)) json.member(table, uri);
    json.end_object();
  });
}

Task<varlink::Reply> AdminMethods::list_sessions(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const std::vector<SessionRef> sessions = parts_.sessions.all();
  for (const SessionRef& session : sessions) {
    std::string text = wire::reply([&](JsonWriter& json) {
                         json.key("session")
                             .begin_object()
                             .member("id", session->id)
                             .member("workload", session->workload);
                         if (session->user) {
                           json.key("user");
                           wire::write_user(json, *session->user);
                         }
                         json.member("scope", session->scope)
                             .member("opened_at", session->opened_at)
                             .member("expires_at", session->expires_at)
                             .end_object();
                       }).parameters;
    co_await call.send(std::move(text));
  }
  co_return Reply{};
}

Task<varlink::Reply> AdminMethods::kill_sessions(Call& call) {
  const Filter filter{call.parameters};
  if (filter.any_user() && !filter.named("workload") && !filter.named("session")) {
    co_return varlink::invalid_parameter("user");
  }
  std::function<bool(const Session&)> fits = [filter](const Session& session) {
    return filter.fits_user(session.user) && filter.fits("workload", session.workload) &&
           filter.fits("session", session.id);
  };
  const auto ended = co_await end_sessions(call, std::move(fits));
  if (!ended) co_return wire::from_error(kInterface, ended.error());
  const auto count = static_cast<int64_t>(*ended);
  co_return wire::reply([&](JsonWriter& json) { json.member("ended", count); });
}

Task<Result<size_t>> AdminMethods::end_sessions(const Call& call,
                                                std::function<bool(const Session&)> fits) {
  Event event;
  event.name = "sessions.killed";
  event.outcome = "ok";
  event.rule = call.parameters.text("workload");
  event.session = call.parameters.text("session");
  CO_CHECK(co_await parts_.audit.record_synced(event));
  co_return co_await parts_.sessions.end(std::move(fits));
}

// Whether that session could be lent a token of that grant.
bool AdminMethods::uses(const Session& session, const Grant& grant) const {
  const WorkloadConfig* const workload = parts_.setup.get()->policy.find(session.workload);
  return session.user && session.user->is(grant.user) && workload != nullptr &&
         Setup::holder_of(*workload) == grant.holder;
}

Task<varlink::Reply> AdminMethods::list_grants(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const std::vector<GrantRef> grants = parts_.grants.all();
  for (const GrantRef& grant : grants) {
    std::string text =
        wire::reply([&](JsonWriter& json) {
          json.key("grant")
              .begin_object()
              .member("id", grant->id)
              .member("workload", grant->workload);
          json.key("user");
          wire::write_user(json, grant->user);
          json.member("provider", grant->provider);
          if (!grant->account_label.empty()) json.member("account", grant->account_label);
          json.member("requested", grant->requested)
              .member("granted", grant->granted)
              .member("state", grant->dead ? "dead" : "live")
              .member("created_at", grant->created_at);
          if (grant->used_at > 0) json.member("used_at", grant->used_at);
          if (!grant->tokens.empty())
            json.member("expires_at", parts_.clock.as_set(grant->tokens.front().expires_at));
          json.end_object();
        }).parameters;
    co_await call.send(std::move(text));
  }
  co_return Reply{};
}

Task<varlink::Reply> AdminMethods::revoke_grants(Call& call) {
  const Filter filter{call.parameters};
  if (filter.any_user() && !filter.named("provider") && !filter.named("workload") &&
      !filter.named("grant") && !filter.named("session")) {
    co_return varlink::invalid_parameter("user");
  }
  // A session's grants are those that it can use.
  const SessionRef session = parts_.sessions.by_id(call.parameters.text("session"));
  std::vector<GrantRef> grants;
  for (const GrantRef& grant : parts_.grants.all()) {
    if (filter.fits_user(grant->user) && filter.fits("provider", grant->provider) &&
        filter.fits("workload", grant->workload) && filter.fits("grant", grant->id) &&
        (!filter.named("session") || (session && uses(*session, *grant)))) {
      grants.push_back(grant);
    }
  }
  int64_t ended = 0;
  if (call.parameters.boolean("sessions").value_or(false)) {
    std::function<bool(const Session&)> fits = [this, filter, grants](const Session& one) {
      const bool named = filter.fits_user(one.user) && filter.fits("workload", one.workload) &&
                         filter.fits("session", one.id) && !filter.named("provider") &&
                         !filter.named("grant");
      return named || std::any_of(grants.begin(), grants.end(),
                                  [&](const GrantRef& grant) { return uses(one, *grant); });
    };
    auto killed = co_await end_sessions(call, std::move(fits));
    if (!killed) co_return wire::from_error(kInterface, killed.error());
    ended = static_cast<int64_t>(*killed);
  }
  auto told = co_await parts_.desk.disconnect_all(grants, "operator");
  if (!told) co_return wire::from_error(kInterface, told.error());
  co_return revoked_reply(grants, *told, ended);
}

Task<varlink::Reply> AdminMethods::list_revocations(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const std::vector<Revocations::Open> all = parts_.revocations.all();
  for (const Revocations::Open& open : all) {
    std::string text = wire::reply([&](JsonWriter& json) {
                         json.key("revocation").begin_object();
                         if (!open.grant.empty()) json.member("grant", open.grant);
                         json.key("user");
                         wire::write_user(json, open.user);
                         json.member("provider", open.provider)
                             .member("begun_at", open.begun_at)
                             .member("next_at", open.next_at)
                             .member("tries", static_cast<int64_t>(open.tries));
                         if (!open.reason.empty()) json.member("reason", open.reason);
                         json.end_object();
                       }).parameters;
    co_await call.send(std::move(text));
  }
  co_return Reply{};
}

std::variant<Attested, varlink::Reply> AdminMethods::subject_of(const Call& call) {
  const Json& parameters = call.parameters;
  if (const auto pid = parameters.integer("pid")) {
    // A longer number must not be cut to another process's.
    const bool possible = *pid > 0 && *pid <= std::numeric_limits<pid_t>::max();
    auto attested = attest_pid(possible ? static_cast<pid_t>(*pid) : -1);
    if (attested) return std::move(*attested);
    return wire::failure("io.reeve.Admin.NotFound", [&](JsonWriter& json) {
      json.member("what", "process " + std::to_string(*pid));
    });
  }
  const Json* evidence = parameters.find("evidence");
  if (evidence == nullptr || evidence->is_null()) return varlink::invalid_parameter("pid");
  Attested attested;
  const std::string wrong = read_evidence(*evidence, attested.peer);
  if (!wrong.empty()) return varlink::invalid_parameter("evidence." + wrong);
  return attested;
}

Task<varlink::Reply> AdminMethods::explain(Call& call) {
  const Json& parameters = call.parameters;
  auto subject = subject_of(call);
  if (auto* refusal = std::get_if<Reply>(&subject)) co_return std::move(*refusal);
  auto& attested = std::get<Attested>(subject);
  Peer& peer = attested.peer;
  if (attested.pidfd && parts_.attestor != nullptr) {
    const AttestationWanted wanted = parts_.setup.get()->policy.wanted(peer);
    peer.attested = co_await parts_.attestor->ask(peer, attested.pidfd.get(), wanted);
  }
  const Setup& setup = *parts_.setup.get();
  Ask ask;
  if (!parameters.text("user").empty()) ask.user = parameters.text("user");
  ask.provider = parameters.text("provider");
  ask.scopes = parameters.strings("scopes");
  const Match match = setup.policy.match(peer);
  if (match.workload != nullptr) ask.workload = match.workload->name;
  const Verdict verdict = setup.policy.decide(peer, ask);
  const std::string text = setup.policy.explain(peer, ask);
  co_return wire::reply([&](JsonWriter& json) {
    json.member("verdict", verdict.allowed ? "allowed" : "denied");
    if (!verdict.rule.empty()) json.member("rule", verdict.rule);
    json.member("reason", word(verdict.reason)).member("text", text);
  });
}

Task<varlink::Reply> AdminMethods::reload(Call&) {
  const Reloaded reloaded = parts_.reload();
  if (!reloaded.errors.empty()) {
    co_return wire::failure("io.reeve.Admin.ConfigurationInvalid",
                            [&](JsonWriter& json) { json.member("errors", reloaded.errors); });
  }
  Event event;
  event.name = "policy.reloaded";
  event.outcome = "ok";
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return wire::from_error(kInterface, recorded.error());
  co_return wire::reply([&](JsonWriter& json) { json.member("warnings", reloaded.warnings); });
}

Task<varlink::Reply> AdminMethods::discover(Call& call) {
  DiscoverAsk ask;
  ask.issuer = call.parameters.text("issuer");
  ask.client.fetch = call.parameters.text("fetch");
  ask.client.loopback_http = call.parameters.boolean("loopback_http").value_or(false);
  ask.client.private_addresses = call.parameters.boolean("private_addresses").value_or(false);
  if (!is_table_name(ask.client.fetch)) co_return varlink::invalid_parameter("fetch");
  const auto found = co_await probe_.discover(std::move(ask));
  if (!found) {
    co_return wire::failure("io.reeve.Admin.DiscoveryFailed",
                            [&](JsonWriter& json) { json.member("reason", found.error().text); });
  }
  const Endpoints& ends = found->endpoints;
  const std::pair<const char*, const std::string*> named[] = {
      {"authorization", &ends.authorization},
      {"token", &ends.token},
      {"userinfo", &ends.userinfo},
      {"revocation", &ends.revocation},
      {"jwks", &ends.jwks},
      {"pushed_authorization", &ends.pushed_authorization}};
  co_return wire::reply([&](JsonWriter& json) {
    json.key("endpoints").begin_object();
    for (const auto& [name, url] : named) {
      if (!url->empty()) json.member(name, *url);
    }
    json.end_object();
  });
}

Task<varlink::Reply> AdminMethods::probe(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const SetupRef setup = parts_.setup.get();
  if (parts_.attestor != nullptr && parts_.attestor->enabled()) {
    const std::string wrong = co_await parts_.attestor->examine();
    std::string text = finding_reply(Probe::attestor(wrong));
    co_await call.send(std::move(text));
  }
  std::vector<std::pair<std::string, ServerRef>> servers;
  for (const auto& [name, server] : setup->issuers) servers.emplace_back("issuer", server);
  for (const auto& [name, server] : setup->providers) servers.emplace_back("provider", server);
  for (size_t i = 0; i < servers.size(); ++i) {
    const Finding finding = co_await probe_.server(servers[i].first, servers[i].second);
    std::string text = finding_reply(finding);
    co_await call.send(std::move(text));
    if (servers[i].first != "provider") continue;
    text = finding_reply(Probe::refreshes(servers[i].second->name, parts_.grants.all()));
    co_await call.send(std::move(text));
  }
  std::vector<BindingConfig> bindings;
  for (const auto& [name, binding] : setup->config.bindings) bindings.push_back(binding);
  for (size_t i = 0; i < bindings.size(); ++i) {
    const Finding finding = co_await probe_.binding(bindings[i]);
    std::string text = finding_reply(finding);
    co_await call.send(std::move(text));
  }
  co_return Reply{};
}

}  // namespace reeve
