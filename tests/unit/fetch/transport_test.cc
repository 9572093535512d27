#include "fetch/transport.h"

#include <chrono>
#include <cstdlib>

#include "fetching.h"

namespace reeve {
namespace {

using test::request;
using test::strict;
using test::told;

class TransportTest : public test::Fetching {};

const std::string* header(const FetchOutcome& outcome, std::string_view name) {
  for (const FetchHeader& header : std::get_if<FetchAnswer>(&outcome)->headers) {
    if (header.name == name) return &header.value;
  }
  return nullptr;
}

// What the server saw.
Json echo(const FetchOutcome& outcome) {
  const auto* const answer = std::get_if<FetchAnswer>(&outcome);
  EXPECT_NE(answer, nullptr) << told(outcome);
  if (answer == nullptr) return Json();
  auto json = parse_json(answer->body.reveal());
  EXPECT_TRUE(json);
  return std::move(*json);
}

std::string header_seen(const Json& echo, std::string_view name) {
  const Json* const headers = echo.find("headers");
  if (headers == nullptr) return "(no answer)";
  for (const Json& pair : *headers->array()) {
    if (*pair.array()->at(0).string() == name) return *pair.array()->at(1).string();
  }
  return "(none)";
}

TEST_F(TransportTest, carries_method_headers_and_body) {
  auto wanted = request("POST", web_.http("/echo/a?b=c"));
  wanted.headers.push_back({"Authorization", "Bearer s3cret"});
  wanted.headers.push_back({"X-Empty", ""});
  wanted.body = Secret(std::string("grant_type=refresh_token"));
  const Json seen = echo(fetch(std::move(wanted)));
  EXPECT_EQ(seen.text("method"), "POST");
  EXPECT_EQ(seen.text("path"), "/echo/a?b=c");
  EXPECT_EQ(seen.text("body"), "grant_type=refresh_token");
  EXPECT_EQ(header_seen(seen, "Authorization"), "Bearer s3cret");
  EXPECT_EQ(header_seen(seen, "X-Empty"), "");
  EXPECT_EQ(header_seen(seen, "Content-Length"), "24");
  EXPECT_EQ(header_seen(seen, "User-Agent"), "reeve");
}

TEST_F(TransportTest, adds_no_header_that_was_not_asked_for) {
  auto wanted = request("POST", web_.http("/echo"));
  wanted.body = Secret(std::string(100'000, 'x'));
  wanted.limits.bytes = 200'000;
  const Json seen = echo(fetch(std::move(wanted)));
  for (const char* name : {"Expect", "Accept-Encoding", "Content-Type", "Cookie", "Authorization",
                           "Connection", "Transfer-Encoding", "Referer"}) {
    EXPECT_EQ(header_seen(seen, name), "(none)");
  }
}

TEST_F(TransportTest, sends_empty_bodies_and_deletes) {
  const Json post = echo(fetch(request("POST", web_.http("/echo"))));
  EXPECT_EQ(post.text("method"), "POST");
  EXPECT_EQ(header_seen(post, "Content-Length"), "0");
  const Json erased = echo(fetch(request("DELETE", web_.http("/echo"))));
  EXPECT_EQ(erased.text("method"), "DELETE");
  EXPECT_EQ(erased.text("body"), "");
  auto with_body = request("DELETE", web_.http("/echo"));
  with_body.body = Secret(std::string("{}"));
  EXPECT_EQ(echo(fetch(std::move(with_body))).text("body"), "{}");
}

TEST_F(TransportTest, leaves_the_path_as_it_is) {
  const Json seen = echo(fetch(request("GET", web_.http("/echo/../a//%2e%2e/b"))));
  EXPECT_EQ(seen.text("path"), "/echo/../a//%2e%2e/b");
}

TEST_F(TransportTest, answers_errors_as_they_are) {
  EXPECT_EQ(get(web_.http("/status/400")), "400 ");
  EXPECT_EQ(get(web_.http("/status/401")), "401 ");
  EXPECT_EQ(get(web_.http("/status/503")), "503 ");
}

TEST_F(TransportTest, follows_no_redirect) {
  for (const char* status : {"301", "302", "303", "307", "308", "300"}) {
    const FetchOutcome outcome = fetch(request("GET", web_.http("/status/" + std::string(status))));
    EXPECT_EQ(told(outcome), std::string(status) + " ");
    EXPECT_EQ(*header(outcome, "location"), "/hit");
    EXPECT_EQ(told(fetch(request("POST", web_.http("/status/" + std::string(status))))),
              std::string(status) + " ");
  }
  EXPECT_EQ(count("/hit"), "200 0");
}

TEST_F(TransportTest, reaches_a_tls_server_that_is_trusted_for_its_name) {
  EXPECT_EQ(get(web_.https("good", "/")), "200 ok");
  EXPECT_EQ(get(web_.https("good", "/", "localhost")), "200 ok");
  EXPECT_EQ(get(web_.https("good", "/", "good.test")), "200 ok");
}

TEST_F(TransportTest, refuses_a_tls_server_that_is_not) {
  EXPECT_EQ(get(web_.https("good", "/", "rebound.test")), "tls unsent");
  for (const char* listener : {"self_signed", "wrong_name", "expired", "old_tls"}) {
    EXPECT_EQ(get(web_.https(listener, "/" + std::string(listener))), "tls unsent") << listener;
    EXPECT_EQ(count("/" + std::string(listener)), "200 0");
  }
  Transport system(loop_, library_, "");
  EXPECT_EQ(told(test::run(loop_, system.fetch(request("GET", web_.https("good", "/"))))),
            "tls unsent");
  Transport missing(loop_, library_, "/nowhere.pem");
  EXPECT_EQ(told(test::run(loop_, missing.fetch(request("GET", web_.https("good", "/"))))),
            "tls unsent");
}

TEST_F(TransportTest, refuses_addresses_that_are_not_public_in_every_notation) {
  for (const char* host : {"127.0.0.1",
                           "10.0.0.1",
                           "192.168.1.1",
                           "172.16.0.1",
                           "100.64.0.1",
                           "169.254.169.254",
                           "0.0.0.0",
                           "255.255.255.255",
                           "224.0.0.1",
                           "[::1]",
                           "[::]",
                           "[fe80::1]",
                           "[fd00::1]",
                           "[::ffff:10.0.0.1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:169.254.169.254]",
                           "[::127.0.0.1]",
                           "[64:ff9b::10.0.0.1]",
                           "[2002:a00:1::]",
                           "[ff02::1]"}) {
    const std::string url = web_.https("good", "/guarded", host);
    EXPECT_EQ(told(fetch(strict(request("GET", url)))), "address unsent") << host;
  }
  EXPECT_EQ(count("/guarded"), "200 0");
}

TEST_F(TransportTest, refuses_names_that_lead_to_such_addresses) {
  for (const char* host : {"localhost", "a.localhost", "inside.test", "metadata.test",
                           "rebound.test", "good.test", "mapped.test"}) {
    const std::string url = web_.https("good", "/guarded", host);
    EXPECT_EQ(told(fetch(strict(request("GET", url)))), "address unsent") << host;
  }
  EXPECT_EQ(count("/guarded"), "200 0");
}

TEST_F(TransportTest, lets_no_name_lead_to_a_metadata_address_even_inside) {
  EXPECT_EQ(get(web_.https("good", "/", "metadata.test")), "address unsent");
}

TEST_F(TransportTest, lets_https_reach_loopback_where_plain_http_may) {
  auto wanted = strict(request("GET", web_.https("good", "/")));
  wanted.limits.loopback_http = true;
  EXPECT_EQ(told(fetch(std::move(wanted))), "200 ok");
  auto inside = strict(request("GET", web_.https("good", "/", "inside.test")));
  inside.limits.loopback_http = true;
  EXPECT_EQ(told(fetch(std::move(inside))), "address unsent");
}

TEST_F(TransportTest, judges_a_kept_connection_by_each_requests_limits) {
  const std::string url = web_.https("good", "/connection");
  const std::string first = get(url);
  EXPECT_EQ(get(url), first) << "kept and used again";
  EXPECT_EQ(told(fetch(strict(request("GET", url)))), "address unsent");
}

TEST_F(TransportTest, sends_what_must_be_sent_once_on_a_new_connection) {
  const std::string url = web_.http("/connection");
  const std::string first = get(url);
  EXPECT_EQ(get(url), first);
  EXPECT_NE(told(fetch(request("POST", url))), first);
  auto once = request("GET", url);
  once.once = true;
  EXPECT_NE(told(fetch(std::move(once))), first);
}

TEST_F(TransportTest, never_sends_a_post_again_when_the_server_hangs_up) {
  EXPECT_EQ(get(web_.http("/")), "200 ok");
  EXPECT_EQ(told(fetch(request("POST", web_.http("/raw/nothing")))), "protocol sent");
  EXPECT_EQ(count("/raw/nothing"), "200 1");
}

TEST_F(TransportTest, takes_a_body_up_to_its_cap) {
  auto fits = request("GET", web_.http("/size/1000"));
  fits.limits.bytes = 1000;
  EXPECT_EQ(told(fetch(std::move(fits))), "200 " + std::string(1000, 'x'));
  for (const char* path : {"/size/1001", "/chunks/2", "/endless", "/size/100000000"}) {
    auto over = request("GET", web_.http(path));
    over.limits.bytes = 1000;
    EXPECT_EQ(told(fetch(std::move(over))), "too_large sent") << path;
  }
  auto none = request("GET", web_.http("/size/0"));
  none.limits.bytes = 0;
  EXPECT_EQ(told(fetch(std::move(none))), "200 ");
  auto one = request("GET", web_.http("/size/1"));
  one.limits.bytes = 0;
  EXPECT_EQ(told(fetch(std::move(one))), "too_large sent");
}

TEST_F(TransportTest, takes_a_header_up_to_its_cap) {
  EXPECT_EQ(get(web_.http("/headers/60")), "200 ");
  EXPECT_EQ(get(web_.http("/headers/80")), "too_large sent");
  EXPECT_EQ(get(web_.http("/headers/2000")), "too_large sent");
  const std::string endless = get(web_.http("/endless_header"));
  EXPECT_TRUE(endless == "too_large sent" || endless == "protocol sent") << endless;
}

TEST_F(TransportTest, refuses_broken_answers) {
  for (const char* kind : {"broken_header", "folded", "control", "truncated", "chunk_truncated",
                           "http09", "nothing"}) {
    EXPECT_EQ(get(web_.http("/raw/" + std::string(kind))), "protocol sent") << kind;
  }
}

TEST_F(TransportTest, gives_the_final_answers_header_only) {
  const FetchOutcome interim = fetch(request("GET", web_.http("/raw/interim")));
  EXPECT_EQ(told(interim), "200 final");
  EXPECT_EQ(header(interim, "x-early"), nullptr);
  const FetchOutcome trailer = fetch(request("GET", web_.http("/raw/trailer")));
  EXPECT_EQ(told(trailer), "200 body");
  EXPECT_EQ(header(trailer, "x-trailer"), nullptr);
  const FetchOutcome upper = fetch(request("GET", web_.http("/raw/other_case")));
  EXPECT_EQ(*header(upper, "x-upper"), "Value");
}

TEST_F(TransportTest, makes_valid_json_of_any_header) {
  const FetchOutcome outcome = fetch(request("GET", web_.http("/raw/odd")));
  ASSERT_EQ(told(outcome), "200 ");
  EXPECT_EQ(*header(outcome, "x-a"), "");
  EXPECT_TRUE(parse_json(to_json(*std::get_if<FetchAnswer>(&outcome))));
}

TEST_F(TransportTest, unpacks_no_content_encoding) {
  EXPECT_EQ(get(web_.http("/raw/gzip")), "200 \x1f\x8b not really");
}

TEST_F(TransportTest, keeps_no_cookies) {
  EXPECT_EQ(get(web_.http("/raw/cookie")), "200 ");
  EXPECT_EQ(header_seen(echo(fetch(request("GET", web_.http("/echo")))), "Cookie"), "(none)");
}

TEST_F(TransportTest, takes_no_proxy_from_the_environment) {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  EXPECT_EQ(get(web_.https("good", "/")), "200 ok");
  EXPECT_EQ(get(web_.http("/")), "200 ok");
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    ::unsetenv(name);
  }
}

TEST_F(TransportTest, ends_at_its_deadline_wherever_the_server_stops) {
  const std::pair<std::string, const char*> rows[] = {
      {web_.http("/slow/20000"), "timeout sent"},
      {web_.http("/trickle"), "timeout sent"},
      {web_.https("mute", "/"), "timeout unsent"},
  };
  for (const auto& [url, end] : rows) {
    auto wanted = request("POST", url);
    wanted.limits.milliseconds = 150;
    EXPECT_EQ(told(fetch(std::move(wanted))), end) << url;
  }
}

TEST_F(TransportTest, says_connect_where_nobody_listens_or_no_such_name_is) {
  EXPECT_EQ(get("https://127.0.0.1:1/"), "connect unsent");
}

Task<void> keep_told(Transport& transport, FetchRequest wanted, std::string& end) {
  const FetchOutcome outcome = co_await transport.fetch(std::move(wanted));
  end = told(outcome);
}

TEST_F(TransportTest, lets_no_slow_server_or_name_delay_the_others) {
  std::string slow, silent;
  TaskSet tasks(loop_);
  for (int i = 0; i < 20; ++i) {
    tasks.spawn(keep_told(transport_, request("GET", web_.http("/slow/20000")), slow));
    tasks.spawn(keep_told(transport_, request("GET", "https://silent.test/"), silent));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(web_.http("/")), "200 ok");
  EXPECT_EQ(slow + silent, "");
  test::release_names();
}

TEST_F(TransportTest, gives_up_a_name_that_nobody_answers_at_the_deadline) {
  auto wanted = request("GET", "https://silent.test/");
  wanted.limits.milliseconds = 100;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(told(fetch(std::move(wanted))), "timeout unsent");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  test::release_names();
}

TEST_F(TransportTest, can_be_dropped_at_any_moment) {
  for (const char* path : {"/slow/20000", "/trickle", "/endless", "/size/60000", "/"}) {
    for (int turns = 0; turns < 12; ++turns) {
      std::string end;
      TaskSet tasks(loop_);
      tasks.spawn(keep_told(transport_, request("GET", web_.https("good", path)), end));
      for (int i = 0; i < turns; ++i) {
        test::run(loop_, sleep(loop_, 1));
        loop_.turn();
      }
    }
  }
  EXPECT_EQ(get(web_.http("/")), "200 ok");
}

}  // namespace
}  // namespace reeve
