#include "cli/web_post.h"

#include <curl/curl.h>

#include <memory>

#include "cli/failure.h"
#include "cli/origin.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

constexpr size_t kMostBody = size_t{64} * 1024;

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;

size_t keep(char* data, size_t one, size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + one * size > kMostBody) return 0;  // ends the transfer
  body.append(data, one * size);
  return one * size;
}

std::string encoded(CURL* handle, const Form& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    const std::unique_ptr<char, void (*)(void*)> part(
        ::curl_easy_escape(handle, value.data(), static_cast<int>(value.size())), ::curl_free);
    if (part == nullptr) throw Failure(kFailed, "memory ran out");
    text += (text.empty() ? "" : "&") + name + "=" + part.get();
  }
  return text;
}

}  // namespace

WebAnswer post_form(const std::string& url, const Form& form, int timeout_seconds) {
  const auto origin = parse_origin(url);
  if (!origin || !fit_for_tokens(*origin)) {
    throw Failure(kUsage, "'" + plain(url) + "' is no https URL of a host");
  }
  const Handle handle(::curl_easy_init(), ::curl_easy_cleanup);
  if (handle == nullptr) throw Failure(kFailed, "memory ran out");
  const std::string body = encoded(handle.get(), form);
  WebAnswer answer;
  CURL* const curl = handle.get();
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, origin->scheme.c_str());
  ::curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  ::curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(timeout_seconds));
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_USERAGENT, "reeve/" REEVE_VERSION);
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = ::curl_easy_perform(curl);
  if (code != CURLE_OK) {
    throw Failure(kFailed, plain(url) + ": " + ::curl_easy_strerror(code));
  }
  ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace reeve::cli
