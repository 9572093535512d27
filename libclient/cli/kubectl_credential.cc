// kubectl-credential: client-go's exec plugin (client.authentication.k8s.io/v1, ExecCredential).
#include <cstdlib>

#include "cli/failure.h"
#include "cli/lend.h"
#include "cli/origin.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr const char* kGroup = "client.authentication.k8s.io/";

// What kubectl says of itself; an empty object where it says nothing.
Value exec_info() {
  const char* text = std::getenv("KUBERNETES_EXEC_INFO");
  if (text == nullptr || *text == '\0') return {};
  try {
    Value info = Value::parse(text);
    if (!info.members().empty()) return info;
  } catch (const Failure&) {
    // Told below, in terms of where it came from.
  }
  throw Failure(kUsage, "KUBERNETES_EXEC_INFO is no such JSON object: let kubectl set it");
}

std::string version_of(const Value& info) {
  std::string version = info.text("apiVersion").value_or(std::string(kGroup) + "v1");
  if (info.text("kind").value_or("ExecCredential") != "ExecCredential" ||
      (version != std::string(kGroup) + "v1" && version != std::string(kGroup) + "v1beta1")) {
    throw Failure(kFailed, "kubectl speaks " + plain(version) +
                               ": set apiVersion in kubeconfig to " + kGroup + "v1");
  }
  return version;
}

// With --server, a token goes to no other cluster, whatever context the user has chosen.
void check_server(const Value& info, const Options& options) {
  const auto& wanted = options.adapters.kubectl.server;
  if (!wanted) return;
  const Value* spec = info.find("spec");
  const Value* cluster = spec == nullptr ? nullptr : spec->find("cluster");
  const auto server = cluster == nullptr ? std::nullopt : cluster->text("server");
  if (!server) {
    throw Failure(kDenied, "kubectl does not say for which cluster: set provideClusterInfo: true");
  }
  const auto rule = parse_origin(*wanted), asked = parse_origin(*server);
  if (!rule) throw Failure(kUsage, "no URL of a cluster: '" + plain(*wanted) + "'");
  if (!asked || !covers(*rule, *asked) || !fit_for_tokens(*asked)) {
    throw Failure(kDenied, "this token is not for the cluster at " + plain(*server));
  }
}

}  // namespace

int kubectl_credential(const Options& options) {
  const Value info = exec_info();
  const std::string version = version_of(info);
  check_server(info, options);
  const Value token = lend(options);
  Value status;
  if (const auto end = token.integer("expires_at")) {
    status.set("expirationTimestamp", rfc3339(*end));
  }
  status.set("token", token.need_text("access_token"));
  Value told;
  told.set("apiVersion", version).set("kind", "ExecCredential").set("status", status);
  print(told.dump());
  return kOk;
}

}  // namespace reeve::cli
