#include "cli/terminal.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cli/failure.h"

namespace reeve::cli {
namespace {

struct Range {
  uint32_t first, last;
};
// Controls, marks of direction, blanks without width, separators, tags.
constexpr Range kUnfit[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},      {0x61C, 0x61C},
                            {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F},
                            {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFF}, {0xE0000, 0xE0FFF}};

bool fit(uint32_t point) {
  return std::none_of(std::begin(kUnfit), std::end(kUnfit), [point](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

// The length of the character at `at`, or 0 if no valid and fit one is there.
size_t character(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return fit(lead) ? 1 : 0;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  uint32_t point = lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte & 0x3F);
  }
  const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid =
      point >= least[length] && point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
  return valid && fit(point) ? length : 0;
}

std::string cleaned(std::string_view text, bool keep_lines) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const size_t length = character(text, at);
    if (length != 0) shown.append(text, at, length);
    else shown += keep_lines && text[at] == '\n' ? '\n' : '?';
    at += std::max<size_t>(length, 1);
  }
  return shown;
}

size_t width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string plain(std::string_view text) { return cleaned(text, false); }

std::string plain_lines(std::string_view text) { return cleaned(text, true); }

std::string when(std::optional<int64_t> unix_seconds) {
  if (!unix_seconds) return "-";
  const time_t seconds = *unix_seconds;
  struct tm local = {};
  char text[64];
  if (::localtime_r(&seconds, &local) == nullptr ||
      std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local) == 0) {
    return std::to_string(*unix_seconds);
  }
  return text;
}

void print(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Failure(kFailed, "cannot write to standard output");
  }
}

void complain(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

void Table::add(Row row) {
  for (std::string& cell : row) cell = cell.empty() ? "-" : plain(cell);
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<size_t> widths(rows_.front().size());
  for (const Row& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows_) {
    if (!text.empty()) text += '\n';
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width(row[i]) + 2, ' ');
    }
  }
  return text;
}

}  // namespace reeve::cli
