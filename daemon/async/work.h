// work: runs a function on libuv's thread pool; for what takes over a millisecond.
//
// The function and its result belong to the request: the awaiting task may be dropped meanwhile,
// the function still runs to its end. It must touch nothing that the loop's thread touches.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "async/waiter.h"

namespace reeve {

// Runs `function` on the pool, then resolves on the loop.
void queue_work(Loop& loop, std::function<void()> function, Resolver<> done);

template <class Function>
Task<std::invoke_result_t<Function>> work(Loop& loop, Function function) {
  using Value = std::invoke_result_t<Function>;
  struct State {
    Function function;
    std::optional<Value> value;
  };
  const auto state = std::make_shared<State>(State{std::move(function), std::nullopt});
  Waiter<> waiter(loop);
  queue_work(
      loop, [state] { state->value.emplace(state->function()); }, waiter.resolver());
  co_await waiter;
  co_return std::move(*state->value);
}

}  // namespace reeve
