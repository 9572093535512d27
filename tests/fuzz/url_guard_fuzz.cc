// What the URL guard lets through is read the same way by libcurl, which is given it.
#include <curl/curl.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "fetch/url_guard.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  const CURLUcode code = ::curl_url_get(url, which, &text, CURLU_DEFAULT_PORT);
  const std::string copy = code == CURLUE_OK ? text : "";
  ::curl_free(text);
  return copy;
}

bool same_host(std::string_view curls, const reeve::Url& url) {
  if (!url.literal) return curls == url.host;
  if (curls.starts_with('[')) curls = curls.substr(1, curls.size() - 2);
  const auto address = reeve::parse_ip(curls);
  return address && address->v6 == url.literal->v6 && address->octets == url.literal->octets;
}

void check(std::string_view text, bool loopback_http) {
  const auto url = reeve::guard_url(text, loopback_http);
  if (!url) return;
  require(url->tls || loopback_http);
  require(url->text.starts_with(url->tls ? "https://" : "http://"));
  const auto again = reeve::guard_url(url->text, loopback_http);
  require(again && again->text == url->text && again->host == url->host);
  if (!url->tls && url->literal) {
    require(reeve::classify(*url->literal) == reeve::AddressKind::loopback);
  }

  const std::unique_ptr<CURLU, void (*)(CURLU*)> curls(::curl_url(), ::curl_url_cleanup);
  if (::curl_url_set(curls.get(), CURLUPART_URL, url->text.c_str(), CURLU_PATH_AS_IS) !=
      CURLUE_OK) {
    return;
  }
  require(part(curls.get(), CURLUPART_SCHEME) == (url->tls ? "https" : "http"));
  require(same_host(part(curls.get(), CURLUPART_HOST), *url));
  require(part(curls.get(), CURLUPART_PORT) == std::to_string(url->port));
  require(part(curls.get(), CURLUPART_USER).empty());
  require(part(curls.get(), CURLUPART_FRAGMENT).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, false);
  check(text, true);
  return 0;
}
