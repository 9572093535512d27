// What is shown to people. Texts from elsewhere (accounts, reasons, file names) go through plain()
// first: nothing in them may move the cursor, retitle the window or run a text backwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

// One line: control and invisible formatting characters, and what is no UTF-8, become '?'.
std::string plain(std::string_view text);
// The same, but lines stay lines.
std::string plain_lines(std::string_view text);

// "2026-01-31 08:15" in local time; "-" for none.
std::string when(std::optional<int64_t> unix_seconds);

// A line on stdout; throws Failure if it cannot be written. A line on stderr.
void print(std::string_view line);
void complain(std::string_view line);

// Columns as wide as their longest cell. Cells are made plain; an empty one shows as "-".
class Table final {
 public:
  using Row = std::vector<std::string>;
  explicit Table(Row titles) : rows_({std::move(titles)}) {}
  void add(Row row);
  bool empty() const { return rows_.size() == 1; }
  // Without a newline at its end.
  std::string text() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace reeve::cli
