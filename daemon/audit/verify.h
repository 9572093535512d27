// AuditVerifier: reads an audit's lines in order and says where they are not as they were written.
// Pure: it is given lines and a public key, and knows no file.
//
// What it can find: a record changed, dropped, moved, put in or cut, up to the last signature by
// the chain and the signatures, behind it by the chain alone (whoever makes the chain anew from a
// place on is found by the next signature). That records are missing at the end it knows only from
// points it is told of: the checkpoint beside the log, what reeved says, what somebody wrote down.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "audit/chain.h"
#include "base/json.h"

namespace reeve {

struct AuditFinding {
  std::string file;
  uint64_t line = 0;
  std::string what;
};

class AuditVerifier final {
 public:
  explicit AuditVerifier(std::string public_key);

  // A record with this number must be there, with this chain.
  void expect(const ChainPoint& point, std::string source);
  void begin_file(std::string name);
  // Without its newline. whole: there was one.
  void line(std::string_view text, bool whole);
  void finish();

  const std::vector<AuditFinding>& findings() const { return findings_; }
  // What is worth knowing but no fault: where the log begins, torn ends that a record tells of.
  const std::vector<AuditFinding>& notes() const { return notes_; }
  uint64_t records() const { return records_; }
  const ChainPoint& end() const { return end_; }
  uint64_t last_signed() const { return last_signed_; }

 private:
  struct Expected {
    std::string chain, source;
  };
  void finding(std::string what) { findings_.push_back({file_, line_, std::move(what)}); }
  void note(std::string what) { notes_.push_back({file_, line_, std::move(what)}); }
  void take(const ChainedLine& line, const Json& json);
  void close_torn(const Json& next);
  void check_place(const ChainedLine& line, const Json& json);
  void check_signature(const ChainedLine& line, const Json& json);
  void check_expected(const ChainedLine& line);

  const std::string public_key_;
  std::multimap<uint64_t, Expected> expected_;
  std::vector<AuditFinding> findings_, notes_;
  std::string file_;
  uint64_t line_ = 0;  // the present one
  uint64_t records_ = 0, last_signed_ = 0;
  ChainPoint end_;
  bool begun_ = false;
  // Lines that are no records, since the last that was one.
  std::string torn_;
  AuditFinding torn_at_;
};

}  // namespace reeve
