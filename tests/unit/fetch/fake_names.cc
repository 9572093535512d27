// Stands before the C library's getaddrinfo(3), so that tests have names without a name server.
#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "web_server.h"

namespace {

struct Silence {
  std::mutex mutex;
  std::condition_variable changed;
  int released = 0;
};

Silence& silence() {
  static Silence instance;
  return instance;
}

const char* number_of(const std::string& name) {
  static const std::map<std::string, const char*> kNames = {
      {"inside.test", "10.0.0.1"},        {"metadata.test", "169.254.169.254"},
      {"rebound.test", "127.0.0.1"},      {"good.test", "127.0.0.1"},
      {"mapped.test", "::ffff:10.0.0.1"},
  };
  const auto found = kNames.find(name);
  return found == kNames.end() ? nullptr : found->second;
}

}  // namespace

namespace reeve::test {

void release_names() {
  const std::lock_guard lock(silence().mutex);
  ++silence().released;
  silence().changed.notify_all();
}

}  // namespace reeve::test

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::string(name) == "silent.test") {
    std::unique_lock lock(silence().mutex);
    const int before = silence().released;
    silence().changed.wait(lock, [&] { return silence().released != before; });
    return EAI_AGAIN;
  }
  if (const char* number = name == nullptr ? nullptr : number_of(name)) {
    return real(number, service, hints, result);
  }
  return real(name, service, hints, result);
}
