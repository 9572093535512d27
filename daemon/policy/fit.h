// fit: how one piece of evidence meets the values that a rule names for it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

enum class Fit { no, glob, exact };

// "agent@*.service", "podman:*": one star, for any text that is not empty and holds no '@' and no
// '/', which would make it another unit, file or repository.
bool fits_glob(std::string_view pattern, std::string_view text);

Fit fit(const std::vector<std::string>& values, const std::optional<std::string>& text);
// The best of several texts.
Fit fit_any(const std::vector<std::string>& values, const std::vector<std::string>& texts);

}  // namespace reeve
