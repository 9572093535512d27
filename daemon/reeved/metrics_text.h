// MetricsText: families and samples as text, in OpenMetrics 1.0 or in the older format that
// Prometheus' node exporter reads from files. It knows the formats and not what is counted.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reeved/metrics.h"

namespace reeve {

class MetricsText final {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;
  explicit MetricsText(MetricsFormat format) : open_(format == MetricsFormat::openmetrics) {}

  // Begins a family; its samples follow. A counter's name is without "_total".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void counter(const Labels& labels, uint64_t count);
  void value(const Labels& labels, int64_t value);
  void histogram(const Labels& labels, const Histogram& histogram);
  // A family of one sample.
  void gauge(std::string_view name, std::string_view help, int64_t value);
  void info(std::string_view name, std::string_view help, const Labels& labels);

  std::string take();

 private:
  void sample(std::string_view suffix, const Labels& labels, std::string_view value);

  const bool open_;
  std::string name_;
  std::string text_;
};

}  // namespace reeve
