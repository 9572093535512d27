#include "policy/fit.h"

#include <algorithm>

namespace reeve {

bool fits_glob(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return false;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (text.size() <= before.size() + after.size()) return false;
  const std::string_view middle =
      text.substr(before.size(), text.size() - before.size() - after.size());
  return text.starts_with(before) && text.ends_with(after) &&
         middle.find_first_of("@/") == std::string_view::npos;
}

Fit fit(const std::vector<std::string>& values, const std::optional<std::string>& text) {
  if (!text) return Fit::no;
  if (std::find(values.begin(), values.end(), *text) != values.end()) return Fit::exact;
  const bool glob = std::any_of(values.begin(), values.end(),
                                [&](const std::string& value) { return fits_glob(value, *text); });
  return glob ? Fit::glob : Fit::no;
}

Fit fit_any(const std::vector<std::string>& values, const std::vector<std::string>& texts) {
  Fit best = Fit::no;
  for (const std::string& text : texts) best = std::max(best, fit(values, text));
  return best;
}

}  // namespace reeve
