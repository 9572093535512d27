// Fields: the parameters of a query or of a form, each name once.
//
// RFC 6749 section 3.1: parameters must not be included more than once; a value that is empty
// counts as absent. Whoever doubles one, ours or not, gets nothing done.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace reeve {

class Fields {
 public:
  Fields() = default;
  // nullopt: a broken escape, a name that stands twice, or too many.
  static std::optional<Fields> parse(std::string_view text);

  // Null where absent or empty.
  const std::string* find(std::string_view name) const;
  // The same, with an empty text where there is none.
  const std::string& text(std::string_view name) const;
  const Parameters& all() const { return fields_; }

 private:
  Parameters fields_;
};

// Printable ASCII and blank (VSCHAR of RFC 6749 Appendix A), up to `limit` bytes.
bool plain(std::string_view text, size_t limit);
// One segment of a path or an opaque value of ours: 1 to `limit` of A-Z a-z 0-9 - _ . ~
bool opaque(std::string_view text, size_t limit = 128);

}  // namespace reeve
