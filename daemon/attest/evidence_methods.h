// EvidenceMethods: io.reeve.Attest: evidence of the process whose pidfd came with the call.
#pragma once

#include "attest/engines.h"
#include "attest/executable.h"
#include "varlink/service.h"

namespace reeve {

class EvidenceMethods final {
 public:
  EvidenceMethods(Executables& executables, Engines& engines)
      : executables_(executables), engines_(engines) {}

  void add_to(varlink::Service& service);

 private:
  struct Wanted {
    bool executable = false, namespaces = false;
    std::optional<ContainerRef> container;
  };
  static std::optional<Wanted> read(const Json& parameters, std::string& wrong);
  Task<varlink::Reply> evidence(varlink::Call& call);

  Executables& executables_;
  Engines& engines_;
};

}  // namespace reeve
