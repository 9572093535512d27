// Probe: tries issuers, providers and bindings as users meet them, and says for each failure what
// to do. Nothing is changed or kept; each exchange is a GET by the instance of reeve-fetch that
// carries the others too.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "oauth/discovery.h"
#include "oauth/server.h"
#include "session/grants.h"
#include "session/setup.h"

namespace reeve {

// What came of one part: "ok", "warning" or "failed".
struct Finding {
  std::string part;  // "provider.github"
  std::string outcome = "ok";
  std::string text;
  std::string advice;  // empty: nothing is to be done
};

// The parameters of a reply of Probe that tells it.
std::string finding_reply(const Finding& finding);

// What setup wants to know before it writes: the metadata of a server that is not configured yet.
struct DiscoverAsk {
  std::string issuer;
  ClientConfig client;  // how it is reached
};

class Probe final {
 public:
  // own: it is a user's own daemon, whose units `systemctl --user` knows.
  Probe(const Clock& clock, HttpClientMaker make_client, bool own)
      : clock_(clock), make_client_(std::move(make_client)), own_(own) {}

  // An error's text says what was tried last.
  Task<Result<ServerMetadata>> discover(DiscoverAsk ask) const;
  // kind: "issuer" or "provider".
  Task<Finding> server(std::string kind, ServerRef server) const;
  Task<Finding> binding(BindingConfig binding) const;
  // Of reeve-attest; `wrong`: what Attestor::examine found.
  static Finding attestor(const std::string& wrong);
  // Whether refresh tokens come from that provider.
  static Finding refreshes(const std::string& provider, const std::vector<GrantRef>& grants);

 private:
  struct Document {
    HttpResponse response;
    ServerMetadata metadata;
  };
  static Task<Result<Document>> document(std::shared_ptr<HttpClient> http, std::string issuer,
                                         MetadataRules rules);
  std::string clock_fault(const HttpResponse& response) const;
  Finding unreached(std::string part, const Error& error) const;

  const Clock& clock_;
  const HttpClientMaker make_client_;
  const bool own_;
};

}  // namespace reeve
