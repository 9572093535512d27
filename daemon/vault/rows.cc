#include "vault/rows.h"

#include <utility>

namespace reeve {

void Rows::put(const RowKey& key, Row row) {
  const bool last = map_.empty() || map_.rbegin()->first < key;
  auto found = last ? map_.end() : map_.lower_bound(key);
  if (found == map_.end() || found->first != key) {
    found = map_.emplace_hint(found, key, std::move(row));
    ++counts_[key.kind];
    note(found->first, found->second.header);
    return;
  }
  const RowHeader& known = found->second.header;
  if (known.labels != row.header.labels || known.epoch != row.header.epoch) {
    forget(found->first, known);
    note(found->first, row.header);
  }
  found->second = std::move(row);
}

void Rows::erase(const RowKey& key) {
  const auto found = map_.find(key);
  if (found == map_.end()) return;
  forget(found->first, found->second.header);
  --counts_[key.kind];
  map_.erase(found);
}

size_t Rows::count(Kind kind) const {
  const auto found = counts_.find(kind);
  return found == counts_.end() ? 0 : found->second;
}

size_t Rows::bare(Kind kind) const {
  const auto found = bare_.find(kind);
  return found == bare_.end() ? 0 : found->second;
}

size_t Rows::count(Kind kind, const Label& mark) const {
  const auto found = marked_.find({kind, mark});
  return found == marked_.end() ? 0 : found->second;
}

size_t Rows::older_than(uint32_t epoch) const {
  size_t count = 0;
  for (auto one = of_epoch_.upper_bound(root_epoch); one != of_epoch_.lower_bound(epoch); ++one)
    count += one->second;
  return count;
}

std::vector<RecordId> Rows::labelled(Kind kind, const Label& label) const {
  std::vector<RecordId> ids;
  const auto [first, last] = by_label_.equal_range(label);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second->kind == kind) ids.push_back(entry->second->id);
  }
  return ids;
}

void Rows::note(const RowKey& key, const RowHeader& header) {
  ++of_epoch_[header.epoch];
  if (header.labels.empty()) ++bare_[key.kind];
  for (const Label& label : header.labels) {
    if (label.is_mark()) ++marked_[{key.kind, label}];
    else by_label_.emplace(label, &key);
  }
}

void Rows::forget(const RowKey& key, const RowHeader& header) {
  --of_epoch_[header.epoch];
  if (header.labels.empty()) --bare_[key.kind];
  for (const Label& label : header.labels) {
    if (label.is_mark()) {
      --marked_[{key.kind, label}];
      continue;
    }
    const auto [first, last] = by_label_.equal_range(label);
    for (auto entry = first; entry != last; ++entry) {
      if (entry->second != &key) continue;
      by_label_.erase(entry);
      break;
    }
  }
}

}  // namespace reeve
