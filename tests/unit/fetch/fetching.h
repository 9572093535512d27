// What the tests of Transport and Held share: requests to the web server, and how outcomes are
// told.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fetch/transport.h"
#include "support/run.h"
#include "web_server.h"

namespace reeve::test {

// Private addresses and plain http are allowed, five seconds, 64 KiB.
inline FetchRequest request(const std::string& method, const std::string& url) {
  FetchRequest request;
  request.method = method;
  request.once = method != "GET";
  request.limits = {5000, 65536, true, true};
  auto guarded = guard_url(url, true);
  EXPECT_TRUE(guarded) << url;
  if (guarded) request.url = std::move(*guarded);
  return request;
}

inline FetchRequest strict(FetchRequest request) {
  request.limits.loopback_http = false;
  request.limits.private_addresses = false;
  return request;
}

// "200 BODY", or "REASON sent" or "REASON unsent".
inline std::string told(const FetchOutcome& outcome) {
  if (const auto* const answer = std::get_if<FetchAnswer>(&outcome)) {
    return std::to_string(answer->status) + " " + std::string(answer->body.reveal());
  }
  const auto& failure = *std::get_if<FetchFailure>(&outcome);
  auto json = parse_json(to_json(failure));
  return json->text("reason") + (failure.sent ? " sent" : " unsent");
}

class Fetching : public ::testing::Test {
 protected:
  FetchOutcome fetch(FetchRequest request) {
    return run(loop_, transport_.fetch(std::move(request)));
  }
  std::string get(const std::string& url) { return told(fetch(request("GET", url))); }
  std::string count(const std::string& path) { return get(web_.http("/count" + path)); }

  WebServer& web_ = web_server();
  CurlLibrary library_;
  Loop loop_;
  Transport transport_{loop_, library_, web_.ca_file()};
};

}  // namespace reeve::test
