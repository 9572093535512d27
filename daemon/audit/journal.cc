#include "audit/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <utility>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr size_t kWaiting = 8192;
constexpr std::string_view kNotice = "5", kWarning = "4", kInfo = "6";

// Whatever is in the value, newlines too: "NAME\n", its length in 64 bits, little-endian, the
// value.
void field(std::string& entry, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  entry += name;
  entry += '\n';
  for (int shift = 0; shift < 64; shift += 8)
    entry += static_cast<char>((uint64_t{value.size()} >> shift) & 0xff);
  entry += value;
  entry += '\n';
}

std::string_view priority(const Event& event) {
  if (event.outcome == "ok") return event.name == "token.lent" ? kInfo : kNotice;
  return kWarning;
}

std::string sentence(const Event& event) {
  std::string text(event.name);
  const auto say = [&text](std::string_view what, std::string_view value) {
    if (!value.empty()) text += std::string(what) + printable(value);
  };
  say(": ", event.outcome);
  say(" (", event.reason);
  if (!event.reason.empty()) text += ')';
  say(", user ", event.subject);
  say(" of ", event.issuer);
  say(", workload ", event.workload);
  say(", provider ", event.provider);
  say(", grant ", event.grant);
  say(", visitor ", event.visitor_subject);
  say(" of ", event.visitor_issuer);
  return text;
}

Fd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return {};
  path.copy(address.sun_path, path.size());
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return fd;
}

}  // namespace

std::string message_id(std::string_view event_name) {
  return hex(sha256("io.reeve.audit." + std::string(event_name)).substr(0, 16));
}

std::string journal_entry(const Event& event, uint64_t sequence, std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  std::string entry;
  field(entry, "MESSAGE", sentence(event));
  field(entry, "MESSAGE_ID", message_id(event.name));
  field(entry, "PRIORITY", priority(event));
  field(entry, "SYSLOG_IDENTIFIER", "reeved");
  field(entry, "REEVE_EVENT", event.name);
  field(entry, "REEVE_SEQUENCE", std::to_string(sequence));
  field(entry, "REEVE_OUTCOME", event.outcome);
  field(entry, "REEVE_REASON", event.reason);
  field(entry, "REEVE_USER_ISSUER", event.issuer);
  field(entry, "REEVE_USER_SUBJECT", event.subject);
  field(entry, "REEVE_WORKLOAD", event.workload);
  field(entry, "REEVE_PROVIDER", event.provider);
  field(entry, "REEVE_GRANT", event.grant);
  field(entry, "REEVE_CONSENT", event.consent);
  field(entry, "REEVE_SESSION", event.session);
  field(entry, "REEVE_BROWSER", event.browser);
  field(entry, "REEVE_VISITOR_ISSUER", event.visitor_issuer);
  field(entry, "REEVE_VISITOR_SUBJECT", event.visitor_subject);
  field(entry, "REEVE_RECORD", line);
  return entry;
}

Journal::Journal(const std::string& socket) : shared_(std::make_shared<Shared>()) {
  shared_->fd = connect_to(socket);
}

void Journal::add(std::string entry) {
  if (!present()) return;
  if (waiting_.size() >= kWaiting) ++shared_->dropped;
  else waiting_.push_back(std::move(entry));
}

std::function<void()> Journal::send_all() {
  return [shared = shared_, entries = std::exchange(waiting_, {})] {
    for (const std::string& entry : entries) {
      ssize_t sent = 0;
      do {
        sent = ::send(shared->fd.get(), entry.data(), entry.size(), MSG_NOSIGNAL);
      } while (sent < 0 && errno == EINTR);
      if (sent < 0) ++shared->dropped;
    }
  };
}

}  // namespace reeve
