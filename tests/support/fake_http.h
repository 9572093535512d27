// FakeHttp: an HttpClient of scripted answers: by URL, in order, or held back until the test lets
// them go.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "async/waiter.h"
#include "oauth/http_client.h"

namespace reeve::test {

class FakeHttp final : public HttpClient {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

  explicit FakeHttp(Loop& loop) : loop_(loop) {}

  // Every request to that URL, until it is scripted anew.
  void on(const std::string& url, Answer answer) { standing_[url] = std::move(answer); }
  void on(const std::string& url, std::string body, int status = 200) {
    on(url, answer_of(std::move(body), status));
  }
  // The next request to that URL; several queue up, before what stands.
  void next(const std::string& url, Answer answer) { queues_[url].push_back(std::move(answer)); }
  void next(const std::string& url, std::string body, int status = 200) {
    next(url, answer_of(std::move(body), status));
  }
  // No answer comes from there.
  void down(const std::string& url) { standing_.erase(url); }

  // Requests to that URL wait for release(); what they are answered is decided then.
  void hold(const std::string& url) { held_.insert(url); }
  void release(const std::string& url) {
    held_.erase(url);
    waiting_.erase(url);  // a resolver that dies wakes its waiter
  }
  // How many wait there now, of those whose senders still want an answer.
  size_t waiting(const std::string& url) const {
    size_t count = 0;
    const auto [first, last] = waiting_.equal_range(url);
    for (auto entry = first; entry != last; ++entry) count += entry->second.wanted() ? 1 : 0;
    return count;
  }

  // All that was ever sent, in order.
  const std::deque<HttpRequest>& requests() const { return requests_; }
  size_t count(const std::string& url) const {
    size_t count = 0;
    for (const HttpRequest& request : requests_) count += request.url == url ? 1 : 0;
    return count;
  }
  // The last request to that URL; an empty one where there was none.
  const HttpRequest& last(const std::string& url) const {
    static const HttpRequest none;
    const HttpRequest* found = &none;
    for (const HttpRequest& request : requests_) {
      if (request.url == url) found = &request;
    }
    return *found;
  }

  Task<Result<HttpResponse>> send(HttpRequest request) override {
    requests_.push_back({request.method, request.url, request.headers, request.body.clone(), {}});
    while (held_.contains(request.url)) {
      Waiter<> waiter(loop_);
      waiting_.emplace(request.url, waiter.resolver());
      co_await waiter;
    }
    co_return answer(request);
  }

 private:
  static Answer answer_of(std::string body, int status) {
    return [body = std::move(body), status](const HttpRequest&) -> Result<HttpResponse> {
      HttpResponse response;
      response.status = status;
      response.headers.emplace_back("content-type", "application/json");
      response.body = Secret::copy_of(body);
      return response;
    };
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (auto& queue = queues_[request.url]; !queue.empty()) {
      const Answer first = std::move(queue.front());
      queue.pop_front();
      return first(request);
    }
    const auto found = standing_.find(request.url);
    if (found != standing_.end()) return found->second(request);
    return Error{Code::unavailable, "nobody answers at " + request.url};
  }

  Loop& loop_;
  std::map<std::string, Answer> standing_;
  std::map<std::string, std::deque<Answer>> queues_;
  std::set<std::string> held_;
  std::multimap<std::string, Resolver<>> waiting_;
  std::deque<HttpRequest> requests_;
};

}  // namespace reeve::test
