// Brand: whose service this is, for the people who visit it: a name, a logo, whom to ask.
//
// Read once at start, from options and a file, and checked: the logo is served by this program
// itself, so no page needs anything from elsewhere and the content security policy stays strict.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve {

struct Logo {
  std::string type;    // "image/png"
  std::string octets;  // empty: none
};

struct Brand {
  std::string operator_name;  // empty: "Reeve" stands there
  std::string contact;        // a mail address, an https URL, or a few words; empty: none
  Logo logo;

  // What stands at the top of each page and behind its title.
  std::string_view name() const {
    if (operator_name.empty()) return "Reeve";
    return operator_name;
  }
};

// At most 128 KiB of PNG, JPEG, GIF or WebP, known by what is in the file. No SVG: it is a document
// that may hold script.
Result<Logo> read_logo(const std::string& path);

// An error for what is not printable UTF-8 of at most 200 bytes on one line.
Result<void> check_brand_text(std::string_view option, std::string_view text);

}  // namespace reeve
