#include "peer/process.h"

#include <charconv>
#include <sstream>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t kFileBytes = size_t{64} * 1024;

}  // namespace

Result<std::string> read_proc(pid_t pid, const char* name) {
  return read_file("/proc/" + std::to_string(pid) + "/" + name, kFileBytes);
}

Result<uint64_t> start_time(pid_t pid) {
  auto text = read_proc(pid, "stat");
  if (!text) return in("the peer's start time", std::move(text).error());
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const size_t bracket = text->rfind(')');
  std::istringstream fields(bracket == std::string::npos ? "" : text->substr(bracket + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  uint64_t value = 0;
  const auto end = field.data() + field.size();
  if (field.empty() || std::from_chars(field.data(), end, value).ptr != end) {
    return Error{Code::corrupt, "the peer's start time cannot be read"};
  }
  return value;
}

Result<std::string> boot_id() {
  static std::string kept;  // it does not change while this process lives
  if (!kept.empty()) return kept;
  REEVE_TRY(std::string text, read_file("/proc/sys/kernel/random/boot_id", 64));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  kept = text;
  return text;
}

}  // namespace reeve
