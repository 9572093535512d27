#include "reeved/audit_keeper.h"

#include "base/log.h"

namespace reeve {
namespace {

RecordId record_of(const Vault& vault) { return vault.id(Kind::setting, {"audit head"}); }

}  // namespace

Result<std::unique_ptr<Audit>> open_audit(Loop& loop, const Clock& clock, const Vault& vault,
                                          const std::string& path) {
  REEVE_TRY(const std::optional<Record> record, vault.get(Kind::setting, record_of(vault)));
  AuditOptions options{path, SigningKey::from_seed(vault.key("audit signing")), {}};
  if (record) {
    const auto known = read_point(record->plain.reveal());
    if (!known) return Error{Code::corrupt, "the vault's record of the audit"};
    options.known = *known;
  }
  return Audit::open(loop, clock, std::move(options));
}

AuditHeads::AuditHeads(Loop& loop, Vault& vault, Audit& audit)
    : vault_(vault), audit_(audit), tasks_(loop) {
  audit_.on_checkpoint([this](const ChainPoint& point) { remember(point); });
  remember(audit_.end());
}

AuditHeads::~AuditHeads() { audit_.on_checkpoint(nullptr); }

void AuditHeads::remember(const ChainPoint& point) {
  newest_ = to_text(point);
  if (!std::exchange(writing_, true)) tasks_.spawn(write());
}

Task<void> AuditHeads::write() {
  while (!newest_.empty()) {
    std::vector<Change> changes;
    changes.push_back(
        {Kind::setting, record_of(vault_), Secret(std::exchange(newest_, {})), std::nullopt});
    const auto committed = co_await vault_.commit(std::move(changes));
    if (!committed) log(Level::error, "the audit's checkpoint: " + committed.error().text);
  }
  writing_ = false;
}

}  // namespace reeve
