// FetchMethods: the methods of io.reeve.Fetch, and their errors: where wire and parts meet.
#pragma once

#include <string>

#include "fetch/held.h"
#include "fetch/slots.h"
#include "fetch/transport.h"
#include "varlink/service.h"

namespace reeve {

class FetchMethods final {
 public:
  FetchMethods(Transport& transport, Held& held, Slots& slots)
      : transport_(transport), held_(held), slots_(slots) {}
  FetchMethods(const FetchMethods&) = delete;
  FetchMethods& operator=(const FetchMethods&) = delete;

  // Adds the interface; this object must outlive the service.
  void add_to(varlink::Service& service);

 private:
  Task<varlink::Reply> request(varlink::Call& call);
  Task<varlink::Reply> request_held(varlink::Call& call);
  Task<varlink::Reply> list_held(varlink::Call& call);
  Task<varlink::Reply> acknowledge(varlink::Call& call);

  Transport& transport_;
  Held& held_;
  Slots& slots_;
};

}  // namespace reeve
