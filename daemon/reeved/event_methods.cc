#include "reeved/event_methods.h"

#include "reeved/wire.h"

namespace reeve {

void EventMethods::add_to(varlink::MethodTable& table) {
  table["Events"] = [this](varlink::Call& call) { return events(call); };
}

Task<varlink::Reply> EventMethods::events(varlink::Call& call) {
  if (!call.more) co_return wire::expected_more();
  const auto limit = static_cast<size_t>(parts_.setup.get()->config.limits.watches);
  if (parts_.feed.watchers() >= limit)
    co_return wire::from_error("io.reeve.Admin", Error{Code::limit, "watches"});
  Feed::Watcher watcher(parts_.feed);
  std::string text = R"({"dropped":0})";  // the watcher is there: nothing is missed from now on
  while (true) {
    co_await call.send(std::move(text));
    const Feed::Told told = co_await watcher.next(parts_.loop);
    text = wire::reply([&](JsonWriter& json) {
             json.key("event").raw(told.record);
             json.member("dropped", static_cast<int64_t>(told.dropped));
           }).parameters;
  }
}

}  // namespace reeve
