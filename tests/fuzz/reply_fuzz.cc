// What libreeve makes of a hostile daemon: the first byte chooses the call, the rest is what the
// daemon sends before it hangs up. Over a real socket, through the whole of the library.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "reeve.hpp"
#include "support/temp_dir.h"

namespace {

constexpr size_t kMost = size_t{64} * 1024;  // what the socket takes without a reader

class Daemon final {
 public:
  Daemon() : listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listening_, generic, sizeof(address)) != 0 || ::listen(listening_, 4) != 0) {
      std::abort();
    }
  }
  std::string path() const { return directory_ / "s"; }
  void say(const uint8_t* data, size_t size) const {
    const int fd = ::accept(listening_, nullptr, nullptr);
    if (fd < 0) std::abort();
    if (size > 0 && ::send(fd, data, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size))
      std::abort();
    ::shutdown(fd, SHUT_WR);  // closing would throw away what the client has yet to read
    left_ = fd;
  }
  void hang_up() const { ::close(left_); }

 private:
  reeve::test::TempDir directory_;
  int listening_;
  mutable int left_ = -1;
};

void start(reeve_connection* connection, unsigned which) {
  reeve_identity who = REEVE_IDENTITY_INIT;
  who.as = "unix";
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  ask.provider = "p";
  switch (which % 5) {
    case 0: reeve_start_get_token(connection, "h", &ask); return;
    case 1: reeve_start_open_session(connection, &who); return;
    case 2: reeve_start_whoami(connection); return;
    case 3: reeve_start_await_consent(connection, "h", "r"); return;
    default: reeve_start_watch(connection, "h"); return;
  }
}

void expect(bool holds) {
  if (!holds) std::abort();
}

// Reads the reply in every way there is; what is read keeps its promises.
void read(const reeve_reply* reply) {
  for (const char* name : {"url", "reason", "event", "status"}) {
    const char* text = reeve_reply_text(reply, name);
    expect(text == nullptr || std::strlen(text) < kMost);
  }
  int64_t number = 0;
  reeve_reply_number(reply, "expires_at", &number);
  expect(reeve_reply_parameters(reply)[0] == '{');
  reeve_token* made = nullptr;
  reeve::Token token;
  if (reeve_reply_token(reply, &made) == REEVE_OK) {
    token.reset(made);
    for (const char* c = reeve_token_value(made); *c != '\0'; ++c) expect(*c > ' ' && *c <= '~');
    for (size_t i = 0; i < reeve_token_scope_count(made); ++i) {
      expect(reeve_token_scope(made, i) != nullptr);
    }
  } else {
    expect(made == nullptr);
  }
  reeve_session* session = nullptr;
  if (reeve_reply_session(reply, &session) == REEVE_OK) expect(reeve_session_handle(session));
  reeve_free_session(session);
  reeve_evidence* evidence = nullptr;
  if (reeve_reply_evidence(reply, &evidence) == REEVE_OK) {
    for (size_t i = 0; i < reeve_evidence_count(evidence); ++i) {
      expect(reeve_evidence_name(evidence, i) && reeve_evidence_value(evidence, i));
    }
  }
  reeve_free_evidence(evidence);
  reeve_consent consent = REEVE_PENDING;
  reeve_reply_consent(reply, &consent);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Daemon daemon;
  if (size == 0 || size > kMost) return 0;
  ::unsetenv("REEVE_DAEMON_UID");
  reeve::Connection connection;
  expect(connection.connect(daemon.path().c_str(), 5000) == REEVE_OK);
  start(connection.get(), data[0]);
  daemon.say(data + 1, size - 1);
  reeve_error error = REEVE_OK;
  while (error == REEVE_OK) {
    reeve::Reply reply;
    error = connection.process(reply);
    if (error == REEVE_OK) read(reply.get());
  }
  expect(error != REEVE_AGAIN);  // the daemon has hung up: nothing is to be waited for
  daemon.hang_up();
  return 0;
}
