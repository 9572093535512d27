#include "reeved/attestor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "peer/attest.h"
#include "varlink/client.h"

namespace reeve {
namespace {

// Longer than its own deadlines for an engine.
constexpr int64_t kMilliseconds = 5'000;
constexpr int64_t kSilentMilliseconds = 5'000;
constexpr const char* kWayOut = ": systemctl enable --now reeve-attest.socket";
constexpr size_t kTextBytes = 4096;
constexpr size_t kItems = 256;
constexpr size_t kContainers = 4096;

bool plain(std::string_view text) {
  return !text.empty() && text.size() <= kTextBytes && valid_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<std::string> text_of(const Json& answer, std::string_view name) {
  const std::string& text = answer.text(name);
  return plain(text) ? std::optional(text) : std::nullopt;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void read_container(const Json& answer, Attestation& attested) {
  attested.container_name = text_of(answer, "name");
  attested.image = text_of(answer, "image");
  for (std::string& digest : answer.strings("image_digests").value_or(std::vector<std::string>())) {
    const bool sound = digest.starts_with("sha256:") && is_sha256(digest.substr(7));
    if (sound && attested.image_digests.size() < kItems)
      attested.image_digests.push_back(std::move(digest));
  }
  const Json* labels = answer.find("labels");
  if (labels == nullptr || labels->object() == nullptr) return;
  for (const auto& [name, value] : *labels->object()) {
    if (value.string() != nullptr && plain(name) && plain(*value.string()) &&
        attested.labels.size() < kItems) {
      attested.labels[name] = *value.string();
    }
  }
}

}  // namespace

std::string attest_parameters(const Peer& peer, const AttestationWanted& wanted) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("wanted").begin_array();
  if (wanted.executable) json.string("executable");
  if (wanted.namespaces) json.string("namespaces");
  if (wanted.container && peer.container) json.string("container");
  json.end_array();
  if (wanted.container && peer.container) {
    const size_t colon = peer.container->find(':');
    json.key("container")
        .begin_object()
        .member("engine", peer.container->substr(0, colon))
        .member("id", peer.container->substr(colon + 1))
        .member("instance", peer.container_scope)
        .end_object();
  }
  json.end_object();
  return text;
}

Attestation read_attestation(const Json& answer, const AttestationWanted& wanted) {
  Attestation attested;
  if (wanted.executable) {
    attested.executable = text_of(answer, "executable");
    if (is_sha256(answer.text("sha256"))) attested.sha256 = answer.text("sha256");
  }
  const std::string& mount = answer.text("mount_namespace");
  if (wanted.namespaces && (mount == "initial" || mount == "other"))
    attested.initial_mount_namespace = mount == "initial";
  if (wanted.container) read_container(answer, attested);
  return attested;
}

void Attestor::failed(std::string text) {
  silent_until_ = clock_.boot_milliseconds() + kSilentMilliseconds;
  if (trouble_ != text) log(Level::warning, "reeve-attest: " + text);
  trouble_ = std::move(text);
}

Task<Result<Json>> Attestor::call(std::string parameters, int pidfd) {
  auto connected = co_await varlink::Client::connect(loop_, place_.socket, kMilliseconds);
  if (!connected) co_return Error{connected.error().code, connected.error().text + kWayOut};
  const auto client = std::move(*connected);
  const auto uid = client->server_uid();
  if (uid != 0 && !(place_.same_user && uid == ::getuid()))
    co_return Error{Code::denied, place_.socket + ": it is not root who listens there"};
  CO_TRY(varlink::ClientReply reply,
         co_await client->call_with("io.reeve.Attest.Evidence", std::move(parameters), pidfd,
                                    kMilliseconds));
  if (reply.error == "io.reeve.Attest.PeerGone") co_return Error{Code::not_found, "the peer"};
  if (!reply.error.empty()) co_return Error{Code::corrupt, "it answered " + printable(reply.error)};
  co_return std::move(reply.parameters);
}

std::string Attestor::trouble() const {
  struct stat seen = {};
  if (::stat(place_.socket.c_str(), &seen) != 0 && errno == ENOENT)
    return place_.socket + " is not there" + kWayOut;
  return trouble_;
}

Task<std::string> Attestor::examine() {
  auto self = attest_pid(::getpid());
  if (!self) co_return std::move(self).error().text;
  AttestationWanted wanted;
  wanted.executable = true;
  silent_until_ = 0;  // the operator may just have mended it
  const Attestation told = co_await ask(self->peer, self->pidfd.get(), wanted);
  const std::string wrong = trouble();
  co_return wrong.empty() && !told.sha256 ? "it tells nothing of reeved itself" : wrong;
}

const Attestation* Attestor::kept(const Peer& peer, const AttestationWanted& wanted) const {
  if (wanted.executable || wanted.namespaces || !peer.container) return nullptr;
  const auto found = kept_.find(peer.container_scope);
  return found == kept_.end() ? nullptr : &found->second;
}

void Attestor::keep(const Peer& peer, const AttestationWanted& wanted,
                    const Attestation& attested) {
  if (!wanted.container || peer.container_scope.empty() || !attested.image) return;
  if (kept_.size() >= kContainers) kept_.clear();
  Attestation facts = attested;
  facts.executable = facts.sha256 = std::nullopt;
  facts.initial_mount_namespace = std::nullopt;
  kept_[peer.container_scope] = std::move(facts);
}

Task<Attestation> Attestor::ask(Peer peer, int pidfd, AttestationWanted wanted) {
  if (!place_.enabled || !wanted.any()) co_return Attestation{};
  if (const Attestation* known = kept(peer, wanted)) co_return *known;
  if (clock_.boot_milliseconds() < silent_until_) co_return Attestation{};
  std::string parameters = attest_parameters(peer, wanted);
  const auto answer = co_await call(std::move(parameters), pidfd);
  if (!answer) {
    if (answer.error().code != Code::not_found) failed(answer.error().text);
    co_return Attestation{};
  }
  const auto problems = answer->strings("problems").value_or(std::vector<std::string>());
  trouble_ = problems.empty() ? "" : printable(problems.front());
  Attestation attested = read_attestation(*answer, wanted);
  if (problems.empty()) keep(peer, wanted, attested);
  co_return attested;
}

}  // namespace reeve
