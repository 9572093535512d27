// FakeHttp: an HttpClient of scripted answers: by URL, in order, or held back until the test lets
// them go. It outlives the daemon's restarts, as reeve-fetch does: what it holds is asked for
// again.
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

  // The answer to the next held request comes, and is lost before it is kept.
  void lose_next() {
    loses_next_ = true;
    loss_ = Code::unavailable;
  }
  // The same, after the server has been silent for all the time it was given.
  void silence_next() {
    loses_next_ = true;
    loss_ = Code::timeout;
  }
  // It cannot be asked from now on, as if reeve-fetch were gone; and it can again.
  void gone(bool gone) { gone_ = gone; }
  // It lost what it held.
  void new_epoch() {
    epoch_ += "+";
    kept_.clear();
  }
  size_t kept() const { return kept_.size(); }
  // How often each id was sent.
  const std::map<std::string, int>& sent() const { return sent_; }

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
    requests_.push_back({request.method, request.url, request.headers, request.body.clone()});
    co_await released(request.url);
    co_return answer(request);
  }

  Task<HeldOutcome> send_held(HttpRequest request, Hold hold) override {
    if (gone_) co_return HoldFailure{Fate::unasked, {Code::unavailable, "gone"}};
    if (hold.epoch != epoch_) co_return HoldFailure{Fate::lost, {Code::unavailable, "epoch"}};
    if (seen_.insert(hold.id).second) {
      requests_.push_back({request.method, request.url, request.headers, request.body.clone()});
    }
    co_await released(request.url);
    if (!kept_.contains(hold.id)) {
      // Whoever dies from here on: it was sent, and is kept.
      ++sent_[hold.id];
      Result<HttpResponse> response = answer(request);
      const bool lost = std::exchange(loses_next_, false);
      if (!response) co_return HoldFailure{Fate::not_sent, response.error()};
      if (lost) kept_[hold.id] = std::nullopt;
      else kept_[hold.id] = std::move(*response);
    }
    co_return kept_answer(hold.id);
  }
  Task<HeldOutcome> recall(Hold hold) override {
    if (gone_) co_return HoldFailure{Fate::unasked, {Code::unavailable, "gone"}};
    if (hold.epoch != epoch_) co_return HoldFailure{Fate::lost, {Code::unavailable, "epoch"}};
    if (!kept_.contains(hold.id)) co_return HoldFailure{Fate::not_sent, {Code::not_found, "new"}};
    co_return kept_answer(hold.id);
  }
  Task<Result<HeldList>> held() override {
    if (gone_) co_return Error{Code::unavailable, "gone"};
    HeldList list{epoch_, {}};
    for (const auto& [id, response] : kept_) {
      if (response) list.ids.push_back(id);
    }
    co_return list;
  }
  Task<Result<void>> acknowledge(std::string id) override {
    if (gone_) co_return Error{Code::unavailable, "gone"};
    kept_.erase(id);
    co_return Result<void>();
  }

 private:
  Task<void> released(std::string url) {
    while (held_.contains(url)) {
      Waiter<> waiter(loop_);
      waiting_.emplace(url, waiter.resolver());
      co_await waiter;
    }
  }
  HeldOutcome kept_answer(const std::string& id) {
    const auto& response = kept_.at(id);
    if (!response) return HoldFailure{Fate::lost, {loss_, "lost"}};
    return HttpResponse{response->status, response->headers, response->body.clone()};
  }
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
  bool loses_next_ = false, gone_ = false;
  Code loss_ = Code::unavailable;
  std::string epoch_ = "epoch-1";
  std::map<std::string, std::optional<HttpResponse>> kept_;  // nullopt: lost
  std::map<std::string, int> sent_;
  std::set<std::string> seen_;
};

}  // namespace reeve::test
