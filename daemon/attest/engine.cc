#include "attest/engine.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <memory>

namespace reeve {
namespace {

struct EasyFree {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyFree>;

// One request while it is made.
struct Exchange {
  Easy easy;
  uid_t owner;
  int socket = -1;  // libcurl's
  std::string body;
  bool over = false;      // the body is too long
  bool stranger = false;  // another user listens there
};

size_t take_body(char* data, size_t one, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.body.size() + one * count > engine_answer_bytes) {
    exchange.over = true;
    return 0;
  }
  exchange.body.append(data, one * count);
  return one * count;
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (address->family != AF_UNIX) return CURL_SOCKET_BAD;
  exchange.socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return exchange.socket;
}

// Before anything is asked: is it the right user who listens at the other end?
int check_listener(void* user, char*, char*, int, int) {
  auto& exchange = *static_cast<Exchange*>(user);
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool right = ::getsockopt(exchange.socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                     peer.uid == exchange.owner;
  exchange.stranger = !right;
  return right ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool set_up(Exchange& exchange, const std::string& socket, const std::string& url,
            long milliseconds) {
  CURL* const easy = exchange.easy.get();
  const auto set = [easy](CURLoption option, auto value) {
    return ::curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  return easy != nullptr && set(CURLOPT_UNIX_SOCKET_PATH, socket.c_str()) &&
         set(CURLOPT_URL, url.c_str()) && set(CURLOPT_PROTOCOLS_STR, "http") &&
         set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_PROXY, "") &&
         set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)) && set(CURLOPT_NOSIGNAL, 1L) &&
         set(CURLOPT_TIMEOUT_MS, milliseconds) && set(CURLOPT_HTTPGET, 1L) &&
         set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
         set(CURLOPT_USERAGENT, "reeve-attest") && set(CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
         set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&exchange)) &&
         set(CURLOPT_PREREQFUNCTION, check_listener) &&
         set(CURLOPT_PREREQDATA, static_cast<void*>(&exchange)) &&
         set(CURLOPT_WRITEFUNCTION, take_body) &&
         set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
}

}  // namespace

bool start_engine_library() { return ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

Result<void> Engine::check_socket() const {
  struct stat status {};
  if (::stat(socket_.c_str(), &status) != 0) return errno_error(socket_, errno);
  if (!S_ISSOCK(status.st_mode)) return Error{Code::denied, socket_ + ": no socket"};
  if (status.st_uid != owner_) return Error{Code::denied, socket_ + ": not root's"};
  return {};
}

Result<std::string> Engine::get(const std::string& path) const {
  REEVE_CHECK(check_socket());
  Exchange exchange{Easy(::curl_easy_init()), owner_, -1, "", false, false};
  if (!set_up(exchange, socket_, "http://engine" + path, milliseconds_))
    return Error{Code::internal, "libcurl does not start"};
  const CURLcode done = ::curl_easy_perform(exchange.easy.get());
  if (exchange.over) return Error{Code::limit, "its answer is too long"};
  if (exchange.stranger) return Error{Code::denied, "it is not root who listens there"};
  if (done == CURLE_OPERATION_TIMEDOUT) return Error{Code::timeout, "no answer in time"};
  if (done != CURLE_OK) return Error{Code::unavailable, ::curl_easy_strerror(done)};
  long status = 0;
  ::curl_easy_getinfo(exchange.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 404) return Error{Code::not_found, "it knows no such container or image"};
  if (status != 200) return Error{Code::corrupt, "it answered " + std::to_string(status)};
  return std::move(exchange.body);
}

Result<ContainerFacts> Engine::container(const std::string& id) const {
  REEVE_TRY(const std::string answer, get("/containers/" + id + "/json"));
  REEVE_TRY(ContainerFacts facts, read_container(answer, id));
  if (facts.digests.empty()) return facts;
  const std::string& image = facts.digests.front();
  // An image that was removed meanwhile has no registries; the container goes on.
  const auto told = get("/images/" + image + "/json");
  if (!told) return facts;
  const auto digests = read_image_digests(*told);
  if (digests) facts.digests.insert(facts.digests.end(), digests->begin(), digests->end());
  return facts;
}

}  // namespace reeve
