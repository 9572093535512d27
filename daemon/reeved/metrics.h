// Metrics: what reeved has done since its start, as numbers, for `reeve metrics` and Prometheus.
//
// Almost all of it is counted from the audit's records, so that the figures and the audit tell the
// same story, and no part of the daemon counts by itself. Durations are those of agents' calls and
// of exchanges at token endpoints.
// Labels are names of the configuration and words of ours; what is no word becomes "other", and so
// does what comes after a family's limit of series.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "audit/event.h"

namespace reeve {

// Seconds, by buckets.
class Histogram {
 public:
  static constexpr std::array<double, 12> bounds = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                                    0.1,    0.5,    1.0,   5.0,   10.0, 60.0};
  void observe(double seconds);

  std::array<uint64_t, bounds.size() + 1> counts{};  // the last: beyond all bounds
  double sum = 0;
};

// What is so just now.
struct Gauges {
  int64_t sessions = 0, grants_live = 0, grants_dead = 0, consents_pending = 0;
  int64_t epoch = 0;
  bool rotating = false;
  int64_t epoch_age = 0, master_age = 0;  // seconds, of keys
  int64_t audit_failures = 0, journal_dropped = 0;
  int64_t started_at = 0;
};

enum class MetricsFormat { openmetrics, prometheus };  // OpenMetrics 1.0; text format 0.0.4

class Metrics final {
 public:
  // What the audit was told.
  void count(const Event& event);
  // Of a method of io.reeve.Agent; stays where it is.
  Histogram& call(const std::string& method) { return calls_[method]; }
  // Of a code or a refresh token at a provider, a code at an issuer (Engine::Observer).
  void exchanged(std::string_view server, std::string_view what, double seconds);

  std::string render(const Gauges& now, MetricsFormat format) const;

 private:
  using Counters = std::map<std::string, uint64_t, std::less<>>;
  using ByProvider = std::map<std::string, Counters, std::less<>>;
  static void add(ByProvider& family, std::string_view provider, std::string_view label);
  void fail(const Event& event);

  ByProvider requests_, refreshes_, consents_, failures_;  // failures: "EVENT REASON"
  Counters records_;
  std::map<std::string, Histogram> calls_;
  std::map<std::pair<std::string, std::string>, Histogram> exchanges_;  // by server and what
};

}  // namespace reeve
