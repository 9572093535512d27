// The one style sheet of the pages (style.css), embedded.
#pragma once

#include <string_view>

namespace reeve {

extern const std::string_view style_css;

}  // namespace reeve
