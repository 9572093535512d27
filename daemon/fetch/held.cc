#include "fetch/held.h"

#include <algorithm>

#include "async/work.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "crypto/box.h"

namespace reeve {
namespace {

// Room for the sealed JSON of the largest answer: base64url, header lines, names and braces.
int64_t room_for(int64_t body_bytes) {
  return body_bytes / 3 * 4 + 2 * static_cast<int64_t>(kHeaderBytes);
}

FetchFailure lost() {
  return {FailureReason::lost, "the request was begun before and its answer is lost", true};
}

struct Stored {
  std::string sealed;  // empty: it could not be sealed
  Result<void> saved;
};

// On the thread pool.
Stored seal_and_store(const Spool& spool, const std::string& id, const std::string& seal_to,
                      const FetchAnswer& answer) {
  const Secret plain(to_json(answer));
  auto sealed = reeve::seal_to(seal_to, plain.reveal());
  if (!sealed) return {{}, Error{Code::invalid, "the answer cannot be sealed"}};
  Result<void> saved = spool.store(id, *sealed);
  return {std::move(*sealed), std::move(saved)};
}

}  // namespace

Held::Held(Loop& loop, Transport& transport, const Spool& spool, size_t most)
    : loop_(loop), transport_(transport), spool_(spool), most_(most), tasks_(loop) {
  for (const std::string& id : spool.answered()) entries_[id].state = State::answered;
  for (const std::string& id : spool.begun()) {
    // Renamed and not yet synced when the power went: both names may be there.
    if (entries_.contains(id)) continue;
    Entry& entry = entries_[id];
    entry.state = State::lost;
    entry.failure = lost();
  }
}

std::vector<std::string> Held::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.state != State::lost && entry.keep) ids.push_back(id);
  }
  return ids;
}

bool Held::make_room() {
  if (entries_.size() < most_) return true;
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.state != State::lost) continue;
    if (oldest == entries_.end() || it->second.number < oldest->second.number) oldest = it;
  }
  if (oldest == entries_.end()) return false;
  spool_.erase(oldest->first);
  entries_.erase(oldest);
  return true;
}

void Held::begin(const std::string& id, std::string seal_to, FetchRequest request,
                 Slots::Slot slot) {
  assert(!knows(id));
  request.once = true;
  Entry& entry = entries_[id];
  entry.number = ++next_number_;
  entry.ending = std::make_shared<Ending>();
  tasks_.spawn(run(id, std::move(seal_to), std::move(request), std::move(slot)));
}

Task<HeldOutcome> Held::join(std::string id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) co_return lost();
  if (found->second.state == State::lost) co_return found->second.failure;
  if (!found->second.unsaved.empty()) co_return found->second.unsaved;
  const std::shared_ptr<Ending> ending = found->second.ending;
  if (ending) {
    Waiter<> waiter(loop_);
    ending->waiting.push_back(waiter.resolver());
    co_await waiter;
    if (ending->outcome) co_return *ending->outcome;
    co_return lost();
  }
  HeldOutcome outcome = co_await read(id);
  co_return outcome;
}

Task<HeldOutcome> Held::read(std::string id) {
  const Spool* const spool = &spool_;
  // Named: g++ 12 frees a temporary's captures twice in a co_await.
  auto reading = [spool, id] { return spool->read(id); };
  Result<std::string> sealed = co_await work(loop_, std::move(reading));
  if (sealed) co_return std::move(*sealed);
  log(Level::error, "held answer: " + sealed.error().text);
  co_return FetchFailure{FailureReason::spool, "the held answer cannot be read", true};
}

void Held::acknowledge(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  if (found->second.state == State::running) {
    found->second.keep = false;
    return;
  }
  spool_.erase(id);
  entries_.erase(found);
  kill_point("acknowledged");
}

void Held::when_idle(std::function<void()> function) { idle_ = std::move(function); }

Task<void> Held::run(std::string id, std::string seal_to, FetchRequest request, Slots::Slot slot) {
  const Slots::Slot taken = std::move(slot);
  co_await carry(std::move(id), std::move(seal_to), std::move(request));
  // This task itself has still to leave the set.
  if (idle_ && tasks_.size() == 1) std::exchange(idle_, nullptr)();
}

Task<void> Held::carry(std::string id, std::string seal_to, FetchRequest request) {
  const Spool* const spool = &spool_;
  const int64_t room = room_for(request.limits.bytes);
  auto reserving = [spool, id, room] { return spool->reserve(id, room); };
  const Result<void> reserved = co_await work(loop_, std::move(reserving));
  if (!reserved) {
    log(Level::error, "held request: " + reserved.error().text);
    failed(id, {FailureReason::spool, "the spool has no room for the answer", false});
    co_return;
  }
  kill_point("reserved");
  FetchOutcome outcome = co_await transport_.fetch(std::move(request));
  kill_point("arrived");
  if (auto* const failure = std::get_if<FetchFailure>(&outcome)) {
    failed(id, std::move(*failure));
    co_return;
  }
  auto answer = std::make_shared<FetchAnswer>(std::move(*std::get_if<FetchAnswer>(&outcome)));
  auto storing = [spool, id, seal_to, answer] {
    return seal_and_store(*spool, id, seal_to, *answer);
  };
  Stored stored = co_await work(loop_, std::move(storing));
  kill_point("stored");
  if (!stored.saved) log(Level::error, "held answer: " + stored.saved.error().text);
  answered(id, std::move(stored.sealed), static_cast<bool>(stored.saved));
}

void Held::answered(const std::string& id, std::string sealed, bool saved) {
  if (sealed.empty()) {
    failed(id, {FailureReason::spool, "the answer cannot be sealed", true});
    return;
  }
  Entry& entry = entries_.at(id);
  entry.state = State::answered;
  // Lost to a restart, but not to whoever asks now: the last copy of a new refresh token, perhaps.
  if (!saved) entry.unsaved = sealed;
  tell(entry, std::move(sealed));
  if (!entry.keep) acknowledge(id);
}

void Held::failed(const std::string& id, FetchFailure failure) {
  Entry& entry = entries_.at(id);
  entry.state = State::lost;
  entry.failure = failure;
  const bool sent = failure.sent;
  tell(entry, std::move(failure));
  if (sent && entry.keep) spool_.release(id);
  else acknowledge(id);
}

void Held::tell(Entry& entry, HeldOutcome outcome) {
  const std::shared_ptr<Ending> ending = std::move(entry.ending);
  ending->outcome = std::move(outcome);
  for (Resolver<>& resolver : ending->waiting) resolver.resolve({});
}

}  // namespace reeve
