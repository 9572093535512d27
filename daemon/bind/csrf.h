// The CSRF token: what a form of ours carries, and only a page made for this browser knows.
//
// A keyed hash of the form's target under the browser's secret: nothing is stored, a token says
// nothing of the secret, and the token of one form is of no use for another.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace reeve {

// `path`: where the form is posted to. The browser's secret is token-shaped (cookies.h).
std::string csrf_token(const Secret& browser, std::string_view path);
// False too where there is no browser secret. In constant time.
bool csrf_holds(const Secret& browser, std::string_view path, std::string_view token);

}  // namespace reeve
