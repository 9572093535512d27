#include "audit/verify.h"

#include <utility>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr JsonLimits kRecordLimits{.bytes = size_t{4} * 1024 * 1024};

bool is_checkpoint(std::string_view event) { return event.starts_with("audit."); }

std::string number(uint64_t value) { return std::to_string(value); }

std::string span(uint64_t first, uint64_t last) {
  return first == last ? "record " + number(first)
                       : "records " + number(first) + " to " + number(last);
}

}  // namespace

AuditVerifier::AuditVerifier(std::string public_key) : public_key_(std::move(public_key)) {}

void AuditVerifier::expect(const ChainPoint& point, std::string source) {
  if (point.sequence > 0)
    expected_.emplace(point.sequence, Expected{point.chain, std::move(source)});
}

void AuditVerifier::begin_file(std::string name) {
  file_ = std::move(name);
  line_ = 0;
}

void AuditVerifier::line(std::string_view text, bool whole) {
  ++line_;
  const auto chained = whole ? split_line(text) : std::nullopt;
  const auto json = chained ? parse_json(std::string(chained->body) + "}", kRecordLimits)
                            : Result<Json>(Error{Code::invalid, ""});
  if (chained && json) {
    take(*chained, *json);
    return;
  }
  if (torn_.empty()) torn_at_ = {file_, line_, ""};
  torn_ += text;
  if (whole) torn_ += '\n';
}

void AuditVerifier::take(const ChainedLine& line, const Json& json) {
  ++records_;
  if (!torn_.empty()) close_torn(json);
  check_place(line, json);
  check_signature(line, json);
  check_expected(line);
  end_ = {line.sequence, line.chain};
  begun_ = true;
}

// What is no record is in order only where the next one, signed, tells of just these octets.
void AuditVerifier::close_torn(const Json& next) {
  std::string torn = std::exchange(torn_, {});
  const auto octets = next.integer("torn_octets");
  // The newline was added when it was found.
  if (octets && *octets + 1 == static_cast<int64_t>(torn.size())) torn.pop_back();
  if (octets == static_cast<int64_t>(torn.size()) &&
      next.text("torn_sha256") == hex(sha256(torn))) {
    notes_.push_back(
        {torn_at_.file, torn_at_.line, "a record torn by a crash, of which the next record tells"});
    return;
  }
  findings_.push_back({torn_at_.file, torn_at_.line, "is no audit record: changed, cut or put in"});
}

void AuditVerifier::check_place(const ChainedLine& line, const Json& json) {
  if (!begun_ && line.sequence != 1) {
    // An older part was taken away: in order if a signature begins this one.
    if (json.text("event") == "audit.continued" || json.text("event") == "audit.started") {
      note("the log begins with record " + number(line.sequence) + "; what was before is not here");
      if (auto previous = base64url_decode(json.text("previous"))) {
        end_ = {line.sequence - 1, std::move(*previous)};
      }
    } else {
      finding(span(1, line.sequence - 1) + " before this one are missing");
      return;
    }
  }
  if (line.sequence > end_.sequence + 1) {
    finding(span(end_.sequence + 1, line.sequence - 1) + " before this one are missing");
    if (!json.text("cut_before").empty()) note("reeved found at its start that the log was cut");
  } else if (line.sequence <= end_.sequence) {
    finding("record " + number(line.sequence) + " stands behind record " + number(end_.sequence) +
            ": moved or put in");
  } else if (next_chain(end_.chain, line.body) != line.chain) {
    finding("record " + number(line.sequence) +
            " does not follow from the one before: one of the two was changed");
  }
}

void AuditVerifier::check_signature(const ChainedLine& line, const Json& json) {
  const auto said = split_signature(line.body);
  if (!said) {
    if (is_checkpoint(json.text("event"))) finding("a checkpoint without its signature");
    return;
  }
  const auto previous = base64url_decode(json.text("previous"));
  if (json.text("key") != key_name(public_key_)) {
    finding("signed with another key (" + printable(json.text("key"), 16) + ")");
  } else if (!previous || !body_holds(*said, *previous, public_key_)) {
    finding("the signature does not hold: record " + number(line.sequence) + " was changed");
  } else if (line.sequence == end_.sequence + 1 && *previous != end_.chain) {
    finding("the signature is of another chain: something after record " + number(last_signed_) +
            ", the last that is signed, was changed and the chain made anew");
  } else {
    last_signed_ = line.sequence;
  }
}

void AuditVerifier::check_expected(const ChainedLine& line) {
  const auto [first, last] = expected_.equal_range(line.sequence);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second.chain != line.chain)
      finding("record " + number(line.sequence) + " is not the one that " + entry->second.source +
              " knows");
  }
  expected_.erase(first, last);
}

void AuditVerifier::finish() {
  if (!torn_.empty()) {
    findings_.push_back({torn_at_.file, torn_at_.line,
                         "the log ends in the middle of a record: cut, or torn by a crash since "
                         "which reeved has not been started"});
  }
  for (const auto& [sequence, point] : expected_) {
    if (sequence > end_.sequence) {
      finding(span(end_.sequence + 1, sequence) + " at the end are missing: " + point.source +
              " knows record " + number(sequence));
    } else {
      note("record " + number(sequence) + ", which " + point.source +
           " knows, is not in these files");
    }
  }
  expected_.clear();
}

}  // namespace reeve
