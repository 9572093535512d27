#include "fetch/curl_library.h"

#include <curl/curl.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/secret.h"

namespace reeve {
namespace {

void wiping_free(void* block) {
  if (block == nullptr) return;
  wipe(block, ::malloc_usable_size(block));
  std::free(block);
}

void* wiping_realloc(void* block, size_t size) {
  void* larger = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr || larger == nullptr) return larger;
  std::memcpy(larger, block, std::min(size, ::malloc_usable_size(block)));
  wiping_free(block);
  return larger;
}

}  // namespace

CurlLibrary::CurlLibrary()
    : ready_(::curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wiping_free, wiping_realloc,
                                    ::strdup, std::calloc) == CURLE_OK) {}

CurlLibrary::~CurlLibrary() {
  if (ready_) ::curl_global_cleanup();
}

}  // namespace reeve
