#include "varlink/service.h"

#include <cassert>

#include "base/encoding.h"
#include "base/json_writer.h"

namespace reeve::varlink {
namespace {

constexpr std::string_view kServiceInterface = R"(# The service every Varlink server has.
interface org.varlink.service

method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)
method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound(interface: string)
error MethodNotFound(method: string)
error MethodNotImplemented(method: string)
error InvalidParameter(parameter: string)
error PermissionDenied()
error ExpectedMore()
)";

Reply failure(std::string_view name, std::string_view member, std::string_view value) {
  Reply reply;
  reply.error = "org.varlink.service." + std::string(name);
  reply.parameters.clear();
  JsonWriter(reply.parameters).begin_object().member(member, printable(value)).end_object();
  return reply;
}

}  // namespace

Reply invalid_parameter(std::string_view name) {
  return failure("InvalidParameter", "parameter", name);
}

Service::Service(ServiceInfo info) : info_(std::move(info)) {
  add(kServiceInterface,
      {{"GetInfo", [this](Call& call) { return get_info(call); }},
       {"GetInterfaceDescription", [this](Call& call) { return get_description(call); }}});
}

void Service::add(std::string_view interface_text, MethodTable handlers) {
  auto parsed = parse_interface(interface_text);
  assert(parsed);
  const std::string name = parsed->name;
  const Interface& interface = interfaces_[name] = std::move(*parsed);
  for (const auto& [method, type] : interface.methods) {
    Entry entry{&interface, &type, nullptr};
    if (const auto found = handlers.find(method); found != handlers.end()) {
      entry.handler = std::move(found->second);
      handlers.erase(found);
    }
    methods_[name + "." + method] = std::move(entry);
  }
  assert(handlers.empty());
}

Task<Reply> Service::run(const std::string& method, Call& call) const {
  const auto found = methods_.find(method);
  if (found == methods_.end()) {
    const std::string interface = method.substr(0, method.rfind('.'));
    if (!interfaces_.contains(interface))
      co_return failure("InterfaceNotFound", "interface", interface);
    co_return failure("MethodNotFound", "method", method);
  }
  const Entry& entry = found->second;
  if (!entry.handler) co_return failure("MethodNotImplemented", "method", method);
  const std::string bad = misfit(call.parameters, entry.type->in, *entry.interface);
  if (!bad.empty()) co_return invalid_parameter(bad);
  co_return co_await entry.handler(call);
}

std::vector<std::string> Service::unimplemented() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : methods_) {
    if (!entry.handler) names.push_back(name);
  }
  return names;
}

Task<Reply> Service::get_info(Call&) const {
  std::vector<std::string> names;
  for (const auto& [name, interface] : interfaces_) names.push_back(name);
  Reply reply;
  reply.parameters.clear();
  JsonWriter(reply.parameters)
      .begin_object()
      .member("vendor", "Reeve")
      .member("product", info_.product)
      .member("version", info_.version)
      .member("url", "")
      .member("interfaces", names)
      .end_object();
  co_return reply;
}

Task<Reply> Service::get_description(Call& call) const {
  const auto found = interfaces_.find(call.parameters.text("interface"));
  if (found == interfaces_.end()) {
    co_return failure("InterfaceNotFound", "interface", call.parameters.text("interface"));
  }
  Reply reply;
  reply.parameters.clear();
  JsonWriter(reply.parameters)
      .begin_object()
      .member("description", found->second.text)
      .end_object();
  co_return reply;
}

}  // namespace reeve::varlink
