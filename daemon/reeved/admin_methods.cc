#include "reeved/admin_methods.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "config/text_rules.h"
#include "peer/attest.h"
#include "reeved/admin_filter.h"
#include "reeved/evidence.h"
#include "reeved/version.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Admin";
constexpr size_t kProbedGrants = 4096;

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
  // Of a great many grants some thousands tell as much.
  std::vector<GrantRef> grants;
  for (Grants::Walk walk; !walk.over && grants.size() < kProbedGrants;) {
    const std::vector<GrantRef> some = co_await parts_.grants.some(walk);
    grants.insert(grants.end(), some.begin(), some.end());
  }
  std::vector<std::pair<std::string, ServerRef>> servers;
  for (const auto& [name, server] : setup->issuers) servers.emplace_back("issuer", server);
  for (const auto& [name, server] : setup->providers) servers.emplace_back("provider", server);
  for (size_t i = 0; i < servers.size(); ++i) {
    const Finding finding = co_await probe_.server(servers[i].first, servers[i].second);
    std::string text = finding_reply(finding);
    co_await call.send(std::move(text));
    if (servers[i].first != "provider") continue;
    text = finding_reply(Probe::refreshes(servers[i].second->name, grants));
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
