#include "base/log.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/encoding.h"

namespace reeve {

void log(Level level, std::string_view message) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  static const bool debug = std::getenv("REEVE_DEBUG") != nullptr;
  if (level == Level::debug && !debug) return;
  std::string line;
  if (journal) line += "<" + std::to_string(static_cast<int>(level)) + ">";
  line += printable(message, 2000);
  line += '\n';
  // A log that cannot be written must not stop the daemon.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace reeve
