// Answers of servers, for the judges' tests.
#pragma once

#include <string>
#include <string_view>

#include "oauth/http.h"

namespace reeve::test {

inline HttpResponse answer(int status, std::string_view body,
                           std::string_view type = "application/json",
                           const Parameters& headers = {}) {
  HttpResponse response;
  response.status = status;
  if (!type.empty()) response.headers.emplace_back("content-type", type);
  response.headers.insert(response.headers.end(), headers.begin(), headers.end());
  response.body = Secret::copy_of(body);
  return response;
}

// The value of a form's field in a request's body; "-" where it has none, "twice" where two.
inline std::string field(const HttpRequest& request, std::string_view name) {
  const auto pairs = parse_form(request.body.reveal());
  std::string value = "-";
  if (!pairs) return value;
  for (const auto& [key, text] : *pairs) {
    if (key == name) value = value == "-" ? text : "twice";
  }
  return value;
}

inline std::string header(const HttpRequest& request, std::string_view name) {
  const std::string* value = find_header(request.headers, name);
  return value == nullptr ? "-" : *value;
}

}  // namespace reeve::test
