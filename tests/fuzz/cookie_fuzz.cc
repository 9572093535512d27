// What a browser, or whoever plays one, may send: the first line is a Cookie header, the rest a
// form or a query. Never a crash; what is taken has the shape that is relied on; nothing foreign
// becomes markup or another host's address.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "bind/cookies.h"
#include "bind/fields.h"
#include "bind/pages/html.h"
#include "bind/pages/page.h"
#include "bind/routes.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_cookies(std::string_view header) {
  const auto cookies = reeve::parse_cookies(header);
  if (!cookies) return;
  require(cookies->browser.empty() || reeve::token_shaped(cookies->browser.reveal()));
  std::set<std::string> ids;
  for (const auto& [id, value] : cookies->flows) {
    require(id.size() == 8 && reeve::opaque(id) && reeve::flow_shaped(value.reveal()));
    require(ids.insert(id).second);
  }
}

void read_value(std::string_view value) {
  const std::string html = reeve::Html({reeve::Text(value, value.size())}).str();
  require(html.find_first_of("<>\"'\r\n") == html.npos);
  if (reeve::returnable(value)) require(value.starts_with('/') && !value.starts_with("//"));
  if (!reeve::host_of(value).empty()) {
    require(value.starts_with("https://") || value.starts_with("http://"));
    require(value.find_first_of(std::string_view("\0\r\n \"<>", 7)) == value.npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = text.find('\n');
  read_cookies(text.substr(0, line));
  if (line == std::string_view::npos) return 0;
  const auto fields = reeve::Fields::parse(text.substr(line + 1));
  if (!fields) return 0;
  std::set<std::string> names;
  for (const auto& [name, value] : fields->all()) {
    require(names.insert(name).second);
    read_value(value);
  }
  return 0;
}
