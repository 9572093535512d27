#include "attest/evidence_methods.h"

#include "attest/subject.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "varlink/interfaces.h"

namespace reeve {
namespace {

using varlink::Reply;

void write_container(JsonWriter& json, const ContainerFacts& facts) {
  json.member("name", facts.name).member("image", facts.image);
  json.member("image_digests", facts.digests).key("labels").begin_object();
  for (const auto& [name, value] : facts.labels) json.member(name, value);
  json.end_object();
}

}  // namespace

void EvidenceMethods::add_to(varlink::Service& service) {
  service.add(interfaces::io_reeve_Attest_varlink,
              {{"Evidence", [this](varlink::Call& call) { return evidence(call); }}});
}

std::optional<EvidenceMethods::Wanted> EvidenceMethods::read(const Json& parameters,
                                                             std::string& wrong) {
  Wanted wanted;
  bool container = false;
  for (const std::string& kind :
       parameters.strings("wanted").value_or(std::vector<std::string>())) {
    if (kind == "executable") wanted.executable = true;
    else if (kind == "namespaces") wanted.namespaces = true;
    else if (kind == "container") container = true;
    else wrong = "wanted";
  }
  const Json* named = parameters.find("container");
  if (container && (named == nullptr || named->is_null())) wrong = "container";
  if (!wrong.empty()) return std::nullopt;
  if (container) {
    wanted.container =
        ContainerRef{named->text("engine"), named->text("id"), named->text("instance")};
  }
  return wanted;
}

Task<Reply> EvidenceMethods::evidence(varlink::Call& call) {
  std::string wrong;
  const auto wanted = read(call.parameters, wrong);
  if (!wanted) co_return varlink::invalid_parameter(wrong);
  if (call.descriptors.size() != 1) co_return varlink::invalid_parameter("the caller's pidfd");
  const int pidfd = call.descriptors.front().get();
  const auto pid = pid_of(pidfd);
  if (!pid) co_return Reply::failure("io.reeve.Attest.PeerGone");

  ExecutableFacts executable;
  if (wanted->executable) executable = co_await executables_.read(*pid);
  std::optional<bool> initial;
  if (wanted->namespaces) initial = in_initial_mount_namespace(*pid);
  Result<ContainerFacts> container = ContainerFacts();
  if (wanted->container) container = co_await engines_.container(*wanted->container);
  // All that was read by number was read of this process only if it still lives.
  if (!subject_alive(pidfd)) co_return Reply::failure("io.reeve.Attest.PeerGone");

  Reply reply;
  reply.parameters.clear();
  JsonWriter json(reply.parameters);
  std::vector<std::string> problems;
  json.begin_object().member("executable", executable.path).member("sha256", executable.sha256);
  if (!executable.problem.empty()) problems.push_back(executable.problem);
  if (initial) json.member("mount_namespace", *initial ? "initial" : "other");
  else if (wanted->namespaces) problems.emplace_back("namespaces: they cannot be seen");
  if (!container) problems.push_back(printable(container.error().text));
  else if (wanted->container) write_container(json, *container);
  json.member("problems", problems).end_object();
  co_return reply;
}

}  // namespace reeve
