#include "fetch/transport.h"

#include "fetch/transfer.h"

namespace reeve {
namespace {

constexpr long kKeptConnections = 32;
// Over what libcurl's own deadline is, in case it does not come.
constexpr int64_t kGraceMilliseconds = 1000;

}  // namespace

// A transfer while libcurl has it.
class Transport::Running final {
 public:
  Running(CURLM* multi, const FetchRequest& request, const std::string& ca_file)
      : multi_(multi), transfer_(request, ca_file) {}
  ~Running() {
    if (added_) ::curl_multi_remove_handle(multi_, transfer_.easy());
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool start(Resolver<CURLcode> done) {
    CURL* const easy = transfer_.easy();
    if (easy == nullptr) return false;
    ::curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    done_ = std::move(done);
    added_ = ::curl_multi_add_handle(multi_, easy) == CURLM_OK;
    return added_;
  }
  void end(CURLcode code) { done_.resolve(code); }
  // The deadline passed without libcurl: the waiter gets nothing.
  void give_up() { done_ = Resolver<CURLcode>(); }
  Transfer& transfer() { return transfer_; }

 private:
  CURLM* multi_;
  Transfer transfer_;
  Resolver<CURLcode> done_;
  bool added_ = false;
};

Transport::Transport(Loop& loop, const CurlLibrary&, std::string ca_file)
    : loop_(loop), ca_file_(std::move(ca_file)), timer_(loop), multi_(::curl_multi_init()) {
  assert(multi_ != nullptr);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kKeptConnections);
}

Transport::~Transport() { ::curl_multi_cleanup(multi_); }

Task<FetchOutcome> Transport::fetch(FetchRequest request) {
  Waiter<CURLcode> waiter(loop_);
  Running running(multi_, request, ca_file_);
  if (!running.start(waiter.resolver())) {
    co_return running.transfer().fail(FailureReason::protocol, "libcurl refuses the request");
  }
  const Timer deadline(loop_, request.limits.milliseconds + kGraceMilliseconds,
                       [&running] { running.give_up(); });
  const std::optional<CURLcode> code = co_await waiter;
  if (!code) co_return running.transfer().fail(FailureReason::timeout, "no whole answer in time");
  co_return running.transfer().finish(*code);
}

int Transport::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& transport = *static_cast<Transport*>(self);
  if (what == CURL_POLL_REMOVE) {
    transport.watches_.erase(socket);
    return 0;
  }
  auto& watch = transport.watches_[socket];
  if (!watch) {
    watch = std::make_unique<FdWatch>(transport.loop_, socket, [&transport, socket](int events) {
      transport.act(socket, events);
    });
  }
  const int readable = (what & CURL_POLL_IN) != 0 ? FdWatch::kReadable : 0;
  const int writable = (what & CURL_POLL_OUT) != 0 ? FdWatch::kWritable : 0;
  watch->want(readable | writable);
  return 0;
}

// libcurl must not be called back from here: even 0 milliseconds go through the loop.
int Transport::on_timer(CURLM*, long milliseconds, void* self) {
  auto& transport = *static_cast<Transport*>(self);
  if (milliseconds < 0) transport.timer_.stop();
  else
    transport.timer_.start(milliseconds, [&transport] { transport.act(CURL_SOCKET_TIMEOUT, 0); });
  return 0;
}

void Transport::act(curl_socket_t socket, int events) {
  int flags = 0;
  if ((events & FdWatch::kReadable) != 0) flags |= CURL_CSELECT_IN;
  if ((events & FdWatch::kWritable) != 0) flags |= CURL_CSELECT_OUT;
  int running = 0;
  ::curl_multi_socket_action(multi_, socket, flags, &running);
  collect();
}

void Transport::collect() {
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* running = nullptr;
    ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &running);
    static_cast<Running*>(running)->end(message->data.result);
  }
}

}  // namespace reeve
