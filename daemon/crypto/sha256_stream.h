// Sha256Stream: SHA-256 of what comes in pieces; hash.h has it of a text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace reeve {

class Sha256Stream final {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void add(std::string_view piece);
  // 32 octets, once; nullopt: the library failed.
  std::optional<std::string> finish();

 private:
  evp_md_ctx_st* context_;
  bool sound_;
};

}  // namespace reeve
