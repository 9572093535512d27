#include "config/config_report.h"

#include <algorithm>
#include <tuple>

#include "base/encoding.h"

namespace reeve {
namespace {

// A line is for a terminal; what was quoted from a file may hold anything.
constexpr size_t line_limit = 1000;

std::string sentence(std::string_view where, std::string_view text) {
  std::string line(where);
  if (!line.empty()) line += ": ";
  return line.append(text);
}

}  // namespace

uint32_t ConfigReport::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<uint32_t>(files_.size() - 1);
}

void ConfigReport::error(Place place, std::string_view where, std::string_view text) {
  errors_.push_back({place, sentence(where, text)});
}

void ConfigReport::warning(Place place, std::string_view where, std::string_view text) {
  warnings_.push_back({place, sentence(where, text)});
}

std::vector<std::string> ConfigReport::texts(std::vector<Finding> findings) const {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
  });
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    std::string line = files_.at(finding.place.file);
    if (finding.place.line > 0) line += ":" + std::to_string(finding.place.line);
    line = printable(line + ": " + finding.text, line_limit);
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

}  // namespace reeve
