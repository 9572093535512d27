#include "fetch/transfer.h"

#include <sys/socket.h>

#include <algorithm>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr long kBufferBytes = long{16} * 1024;
constexpr long kIdleSeconds = 30;         // a kept connection is used again within
constexpr long kConnectionSeconds = 300;  // and no longer at all after

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

}  // namespace

Transfer::Transfer(const FetchRequest& request, const std::string& ca_file)
    : request_(request), easy_(::curl_easy_init()) {
  if (!easy_) {
    sound_ = false;
    return;
  }
  set_guards(ca_file);
  set_callbacks();
  set_method();
  set_headers();
}

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  if (::curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) sound_ = false;
}

void Transfer::set_guards(const std::string& ca_file) {
  const char* const protocol = request_.url.tls ? "https" : "http";
  set(CURLOPT_URL, request_.url.text.c_str());
  set(CURLOPT_PROTOCOLS_STR, protocol);
  set(CURLOPT_REDIR_PROTOCOLS_STR, protocol);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  // Nothing from the environment or the home directory. An empty proxy is "none, and do not look".
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  // Without it, giving up on a slow name server waits for the thread that asks it.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  // One request at a time on a connection: no request can be lent another's.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  // libcurl sends anew, POST included, when a kept connection turns out to be dead. A new one has
  // no second try.
  set(CURLOPT_FRESH_CONNECT, request_.once ? 1L : 0L);
  set(CURLOPT_MAXAGE_CONN, kIdleSeconds);
  set(CURLOPT_MAXLIFETIME_CONN, kConnectionSeconds);
  set(CURLOPT_BUFFERSIZE, kBufferBytes);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.limits.milliseconds));
  set(CURLOPT_MAXFILESIZE_LARGE,
      static_cast<curl_off_t>(std::max<int64_t>(request_.limits.bytes, 1)));
}

void Transfer::set_callbacks() {
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_PREREQFUNCTION, before_request);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, this);
}

void Transfer::set_method() {
  if (request_.method == "POST" || request_.body) {
    const std::string_view body = request_.body ? request_.body->reveal() : std::string_view("");
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());  // not copied
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  } else {
    set(CURLOPT_HTTPGET, 1L);
  }
  if (request_.method == "DELETE") set(CURLOPT_CUSTOMREQUEST, "DELETE");
}

void Transfer::set_headers() {
  // "Name:" makes libcurl leave out its own. What stands after it in the list is still sent.
  append("Expect:");
  const auto given = [this](std::string_view wanted) {
    return std::any_of(request_.headers.begin(), request_.headers.end(), [&](const FetchHeader& h) {
      return ::curl_strequal(h.name.c_str(), std::string(wanted).c_str()) != 0;
    });
  };
  if (!given("content-type")) append("Content-Type:");
  if (!given("user-agent")) append("User-Agent: reeve");
  for (const FetchHeader& header : request_.headers) {
    std::string line = header.name + (header.value.empty() ? ";" : ": ") + header.value;
    append(line);
    wipe(line);
  }
  set(CURLOPT_HTTPHEADER, header_list_.get());
}

void Transfer::append(const std::string& line) {
  curl_slist* list = ::curl_slist_append(header_list_.get(), line.c_str());
  if (list == nullptr) {
    sound_ = false;
    return;
  }
  // The list's first element stays the same once there is one.
  if (!header_list_) header_list_.reset(list);
}

bool Transfer::stop(FailureReason reason, std::string text) {
  if (!own_) own_ = fail(reason, std::move(text));
  return false;
}

FetchFailure Transfer::fail(FailureReason reason, std::string text) const {
  return FetchFailure{reason, std::move(text), sent_};
}

bool Transfer::judge(const std::optional<IpAddress>& address) {
  const AddressKind kind = address ? classify(*address) : AddressKind::unusable;
  if (address && allowed(kind, request_.address_rule())) return true;
  return stop(FailureReason::address,
              "the host's address is not allowed: " + std::string(name_of(kind)));
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  // A host may have several addresses: only when no allowed one connects, the refusal is the
  // reason.
  if (!transfer.judge(ip_of(&address->addr, address->addrlen))) return CURL_SOCKET_BAD;
  transfer.connecting_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::before_request(void* self, char* address, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.own_.reset();
  if (!transfer.judge(parse_ip(address))) return CURL_PREREQFUNC_ABORT;
  transfer.sent_ = true;
  return CURL_PREREQFUNC_OK;
}

size_t Transfer::take_header(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  std::string_view line(data, size * count);
  transfer.header_bytes_ += line.size();
  if (transfer.header_bytes_ > kHeaderBytes || transfer.headers_.size() >= kHeaders) {
    transfer.stop(FailureReason::too_large, "the answer's header is too large");
    return 0;
  }
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return transfer.read_header_line(line) ? size * count : 0;
}

bool Transfer::read_header_line(std::string_view line) {
  if (head_done_) return true;  // trailers are nobody's business
  if (line.starts_with("HTTP/")) {
    headers_.clear();  // those of an interim answer (RFC 9110 section 15.2)
    return true;
  }
  if (line.empty()) {
    long status = 0;
    ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    head_done_ = status >= 200;
    return true;
  }
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || !is_token(name) || has_control(line)) {
    return stop(FailureReason::protocol, "the answer has a broken header");
  }
  FetchHeader header{std::string(name), std::string(trimmed(line.substr(colon + 1)))};
  for (char& c : header.name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  headers_.push_back(std::move(header));
  return true;
}

size_t Transfer::take_body(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const size_t bytes = size * count;
  if (transfer.body_.size() + bytes > static_cast<size_t>(transfer.request_.limits.bytes)) {
    transfer.stop(FailureReason::too_large, "the answer's body is too large");
    return 0;
  }
  transfer.body_.append(data, bytes);
  return bytes;
}

FailureReason Transfer::reason_of(CURLcode code) const {
  switch (code) {
    case CURLE_URL_MALFORMAT: return FailureReason::url;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return FailureReason::connect;
    case CURLE_OPERATION_TIMEDOUT: return FailureReason::timeout;
    case CURLE_FILESIZE_EXCEEDED: return FailureReason::too_large;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return FailureReason::tls;
    default: return sent_ ? FailureReason::protocol : FailureReason::connect;
  }
}

FetchOutcome Transfer::finish(CURLcode code) {
  // A refused address counts only if no allowed one was tried; anything else that we stopped,
  // always.
  const bool refused = own_ && own_->reason == FailureReason::address;
  const bool overtaken = refused && connecting_ && code != CURLE_ABORTED_BY_CALLBACK;
  if (code != CURLE_OK && own_ && !overtaken) return std::move(*own_);
  if (code != CURLE_OK) {
    const FailureReason reason = reason_of(code);
    // libcurl's detail names hosts and certificates; of an answer it might quote something.
    const bool detail = !sent_ && error_[0] != '\0';
    return fail(reason, detail ? printable(error_) : std::string(::curl_easy_strerror(code)));
  }
  long status = 0;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 599) {
    return fail(FailureReason::protocol, "the answer has no usable status");
  }
  FetchAnswer answer;
  answer.status = static_cast<int>(status);
  answer.headers = std::move(headers_);
  answer.body = Secret(std::move(body_));
  return answer;
}

}  // namespace reeve
