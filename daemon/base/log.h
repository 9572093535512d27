// log: one line to the operator. Only main and the methods (the edge) call it, once per failure.
//
// Standard error, one line each; under systemd (JOURNAL_STREAM) with the "<N>" level prefix that
// journald reads (sd-daemon(3)). Foreign text goes through printable() first. Never a secret.
#pragma once

#include <string_view>

namespace reeve {

enum class Level { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

void log(Level level, std::string_view message);

}  // namespace reeve
