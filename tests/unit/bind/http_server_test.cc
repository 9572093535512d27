#include "bind/http_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "bind/listen_tcp.h"
#include "bind/pages/error_pages.h"
#include "support/run.h"
#include "world.h"

namespace reeve {
namespace {

using test::HttpReply;

// Answers with what it was sent, after a while where told to.
struct Echo {
  static Task<Answer> answer(Echo& self, Request request) {
    ++self.begun;
    if (self.delay > 0) co_await sleep(self.loop, self.delay);
    Answer answer;
    answer.type = "text/plain; charset=utf-8";
    answer.body = request.method + " " + request.target + " " + request.body;
    answer.headers = self.headers;
    self.last = std::move(request);
    co_return answer;
  }
  Loop& loop;
  int64_t delay = 0;
  int begun = 0;
  Headers headers;
  Request last;
};

class Server : public testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    auto fd = listen_tcp("127.0.0.1:0");
    ASSERT_TRUE(fd);
    port_ = listening_port(fd->get());
    auto server = HttpServer::start(loop_, site_, std::move(*fd), limits, [this](Request request) {
      return Echo::answer(echo_, std::move(request));
    });
    ASSERT_TRUE(server);
    server_ = std::move(*server);
  }
  HttpReply send(std::string octets) {
    return test::run(loop_, test::exchange(loop_, port_, std::move(octets)));
  }
  void turn_until(const std::function<bool()>& holds) {
    while (!holds()) loop_.turn();
  }

  const Site site_ = *parse_site("http://127.0.0.1:8420");
  Loop loop_;
  Echo echo_{loop_, 0, 0, {}, {}};
  int port_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Server, hands_over_the_target_undecoded_and_the_headers_all) {
  start();
  const HttpReply reply =
      send("GET /a%2Fb?x=%41&x=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 2\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /a%2Fb?x=%41&x=1 ");
  EXPECT_EQ(echo_.last.values("x-a").size(), 2u);
}

TEST_F(Server, reads_a_body_in_pieces) {
  start();
  const Fd fd = test::connect_tcp(port_);
  const std::string first = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc";
  ASSERT_GT(::send(fd.get(), first.data(), first.size(), 0), 0);
  turn_until([this] { return server_->connections() == 1; });
  for (int i = 0; i < 20; ++i) loop_.turn();
  EXPECT_EQ(echo_.begun, 0);
  ASSERT_EQ(::send(fd.get(), "def", 3, 0), 3);
  const std::string text = test::run(loop_, test::read_to_end(loop_, fd.get()));
  EXPECT_TRUE(text.ends_with("POST /p abcdef")) << text;
}

