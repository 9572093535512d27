// Arbitrary bytes as a frame, and as an interface text. A call that is taken has a method and an
// object of parameters, which are then shown to every method of the agents' interface.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "varlink/frame.h"
#include "varlink/idl.h"
#include "varlink/interfaces.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reeve::varlink;
  static const auto agent = parse_interface(reeve::interfaces::io_reeve_Agent_varlink);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CallFrame call = read_call(text, size_t{256} * 1024);
  if (call.problem.empty() && (call.method.empty() || call.parameters.object() == nullptr))
    std::abort();
  if (call.parameters.object() != nullptr) {
    for (const auto& [name, method] : agent->methods) misfit(call.parameters, method.in, *agent);
  }
  const auto interface = parse_interface(text);
  if (!interface && interface.error().text.empty()) std::abort();
  return 0;
}
