#include "reeved/metrics_text.h"

#include <array>
#include <cstdio>

#include "base/encoding.h"

namespace reeve {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  std::string made = text.data();
  // OpenMetrics wants the canonical form of a float.
  if (made.find_first_of(".e") == std::string::npos) made += ".0";
  return made;
}

void escape(std::string& out, std::string_view value) {
  for (const char c : printable(value, 256)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  std::string shown = name_;
  if (!open_ && type == "counter") shown += "_total";
  if (!open_ && type == "info") {
    shown += "_info";
    type = "gauge";
  }
  text_ += "# TYPE " + shown + " " + std::string(type) + "\n";
  if (open_ && name.ends_with("_seconds")) text_ += "# UNIT " + shown + " seconds\n";
  text_ += "# HELP " + shown + " " + std::string(help) + "\n";
}

void MetricsText::sample(std::string_view suffix, const Labels& labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, text] : labels) {
    text_ += before;
    text_ += name;
    text_ += "=\"";
    escape(text_, text);
    text_ += '"';
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void MetricsText::counter(const Labels& labels, uint64_t count) {
  sample("_total", labels, std::to_string(count));
}

void MetricsText::value(const Labels& labels, int64_t value) {
  sample("", labels, std::to_string(value));
}

void MetricsText::histogram(const Labels& labels, const Histogram& histogram) {
  Labels with_bound = labels;
  with_bound.emplace_back("le", "");
  uint64_t count = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    count += histogram.counts[i];
    const std::string bound =
        i < Histogram::bounds.size() ? number(Histogram::bounds[i]) : std::string("+Inf");
    with_bound.back().second = bound;
    sample("_bucket", with_bound, std::to_string(count));
  }
  sample("_count", labels, std::to_string(count));
  sample("_sum", labels, number(histogram.sum));
}

void MetricsText::gauge(std::string_view name, std::string_view help, int64_t value) {
  family(name, "gauge", help);
  this->value({}, value);
}

void MetricsText::info(std::string_view name, std::string_view help, const Labels& labels) {
  family(name, "info", help);
  sample("_info", labels, "1");
}

std::string MetricsText::take() {
  if (open_) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace reeve
