// ConfigReport: the errors and warnings found while the configuration is read, each with its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// Where something was written. Line 0: the file as a whole.
struct Place {
  uint32_t file = 0;  // ConfigReport's number of the file
  uint32_t line = 0;
};

class ConfigReport {
 public:
  // Files are numbered in the order they are added, which is the order of the messages.
  uint32_t add_file(std::string name);
  // `where` names the table and key, "[provider.x] client_id", or is empty.
  void error(Place place, std::string_view where, std::string_view text);
  void warning(Place place, std::string_view where, std::string_view text);

  bool failed() const { return !errors_.empty(); }
  // "FILE:LINE: WHERE: TEXT", by file and line, each once.
  std::vector<std::string> errors() const { return texts(errors_); }
  std::vector<std::string> warnings() const { return texts(warnings_); }

 private:
  struct Finding {
    Place place;
    std::string text;
  };
  std::vector<std::string> texts(std::vector<Finding> findings) const;

  std::vector<std::string> files_;
  std::vector<Finding> errors_;
  std::vector<Finding> warnings_;
};

}  // namespace reeve
