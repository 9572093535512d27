// Transfer: one request on its way: a libcurl easy handle with every guard set, and what came back.
//
// It belongs to the coroutine that waits for it (transport.h) and dies with it. libcurl asks it for
// each socket it wants to connect, so the address that is judged is the address that is used; and
// once more before it sends, so that a kept connection is judged by this request's limits too.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "fetch/message.h"

namespace reeve {

class Transfer final {
 public:
  // `request` must outlive it. `ca_file`: the trusted certificates (PEM); empty: the system's.
  Transfer(const FetchRequest& request, const std::string& ca_file);
  ~Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Null: no memory, or an option that this libcurl refuses; the request must not be made then.
  CURL* easy() const { return sound_ ? easy_.get() : nullptr; }
  // What has come of it, once libcurl is done with it; to be called once.
  FetchOutcome finish(CURLcode code);
  // For a wait that ended without libcurl.
  FetchFailure fail(FailureReason reason, std::string text) const;

 private:
  struct Free {
    void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
  };

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int before_request(void* self, char* address, char* local, int port, int local_port);
  static size_t take_header(char* data, size_t size, size_t count, void* self);
  static size_t take_body(char* data, size_t size, size_t count, void* self);

  template <class Value>
  void set(CURLoption option, Value value);
  void set_guards(const std::string& ca_file);
  void set_callbacks();
  void set_method();
  void set_headers();
  void append(const std::string& line);
  bool judge(const std::optional<IpAddress>& address);
  bool read_header_line(std::string_view line);
  bool stop(FailureReason reason, std::string text);
  FailureReason reason_of(CURLcode code) const;

  const FetchRequest& request_;
  bool sound_ = true;  // every option was taken
  bool sent_ = false;
  bool connecting_ = false;          // an allowed address was tried
  bool head_done_ = false;           // the final answer's header has ended: only trailers follow
  size_t header_bytes_ = 0;          // so far, of everything before and around the body
  std::optional<FetchFailure> own_;  // why we stopped it
  std::vector<FetchHeader> headers_;
  std::string body_;
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, Free> header_list_;
  std::unique_ptr<CURL, Free> easy_;  // dies first: it points into all of the above
};

}  // namespace reeve
