#include "bind/certificate.h"

#include <cstdlib>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t kFileBytes = size_t{64} * 1024;

Result<std::string> read(const std::string& option, const std::string& name) {
  std::string path = name;
  if (name.find('/') == name.npos) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) {
      return Error{Code::invalid, option +
                                      ": expected the path of a file; the unit has no "
                                      "credential " +
                                      name + " (LoadCredential=)"};
    }
    path = std::string(directory) + "/" + name;
  }
  auto text = read_file(path, kFileBytes);
  if (!text) return in(option, std::move(text).error());
  return text;
}

}  // namespace

Result<Certificate> read_certificate(const std::string& chain, const std::string& key) {
  REEVE_TRY(std::string certificate, read("--certificate", chain));
  REEVE_TRY(std::string secret, read("--certificate-key", key));
  return Certificate{std::move(certificate), Secret(std::move(secret))};
}

}  // namespace reeve
