#include "attest/engine_answer.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace reeve {
namespace {

constexpr size_t kLabels = 128;
constexpr size_t kKeyBytes = 128;
constexpr size_t kValueBytes = 512;
constexpr size_t kDigests = 16;

bool plain(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most && valid_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<std::string> plain_text(const std::string& text) {
  return plain(text, kValueBytes) ? std::optional(text) : std::nullopt;
}

bool hexadecimal(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "sha256:HEX", or the bare HEX that Podman's older answers have.
std::optional<std::string> digest(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  if (!hexadecimal(text)) return std::nullopt;
  return "sha256:" + std::string(text);
}

Result<Json> parse(std::string_view answer) {
  JsonLimits limits;
  limits.bytes = engine_answer_bytes;
  limits.depth = 24;
  limits.members = 512;
  auto json = parse_json(answer, limits);
  if (json && json->object() == nullptr) return Error{Code::corrupt, "no object"};
  return json;
}

std::map<std::string, std::string> labels_of(const Json& container) {
  std::map<std::string, std::string> labels;
  const Json* config = container.find("Config");
  const Json* all = config == nullptr ? nullptr : config->find("Labels");
  if (all == nullptr || all->object() == nullptr) return labels;
  for (const auto& [name, value] : *all->object()) {
    const bool fits = value.string() != nullptr && plain(name, kKeyBytes) &&
                      plain(*value.string(), kValueBytes) && labels.size() < kLabels;
    if (fits) labels[name] = *value.string();
  }
  return labels;
}

}  // namespace

Result<ContainerFacts> read_container(std::string_view answer, std::string_view id) {
  REEVE_TRY(const Json json, parse(answer));
  const Json* state = json.find("State");
  if (json.text("Id") != id) return Error{Code::corrupt, "the answer is about another container"};
  if (state == nullptr || state->boolean("Running") != true)
    return Error{Code::unavailable, "the container does not run"};
  ContainerFacts facts;
  std::string name = json.text("Name");
  if (name.starts_with('/')) name.erase(0, 1);
  facts.name = plain_text(name);
  if (const Json* config = json.find("Config")) facts.image = plain_text(config->text("Image"));
  if (auto image_id = digest(json.text("Image"))) facts.digests.push_back(std::move(*image_id));
  facts.labels = labels_of(json);
  return facts;
}

Result<std::vector<std::string>> read_image_digests(std::string_view answer) {
  REEVE_TRY(const Json json, parse(answer));
  std::vector<std::string> digests;
  const Json* all = json.find("RepoDigests");
  if (all == nullptr || all->array() == nullptr) return digests;
  for (const Json& one : *all->array()) {
    if (one.string() == nullptr || digests.size() >= kDigests) continue;
    const size_t at = one.string()->rfind('@');
    auto found = at == std::string::npos ? std::nullopt : digest(one.string()->substr(at + 1));
    if (found && std::find(digests.begin(), digests.end(), *found) == digests.end())
      digests.push_back(std::move(*found));
  }
  return digests;
}

}  // namespace reeve
