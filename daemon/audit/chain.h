// chain: how audit records hang together (docs/audit.md). Pure.
//
// A record is one line of JSON whose last member is "chain": SHA-256 over the chain before it and
// over the line up to that member. So a record changed, dropped or moved breaks the chain at that
// place, unless everything behind it is made anew, which the next signature shows: some records
// carry one (checkpoints), over the chain before them and all they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/sign.h"

namespace reeve {

// Where a chain has come to: the last record's number, and its chain.
struct ChainPoint {
  uint64_t sequence = 0;
  std::string chain = std::string(32, '\0');  // octets; of an empty log 32 zeros
  bool operator==(const ChainPoint&) const = default;
};

// A point in text, "NUMBER:CHAIN", as people keep and hand it on.
std::string to_text(const ChainPoint& point);
std::optional<ChainPoint> read_point(std::string_view text);

// `body`: a JSON object without its closing brace.
std::string next_chain(std::string_view previous, std::string_view body);
// The whole line, with its newline.
std::string close_line(std::string body, std::string_view chain);

// What a line says of itself; its JSON is not judged.
struct ChainedLine {
  std::string_view body;
  std::string chain;  // octets
  uint64_t sequence = 0;
};
// The line without its newline. nullopt: no record of this form.
std::optional<ChainedLine> split_line(std::string_view line);

// Adds the signature to a body, which must name `previous` itself; and takes it off again.
std::string sign_body(std::string body, std::string_view previous, const SigningKey& key);
struct SignedBody {
  std::string_view said;  // what is signed, beside the chain before it
  std::string signature;
};
std::optional<SignedBody> split_signature(std::string_view body);
bool body_holds(const SignedBody& body, std::string_view previous, std::string_view public_key);

// The start of a public key's hash, by which a record names the key it is signed with.
std::string key_name(std::string_view public_key);

}  // namespace reeve
