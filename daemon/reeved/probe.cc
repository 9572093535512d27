#include "reeved/probe.h"

#include <cstdlib>
#include <ctime>

#include "reeved/wire.h"

namespace reeve {
namespace {

// More than the leeway that tokens' times have.
constexpr int64_t kSkewSeconds = 60;

Finding failed(std::string part, std::string text, std::string advice) {
  return {std::move(part), "failed", std::move(text), std::move(advice)};
}

std::string systemctl(bool own) { return own ? "systemctl --user" : "systemctl"; }

// What an operator does about an exchange that gave nothing.
std::string advice_for(const Error& error, bool own) {
  const std::string& text = error.text;
  const auto says = [&text](const char* word) { return text.find(word) != std::string::npos; };
  if (says("address")) return "if this host is one of yours, set private_addresses = true";
  if (says("tls") || says("certificate"))
    return std::string("check the server's certificate; an own authority goes to ") +
           (own ? "a drop-in of reeve-fetch@.service, Environment=\"REEVE_FETCH_OPTIONS=--ca-file "
                  "FILE\""
                : "REEVE_FETCH_OPTIONS=\"--ca-file FILE\" in /etc/default/reeve-fetch");
  if (says("fetch-")) return systemctl(own) + " status 'reeve-fetch@*'";
  return "check the URL, the name service and the firewall on the way of reeve-fetch";
}

// An HTTP date (RFC 9110 section 5.6.7); its preferred form alone.
std::optional<int64_t> http_date(const std::string& text) {
  tm parts{};
  const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

}  // namespace

std::string finding_reply(const Finding& finding) {
  return wire::reply([&](JsonWriter& json) {
           json.key("finding")
               .begin_object()
               .member("part", finding.part)
               .member("outcome", finding.outcome)
               .member("text", finding.text);
           if (!finding.advice.empty()) json.member("advice", finding.advice);
           json.end_object();
         })
      .parameters;
}

Task<Result<Probe::Document>> Probe::document(std::shared_ptr<HttpClient> http, std::string issuer,
                                              MetadataRules rules) {
  CO_TRY(const Url url, parse_issuer(issuer, rules.loopback_http));
  Error last{Code::unavailable, "no metadata"};
  const std::vector<std::string> urls = metadata_urls(url);
  for (size_t i = 0; i < urls.size(); ++i) {
    HttpRequest request = get_json(urls[i]);
    auto response = co_await http->send(std::move(request));
    if (!response) {
      last = in(urls[i], std::move(response).error());
      continue;
    }
    auto judged = judge_metadata(*response, rules);
    if (judged) co_return Document{std::move(*response), std::move(*judged)};
    last = in(urls[i], std::move(judged).error());
  }
  co_return last;
}

Task<Result<ServerMetadata>> Probe::discover(DiscoverAsk ask) const {
  MetadataRules rules{ask.issuer, ask.client.loopback_http, {}};
  std::shared_ptr<HttpClient> http = make_client_(ask.client);
  auto found = co_await document(std::move(http), std::move(ask.issuer), std::move(rules));
  if (!found) co_return std::move(found).error();
  co_return std::move(found->metadata);
}

Finding Probe::unreached(std::string part, const Error& error) const {
  return failed(std::move(part), error.text, advice_for(error, own_));
}

std::string Probe::clock_fault(const HttpResponse& response) const {
  const std::string* const date = find_header(response.headers, "date");
  const auto theirs = date == nullptr ? std::nullopt : http_date(*date);
  if (!theirs) return "";
  const int64_t ahead = clock_.unix_seconds() - *theirs;
  if (std::llabs(ahead) <= kSkewSeconds) return "";
  return "this host's clock is " + std::to_string(std::llabs(ahead)) + " seconds " +
         (ahead > 0 ? "ahead of" : "behind") + " the server's";
}

Task<Finding> Probe::server(std::string kind, ServerRef server) const {
  const std::string part = kind + "." + server->name;
  if (server->issuer.empty()) {
    // Known by its endpoints alone: that one answers, whatever it says to a GET, is all to be seen.
    HttpRequest request = get_json(server->preset.endpoints.token);
    const auto response = co_await server->http->send(std::move(request));
    if (!response) co_return unreached(part, response.error());
    const std::string skewed = clock_fault(*response);
    if (!skewed.empty()) co_return failed(part, skewed, "timedatectl set-ntp true");
    co_return Finding{part, "ok", "its token endpoint answers", ""};
  }
  MetadataRules rules{server->issuer, server->loopback_http, server->preset.hosts};
  const auto found = co_await document(server->http, server->issuer, std::move(rules));
  if (!found) co_return unreached(part, found.error());
  const std::string skewed = clock_fault(found->response);
  if (!skewed.empty()) co_return failed(part, skewed, "timedatectl set-ntp true");
  const std::string keys = found->metadata.endpoints.jwks;
  if (server->pinned_keys || keys.empty())
    co_return Finding{part, "ok", "its metadata is good", ""};
  HttpRequest request = get_json(keys);
  const auto response = co_await server->http->send(std::move(request));
  if (!response) co_return unreached(part, response.error());
  const auto judged = judge_jwks(*response);
  if (!judged) co_return failed(part, "its keys: " + judged.error().text, "tell its operator");
  co_return Finding{part, "ok", "its metadata and its keys are good", ""};
}

Task<Finding> Probe::binding(BindingConfig binding) const {
  const std::string part = "binding." + binding.name;
  ClientConfig client;
  client.fetch = "issuers";
  client.loopback_http = binding.loopback;
  client.private_addresses = true;
  const std::shared_ptr<HttpClient> http = make_client_(client);
  HttpRequest request = get_json(binding.url + "/healthz");
  const auto response = co_await http->send(std::move(request));
  if (!response) {
    co_return failed(
        part, binding.url + ": " + response.error().text,
        systemctl(own_) + " enable --now reeve-bind.socket; check " +
            (own_ ? "that its ListenStream= is the port of url" : "the proxy before it"));
  }
  if (response->status == 421) {
    co_return failed(part, binding.url + " answers 421: another Host arrives there",
                     "let the proxy keep the Host header; " + systemctl(own_) +
                         " restart reeve-bind after a change of url");
  }
  if (response->status != 200) {
    co_return failed(part, binding.url + " answers " + std::to_string(response->status),
                     "check that the proxy passes all paths on to reeve-bind");
  }
  co_return Finding{part, "ok", binding.url + " answers", ""};
}

Finding Probe::attestor(const std::string& wrong) {
  const std::string part = "reeve-attest";
  if (wrong.empty()) return {part, "ok", "it answers", ""};
  return failed(part, wrong,
                "systemctl enable --now reeve-attest.socket; journalctl -u reeve-attest");
}

Finding Probe::refreshes(const std::string& provider, const std::vector<GrantRef>& grants) {
  Finding finding{"refresh tokens of " + provider, "ok", "", ""};
  size_t all = 0, with = 0;
  for (const GrantRef& grant : grants) {
    if (grant->provider != provider || grant->dead) continue;
    ++all;
    if (!grant->refresh_token.empty()) ++with;
  }
  finding.text = std::to_string(with) + " of " + std::to_string(all) + " live grants have one";
  if (all > 0 && with == 0) {
    finding.outcome = "warning";
    finding.advice =
        "users are asked again whenever a token ends: see `offline` in reeve.toml(5), "
        "and the client's registration there";
  }
  return finding;
}

}  // namespace reeve
