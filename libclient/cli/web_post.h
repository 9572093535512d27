// One HTTPS request: a form is posted, its answer read. The only part of reeve(1) that reaches the
// network, and the only one that sees libcurl: libreeve does not.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace reeve::cli {

using Form = std::vector<std::pair<std::string, std::string>>;

struct WebAnswer {
  long status = 0;
  std::string body;  // at most 64 KiB
};

// https only, or http to this machine; certificates verified, no redirects. Throws Failure, whose
// text holds nothing of the form.
WebAnswer post_form(const std::string& url, const Form& form, int timeout_seconds);

}  // namespace reeve::cli
