#include "audit/chain.h"

#include <charconv>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr std::string_view kChain = ",\"chain\":\"";
constexpr std::string_view kSignature = ",\"signature\":\"";
constexpr std::string_view kSequence = ",\"sequence\":";
constexpr size_t kHashText = 43;  // 32 octets of base64url
constexpr size_t kSignatureText = 86;

// The last member of a text, if it is that one, of that length, with that ending.
struct LastMember {
  std::string_view before, value;
};
std::optional<LastMember> last_member(std::string_view text, std::string_view name, size_t length,
                                      std::string_view ending) {
  const size_t whole = name.size() + length + ending.size();
  if (text.size() < whole || !text.ends_with(ending)) return std::nullopt;
  const std::string_view before = text.substr(0, text.size() - whole);
  const std::string_view member = text.substr(before.size(), name.size() + length);
  if (!member.starts_with(name)) return std::nullopt;
  return LastMember{before, member.substr(name.size())};
}

std::optional<uint64_t> number_of(std::string_view digits) {
  uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc() || stop != end || digits.empty()) return std::nullopt;
  return number;
}

// The second member, behind the time: {"time":N,"sequence":N,
std::optional<uint64_t> sequence_of(std::string_view body) {
  const size_t at = body.find(kSequence);
  if (!body.starts_with("{\"time\":") || at == std::string_view::npos || at > 40)
    return std::nullopt;
  const std::string_view rest = body.substr(at + kSequence.size());
  return number_of(rest.substr(0, rest.find(',')));
}

std::string signed_text(std::string_view said, std::string_view previous) {
  std::string text = "reeve-audit-v1";
  text += previous;
  text += said;
  return text;
}

}  // namespace

std::string to_text(const ChainPoint& point) {
  return std::to_string(point.sequence) + ":" + base64url(point.chain);
}

std::optional<ChainPoint> read_point(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto sequence = number_of(text.substr(0, colon));
  auto chain = base64url_decode(text.substr(colon + 1));
  if (!sequence || !chain || chain->size() != hash_bytes) return std::nullopt;
  return ChainPoint{*sequence, std::move(*chain)};
}

std::string next_chain(std::string_view previous, std::string_view body) {
  std::string text;
  text.reserve(previous.size() + body.size());
  text += previous;
  text += body;
  return sha256(text);
}

std::string close_line(std::string body, std::string_view chain) {
  body += kChain;
  body += base64url(chain);
  body += "\"}\n";
  return body;
}

std::optional<ChainedLine> split_line(std::string_view line) {
  const auto member = last_member(line, kChain, kHashText, "\"}");
  if (!member) return std::nullopt;
  auto chain = base64url_decode(member->value);
  const auto sequence = sequence_of(member->before);
  if (!chain || !sequence) return std::nullopt;
  return ChainedLine{member->before, std::move(*chain), *sequence};
}

std::string sign_body(std::string body, std::string_view previous, const SigningKey& key) {
  const std::string signature = key.sign(signed_text(body, previous));
  body += kSignature;
  body += base64url(signature);
  body += '"';
  return body;
}

std::optional<SignedBody> split_signature(std::string_view body) {
  const auto member = last_member(body, kSignature, kSignatureText, "\"");
  if (!member) return std::nullopt;
  auto signature = base64url_decode(member->value);
  if (!signature) return std::nullopt;
  return SignedBody{member->before, std::move(*signature)};
}

bool body_holds(const SignedBody& body, std::string_view previous, std::string_view public_key) {
  return signature_holds(public_key, signed_text(body.said, previous), body.signature);
}

std::string key_name(std::string_view public_key) { return hex(sha256(public_key).substr(0, 8)); }

}  // namespace reeve