TEST_F(Server, every_answer_has_the_standing_headers_and_ends_the_connection) {
  start();
  for (const char* octets :
       {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    const HttpReply reply = send(octets);
    EXPECT_NE(reply.status, 0) << octets;
    EXPECT_EQ(reply.header("Cache-Control"), "no-store") << octets;
    EXPECT_EQ(reply.header("X-Frame-Options"), "DENY") << octets;
    EXPECT_EQ(reply.header("Connection"), "close") << octets;
    EXPECT_EQ(reply.header("Server"), "") << octets;
    EXPECT_TRUE(reply.header("Content-Security-Policy").starts_with("default-src 'none'"));
  }
}

TEST_F(Server, takes_bodies_of_a_stated_and_small_length_only) {
  start();
  const auto post = [this](const std::string& headers) {
    return send("POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n").status;
  };
  EXPECT_EQ(post("Content-Length: 8193\r\n"), 413);
  EXPECT_EQ(post("Content-Length: 999999999999\r\n"), 413);
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\n"), 411);
  EXPECT_EQ(post("Transfer-Encoding: identity\r\n"), 411);
  EXPECT_EQ(echo_.begun, 0);
  // These the library may refuse by itself.
  for (const char* headers : {"Content-Length: -1\r\n", "Content-Length: 1x\r\n",
                              "Content-Length: 3\r\nContent-Length: 3\r\n",
                              "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_GE(post(headers), 400) << headers;
  }
  EXPECT_EQ(echo_.begun, 0);
}

TEST_F(Server, what_is_no_http_gets_no_further) {
  HttpLimits limits;
  limits.request_milliseconds = 500;  // some of it the library takes for a beginning
  start(limits);
  for (const std::string& octets :
       {std::string("\r\n\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("\0\1\2\r\n\r\n", 7),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("\x16\x03\x01\x02\x00\x01\r\n\r\n"),
        "GET /" + std::string(300000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300000, 'x') + "\r\n\r\n"}) {
    const int status = send(octets + "\r\n\r\n").status;
    EXPECT_TRUE(status == 0 || status >= 400) << octets.substr(0, 40) << status;
  }
  EXPECT_EQ(echo_.begun, 0);
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(Server, takes_hundreds_of_cookies) {
  start();
  std::string cookies;
  for (int i = 0; i < 500; ++i) cookies += "cookie" + std::to_string(i) + "=some-value-or-other; ";
  const HttpReply reply = send("GET / HTTP/1.1\r\nHost: h\r\nCookie: " + cookies + "a=b\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(echo_.last.header("cookie"), cookies + "a=b");
}

TEST_F(Server, refuses_hundreds_of_headers) {
  start();
  std::string headers;
  for (int i = 0; i < 300; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n").status, 431);
  EXPECT_EQ(echo_.begun, 0);
}

TEST_F(Server, ends_a_request_that_does_not_arrive_in_time) {
  HttpLimits limits;
  limits.request_milliseconds = 100;
  start(limits);
  for (const char* octets :
       {"", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    EXPECT_EQ(send(octets).status, 0) << octets;
  }
  EXPECT_EQ(echo_.begun, 0);
}

// Each octet keeps the connection busy, and yet it ends.
Task<int> drip(Loop& loop, int port) {
  const Fd fd = test::connect_tcp(port);
  const std::string octets = "GET / HTTP/1.1\r\nX: " + std::string(1000, 'x');
  int sent = 0;
  for (const char octet : octets) {
    if (::send(fd.get(), &octet, 1, MSG_NOSIGNAL) != 1) break;
    ++sent;
    co_await sleep(loop, 5);
  }
  co_return sent;
}

TEST_F(Server, ends_a_request_that_drips) {
  HttpLimits limits;
  limits.request_milliseconds = 100;
  start(limits);
  EXPECT_LT(test::run(loop_, drip(loop_, port_)), 500);
}

TEST_F(Server, answers_others_while_one_waits) {
  start();
  echo_.delay = 60'000;
  const Fd waiting = test::connect_tcp(port_);
  const std::string octets = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(::send(waiting.get(), octets.data(), octets.size(), 0), 0);
  turn_until([this] { return echo_.begun == 1; });
  echo_.delay = 0;
  EXPECT_EQ(send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(Server, stops_while_requests_wait) {
  start();
  echo_.delay = 60'000;
  const Fd waiting = test::connect_tcp(port_);
  const Fd idle = test::connect_tcp(port_);
  const std::string octets = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(::send(waiting.get(), octets.data(), octets.size(), 0), 0);
  turn_until([this] { return echo_.begun == 1; });
  server_.reset();
  EXPECT_EQ(test::run(loop_, test::read_to_end(loop_, waiting.get())), "");
}

TEST_F(Server, outlives_a_client_that_leaves_while_it_waits) {
  start();
  echo_.delay = 30;
  {
    const Fd gone = test::connect_tcp(port_);
    const std::string octets = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
    ASSERT_GT(::send(gone.get(), octets.data(), octets.size(), 0), 0);
    turn_until([this] { return echo_.begun == 1; });
  }
  turn_until([this] { return server_->connections() == 0; });
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(Server, limits_the_connections_of_one_address) {
  HttpLimits limits;
  limits.connections_per_address = 3;
  start(limits);
  std::vector<Fd> held;
  for (int i = 0; i < 3; ++i) held.push_back(test::connect_tcp(port_));
  turn_until([this] { return server_->connections() == 3; });
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 0);
  held.clear();
  turn_until([this] { return server_->connections() == 0; });
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(Server, an_answer_with_a_broken_header_is_no_answer) {
  start();
  echo_.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}};
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 0);
}

TEST_F(Server, one_request_a_connection) {
  start();
  const std::string one = "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(send(one + one + one).status, 200);
  EXPECT_EQ(echo_.begun, 1);
}

}  // namespace
}  // namespace reeve
