#include "oauth/engine.h"

#include "base/encoding.h"
#include "oauth/lifetime.h"
#include "oauth/revocation.h"
#include "oauth/token_request.h"

namespace reeve {
namespace {

constexpr int64_t kKeyCooldownSeconds = 60;  // between two fetches for unknown keys (OIDC-7)
constexpr int64_t kAgainSeconds = 60;  // until metadata is asked for again that could not be had
constexpr int64_t kNeverSeconds = int64_t{100} * 365 * 24 * 3600;

// Before anything was sent.
TokenOutcome unreachable(const Error& error) { return network_problem(error, Fate::not_sent); }

TokenOutcome judge(const Server& server, const HttpResponse& response) {
  auto judged = judge_token_answer(response, server.preset);
  if (auto* answer = std::get_if<TokenAnswer>(&judged)) {
    if (!answer->expires_in && server.preset.expires_absent == ExpiresAbsent::assume) {
      answer->expires_in = server.preset.assume_seconds;
    }
  }
  return judged;
}

TokenOutcome judge(const Server& server, const HeldOutcome& outcome) {
  if (const auto* failure = std::get_if<HoldFailure>(&outcome)) {
    return network_problem(failure->error, failure->fate);
  }
  return judge(server, std::get<HttpResponse>(outcome));
}

std::vector<std::string> resources_of(const std::string& resource) {
  return resource.empty() ? std::vector<std::string>() : std::vector<std::string>{resource};
}

}  // namespace

Result<ClientIdentity> identify(const Server& server, const ServerMetadata& metadata) {
  ClientIdentity client;
  client.client_id = server.client.client_id;
  client.client_secret = server.client_secret.reveal();
  client.raw_basic = server.client.raw_basic;
  if (server.client_auth) {
    client.auth = *server.client_auth;
  } else {
    REEVE_TRY(client.auth,
              choose_client_auth(server.preset, metadata, !client.client_secret.empty()));
  }
  return client;
}

Task<Result<MetadataRef>> Engine::metadata(ServerRef server) {
  const auto kept = metadata_.find(server->context);
  if (kept != metadata_.end() && kept->second.until > clock_.steady_seconds())
    co_return kept->second.metadata;
  if (server->issuer.empty()) {
    auto written = std::make_shared<const ServerMetadata>(configured_metadata(server->preset));
    metadata_[server->context] = {written, clock_.steady_seconds() + kNeverSeconds};
    co_return MetadataRef(written);
  }
  auto found = co_await discover(server);
  if (found) co_return found;
  // The last good copy serves while the server cannot be asked.
  const auto last = metadata_.find(server->context);
  if (last != metadata_.end()) {
    last->second.until = clock_.steady_seconds() + kAgainSeconds;
    co_return last->second.metadata;
  }
  co_return in("the metadata of " + server->name, std::move(found).error());
}

Task<Result<MetadataRef>> Engine::discover(ServerRef server) {
  CO_TRY(const Url issuer, parse_issuer(server->issuer, server->loopback_http));
  Error last{Code::unavailable, "no metadata"};
  const std::vector<std::string> urls = metadata_urls(issuer);
  for (const std::string& url : urls) {
    HttpRequest request = get_json(url);
    auto response = co_await server->http->send(std::move(request));
    if (!response) {
      last = std::move(response).error();
      continue;
    }
    const MetadataRules rules{server->issuer, server->loopback_http, server->preset.hosts};
    auto judged = judge_metadata(*response, rules);
    if (!judged) {
      last = std::move(judged).error();
      continue;
    }
    auto metadata = std::make_shared<const ServerMetadata>(std::move(*judged));
    metadata_[server->context] = {metadata, clock_.steady_seconds() + cache_seconds(*response)};
    co_return MetadataRef(metadata);
  }
  co_return last;
}

Task<Result<std::string>> Engine::authorize(ServerRef server, AuthorizeAsk ask) {
  CO_TRY(const MetadataRef metadata, co_await this->metadata(server));
  AuthorizationAsk asked;
  asked.client_id = server->client.client_id;
  asked.redirect_uri = ask.redirect_uri;
  asked.scopes = ask.sign_in ? ask.scopes : scopes_to_ask(server->preset, *metadata, ask.scopes);
  asked.state = ask.state;
  for (const std::string& scope : asked.scopes) {
    if (scope == "openid") asked.nonce = ask.nonce;
  }
  asked.code_challenge = server->preset.pkce_off.empty() ? ask.code_challenge : "";
  asked.resources = resources_of(ask.resource);
  asked.offline = !ask.sign_in;
  if (ask.sign_in) asked.prompt = ask.login ? "login" : server->prompt;
  asked.max_age = ask.max_age;
  asked.acr_values = ask.acr_values;
  asked.form_post = server->form_post;
  asked.login_hint = ask.login_hint;
  CO_TRY(const Parameters parameters, authorization_parameters(asked, server->preset));
  const Endpoints& endpoints = metadata->endpoints;
  if (endpoints.pushed_authorization.empty()) {
    co_return authorization_url(endpoints.authorization, parameters);
  }
  CO_TRY(const ClientIdentity client, identify(*server, *metadata));
  HttpRequest request = pushed_request(endpoints.pushed_authorization, parameters, client);
  auto response = co_await server->http->send(std::move(request));
  if (!response)
    co_return in("the pushed authorization request to " + server->name,
                 std::move(response).error());
  const auto judged = judge_pushed(*response);
  if (const auto* problem = std::get_if<TokenProblem>(&judged)) {
    co_return Error{Code::unavailable,
                    server->name + " refused the pushed authorization request: " + problem->error +
                        " " + problem->description};
  }
  co_return pushed_authorization_url(endpoints.authorization, asked.client_id,
                                     std::get<PushedAuthorization>(judged).request_uri);
}

Task<Result<CallbackRules>> Engine::callback_rules(ServerRef server) {
  CO_TRY(const MetadataRef metadata, co_await this->metadata(server));
  co_return CallbackRules{server->issuer, metadata->iss_supported || server->preset.iss_expected};
}

Task<TokenOutcome> Engine::token_request(ServerRef server, HttpRequest request,
                                         std::optional<Hold> hold) {
  if (hold) {
    const HeldOutcome outcome = co_await server->http->send_held(std::move(request), *hold);
    co_return judge(*server, outcome);
  }
  const auto response = co_await server->http->send(std::move(request));
  if (!response) co_return network_problem(response.error());
  co_return judge(*server, *response);
}

// What: a literal, which outlives the task.
Task<TokenOutcome> Engine::timed(ServerRef server, std::string_view what,
                                 Task<TokenOutcome> request) {
  const int64_t begun = clock_.boot_milliseconds();
  TokenOutcome outcome = co_await request;
  if (observer_) {
    observer_(*server, what, static_cast<double>(clock_.boot_milliseconds() - begun) / 1000);
  }
  co_return outcome;
}

Task<TokenOutcome> Engine::recall(ServerRef server, Hold hold) {
  const HeldOutcome outcome = co_await server->http->recall(std::move(hold));
  co_return judge(*server, outcome);
}

Task<TokenOutcome> Engine::redeem(ServerRef server, CodeAsk ask) {
  const auto metadata = co_await this->metadata(server);
  if (!metadata) co_return unreachable(metadata.error());
  const auto client = identify(*server, **metadata);
  if (!client) co_return unreachable(client.error());
  const Secret none;
  const CodeGrant grant{ask.code, server->preset.pkce_off.empty() ? ask.code_verifier : none,
                        ask.redirect_uri, resources_of(ask.resource)};
  HttpRequest request = code_request((*metadata)->endpoints.token, grant, *client);
  // A sign-in begins anew where its answer is lost; so it is not held.
  const std::string_view what = ask.hold ? "code" : "sign_in";
  Task<TokenOutcome> sent = token_request(server, std::move(request), std::move(ask.hold));
  co_return co_await timed(server, what, std::move(sent));
}

Task<TokenOutcome> Engine::refresh(ServerRef server, RefreshAsk ask) {
  const auto metadata = co_await this->metadata(server);
  if (!metadata) co_return unreachable(metadata.error());
  const auto client = identify(*server, **metadata);
  if (!client) co_return unreachable(client.error());
  const RefreshGrant grant{ask.refresh_token, ask.scopes, server->preset.scope_separator,
                           resources_of(ask.resource)};
  HttpRequest request = refresh_request((*metadata)->endpoints.token, grant, *client);
  Task<TokenOutcome> sent = token_request(server, std::move(request), std::move(ask.hold));
  co_return co_await timed(server, "refresh", std::move(sent));
}

Task<Result<void>> Engine::revoke(ServerRef server, Secret token, bool refresh_token) {
  const RevocationKind kind = server->preset.revocation;
  if (kind == RevocationKind::none)
    co_return Error{Code::not_found, server->name + " has no revocation"};
  CO_TRY(const MetadataRef metadata, co_await this->metadata(server));
  const std::string endpoint = kind == RevocationKind::rfc7009 ? metadata->endpoints.revocation
                                                               : server->preset.revocation_url;
  if (endpoint.empty())
    co_return Error{Code::not_found, server->name + " has no revocation endpoint"};
  CO_TRY(const ClientIdentity client, identify(*server, *metadata));
  HttpRequest request =
      revocation_request(kind, endpoint, client, token,
                         refresh_token ? TokenHint::refresh_token : TokenHint::access_token);
  auto response = co_await server->http->send(std::move(request));
  if (!response) co_return std::move(response).error();
  if (const auto problem = judge_revocation(kind, *response)) {
    using Kind = TokenProblem::Kind;
    const bool later = problem->kind == Kind::transient || problem->kind == Kind::invalid_client;
    co_return Error{later ? Code::unavailable : Code::denied,
                    server->name + " answered " + problem->error};
  }
  co_return Result<void>();
}

// Marks that a key set is being asked for, and wakes who waits for it, however that ends.
class Engine::Asking {
 public:
  Asking(Engine& engine, std::string context) : engine_(engine), context_(std::move(context)) {
    engine_.keys_[context_].asking = true;
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() {
    Keys& keys = engine_.keys_[context_];
    keys.asking = false;
    keys.waiting.clear();
  }

 private:
  Engine& engine_;
  const std::string context_;
};

Task<Result<Engine::KeySet>> Engine::keys(ServerRef server, bool anew) {
  // Read anew each time: a reload may have brought others.
  if (server->pinned_keys) {
    CO_TRY(JwkSet pinned, parse_jwks(*server->pinned_keys));
    co_return std::make_shared<const JwkSet>(std::move(pinned));
  }
  const int64_t now = clock_.steady_seconds();
  const bool kept = keys_[server->context].set != nullptr;
  if (kept) {
    const Keys& keys = keys_[server->context];
    const bool fresh = now < keys.fetched_at + keys.fresh_seconds;
    if (fresh && !anew) co_return keys.set;
  }
  if (keys_[server->context].asking) {
    Waiter<> waiter(loop_);
    keys_[server->context].waiting.push_back(waiter.resolver());
    co_await waiter;
  } else if (!kept || now >= keys_[server->context].asked_at + kKeyCooldownSeconds) {
    // A flood of unknown key ids must not become a flood of requests.
    const Asking asking(*this, server->context);
    const auto fetched = co_await fetch_keys(server);
    if (!fetched && !kept) co_return in("the keys of " + server->name, fetched.error());
  }
  const KeySet set = keys_[server->context].set;
  if (set == nullptr) co_return Error{Code::unavailable, "the keys of " + server->name};
  co_return set;
}

Task<Result<void>> Engine::fetch_keys(ServerRef server) {
  const int64_t now = clock_.steady_seconds();
  CO_TRY(const MetadataRef metadata, co_await this->metadata(server));
  keys_[server->context].asked_at = now;
  HttpRequest request = get_json(metadata->endpoints.jwks);
  auto response = co_await server->http->send(std::move(request));
  if (!response) co_return std::move(response).error();
  CO_TRY(JwkSet judged, judge_jwks(*response));
  Keys& keys = keys_[server->context];
  keys.set = std::make_shared<const JwkSet>(std::move(judged));
  keys.fetched_at = now;
  keys.fresh_seconds = cache_seconds(*response);
  co_return Result<void>();
}

Task<Result<Claims>> Engine::verify(ServerRef server, std::string token,
                                    Verification verification) {
  JwtExpectation expected;
  expected.issuer = server->issuer;
  expected.audiences = verification.audiences;
  expected.algorithms = server->algorithms;
  expected.subject_claim = server->subject_claim;
  expected.nonce = verification.nonce;
  expected.max_age = verification.max_age;
  expected.access_token = verification.access_token;
  for (const bool anew : {false, true}) {
    CO_TRY(const auto keys, co_await this->keys(server, anew));
    auto judged = verify_jwt(token, verification.kind, expected, *keys, clock_.unix_seconds());
    if (auto* claims = std::get_if<Claims>(&judged)) {
      wipe(token);
      co_return std::move(*claims);
    }
    const JwtFailure& failure = std::get<JwtFailure>(judged);
    if (failure.problem == JwtProblem::unknown_key && !anew) continue;
    wipe(token);
    co_return Error{Code::denied, failure.text};
  }
  co_return Error{Code::denied, "no key"};
}

Task<Result<Account>> Engine::account(ServerRef server, const Secret& access_token,
                                      const Claims* claims) {
  const AccountRules& rules = server->preset.account;
  if (rules.source == AccountSource::none) co_return Account{};
  std::variant<Account, TokenProblem> judged;
  if (rules.source == AccountSource::id_token) {
    if (claims == nullptr) co_return Error{Code::invalid, server->name + " sent no ID token"};
    judged = read_account(claims->all, rules);
  } else {
    CO_TRY(const MetadataRef metadata, co_await this->metadata(server));
    if (metadata->endpoints.userinfo.empty()) co_return Account{};
    HttpRequest request = userinfo_request(metadata->endpoints.userinfo, access_token);
    auto response = co_await server->http->send(std::move(request));
    if (!response) co_return in("the account at " + server->name, std::move(response).error());
    judged = judge_userinfo(*response, rules, claims == nullptr ? "" : claims->sub);
  }
  if (const auto* problem = std::get_if<TokenProblem>(&judged)) {
    co_return Error{Code::invalid, "the account at " + server->name + ": " + problem->error + " " +
                                       problem->description};
  }
  co_return std::get<Account>(std::move(judged));
}

}  // namespace reeve
