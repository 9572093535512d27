// Engines: the container engines of this host, and what they said, kept by container and start.
//
// What an engine says of a running container does not change while it runs, but for a new name. An
// engine that failed is left alone for a moment, so that a hanging one costs one deadline and not
// one a caller.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "attest/engine.h"
#include "attest/turnstile.h"
#include "base/clock.h"

namespace reeve {

struct ContainerRef {
  std::string engine, id, instance;
};

class Engines final {
 public:
  Engines(Loop& loop, const Clock& clock, const std::map<std::string, std::string>& sockets,
          uid_t owner);

  Task<Result<ContainerFacts>> container(ContainerRef ref);

 private:
  struct Source {
    std::shared_ptr<const Engine> engine;
    int64_t silent_until = 0;  // boot milliseconds
    std::string trouble;
  };
  static std::string key(const ContainerRef& ref);

  Loop& loop_;
  const Clock& clock_;
  Turnstile stile_;
  std::map<std::string, Source> sources_;
  std::map<std::string, ContainerFacts> kept_;
};

}  // namespace reeve
