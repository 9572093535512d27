#include "config/sections.h"

namespace reeve {
namespace {

struct Bound {
  const char* key;
  int64_t LimitsConfig::*member;
  int64_t least;
  int64_t most;
};

constexpr int64_t day = 86400;

// consent_seconds: DESIGN section 1, at most ten minutes. frame_bytes: section 4, at most 256 KiB.
// fetch_seconds: what reeve-fetch takes at most.
constexpr Bound bounds[] = {
    {"connections", &LimitsConfig::connections, 1, 65536},
    {"connections_per_uid", &LimitsConfig::connections_per_uid, 1, 65536},
    {"connections_of_strangers", &LimitsConfig::connections_of_strangers, 1, 65536},
    {"calls_per_connection", &LimitsConfig::calls_per_connection, 1, 1024},
    {"frame_bytes", &LimitsConfig::frame_bytes, 4096, 262144},
    {"frame_seconds", &LimitsConfig::frame_seconds, 1, 300},
    {"idle_seconds", &LimitsConfig::idle_seconds, 1, day},
    {"sessions", &LimitsConfig::sessions, 1, 1000000},
    {"sessions_per_workload", &LimitsConfig::sessions_per_workload, 1, 1000000},
    {"session_seconds", &LimitsConfig::session_seconds, 60, 30 * day},
    {"consents", &LimitsConfig::consents, 1, 1000000},
    {"consents_per_workload", &LimitsConfig::consents_per_workload, 1, 1000000},
    {"consents_per_user", &LimitsConfig::consents_per_user, 1, 1000},
    {"consent_seconds", &LimitsConfig::consent_seconds, 10, 600},
    {"tickets", &LimitsConfig::tickets, 1, 1000000},
    {"tickets_per_consent", &LimitsConfig::tickets_per_consent, 1, 1000},
    {"browsers", &LimitsConfig::browsers, 1, 1000000},
    {"browsers_per_user", &LimitsConfig::browsers_per_user, 1, 10000},
    {"sign_in_seconds", &LimitsConfig::sign_in_seconds, 600, day},
    {"sign_in_idle_seconds", &LimitsConfig::sign_in_idle_seconds, 10, day},
    {"watches", &LimitsConfig::watches, 1, 65536},
    {"waiting_per_workload", &LimitsConfig::waiting_per_workload, 1, 65536},
    {"fetch_seconds", &LimitsConfig::fetch_seconds, 1, 60},
};

}  // namespace

void read_limits(const TomlNode& root, Reading& reading) {
  const TomlNode* node = root.find("limits");
  if (!node) return;
  TableReader reader(*node, "limits", reading.report);
  for (const Bound& bound : bounds) {
    TableReader::set(reading.config.limits.*bound.member,
                     reader.integer(bound.key, bound.least, bound.most));
  }
  reader.finish();
}

}  // namespace reeve
