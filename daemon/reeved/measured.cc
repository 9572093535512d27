#include "reeved/measured.h"

#include <chrono>

namespace reeve {
namespace {

Task<varlink::Reply> measure(Histogram& histogram, Task<varlink::Reply> task) {
  const auto begin = std::chrono::steady_clock::now();
  varlink::Reply reply = co_await task;
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  histogram.observe(taken.count());
  co_return reply;
}

}  // namespace

varlink::MethodTable measured(varlink::MethodTable table, Metrics& metrics) {
  for (auto& [method, handler] : table) {
    if (method == "AwaitConsent" || method == "Watch") continue;
    handler = [inner = std::move(handler), &histogram = metrics.call(method)](varlink::Call& call) {
      return measure(histogram, inner(call));
    };
  }
  return table;
}

}  // namespace reeve
