#include "attest/engines.h"

#include <algorithm>

#include "async/work.h"

namespace reeve {
namespace {

constexpr size_t kKept = 1024;
constexpr int64_t kSilentMilliseconds = 2'000;

// Nothing that could lead the request elsewhere.
bool sound_id(const std::string& id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Engines::Engines(Loop& loop, const Clock& clock, const std::map<std::string, std::string>& sockets,
                 uid_t owner)
    : loop_(loop), clock_(clock), stile_(loop, 2) {
  for (const auto& [name, socket] : sockets)
    sources_[name].engine = std::make_shared<const Engine>(socket, owner);
}

std::string Engines::key(const ContainerRef& ref) {
  return ref.engine + ":" + ref.id + ":" + ref.instance;
}

Task<Result<ContainerFacts>> Engines::container(ContainerRef ref) {
  const Turnstile::Pass pass = co_await stile_.enter();
  // Whoever went before may have asked for the same one.
  if (const auto found = kept_.find(key(ref)); found != kept_.end()) co_return found->second;
  const auto source = sources_.find(ref.engine);
  if (source == sources_.end() || !sound_id(ref.id))
    co_return Error{Code::not_found, ref.engine + ": no such engine is configured"};
  if (clock_.boot_milliseconds() < source->second.silent_until)
    co_return Error{Code::unavailable, source->second.trouble};
  auto asking = [engine = source->second.engine, id = ref.id] { return engine->container(id); };
  auto told = co_await work(loop_, std::move(asking));
  if (told) {
    if (kept_.size() >= kKept) kept_.clear();
    kept_[key(ref)] = *told;
    co_return told;
  }
  Error error = in("engine " + ref.engine, std::move(told).error());
  if (error.code != Code::not_found) {
    Source& failed = sources_.at(ref.engine);
    failed.silent_until = clock_.boot_milliseconds() + kSilentMilliseconds;
    failed.trouble = error.text;
  }
  co_return error;
}

}  // namespace reeve
