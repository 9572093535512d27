// Rows: what is known in memory of every row of a vault: its header, the row itself where its kind
// lies in memory, and which rows have a label.
//
// It judges nothing. Of a kind that lies in the store alone a row takes some 300 octets here,
// whatever is in it.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vault/record.h"
#include "vault/sealer.h"

namespace reeve {

struct Row {
  std::string sealed;  // empty: it lies in the store alone
  RowHeader header;
};

class Rows final {
 public:
  using Map = std::map<RowKey, Row>;

  Rows() = default;
  Rows(Rows&&) = default;
  Rows& operator=(Rows&&) = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  Map::const_iterator begin() const { return map_.begin(); }
  Map::const_iterator end() const { return map_.end(); }
  Map::const_iterator find(const RowKey& key) const { return map_.find(key); }
  Map::const_iterator lower_bound(const RowKey& key) const { return map_.lower_bound(key); }
  const Row& at(const RowKey& key) const { return map_.at(key); }
  size_t size() const { return map_.size(); }
  // Of a kind; of those, without labels; of those, with that mark.
  size_t count(Kind kind) const;
  size_t bare(Kind kind) const;
  size_t count(Kind kind, const Label& mark) const;
  // Of records, whatever kind: sealed under an older epoch than this.
  size_t older_than(uint32_t epoch) const;

  // In the place of what was there. Cheapest in the order of keys.
  void put(const RowKey& key, Row row);
  void erase(const RowKey& key);
  // The row's octets, for one that is there.
  void fill(const RowKey& key, std::string sealed) { map_.at(key).sealed = std::move(sealed); }

  // The records of that kind with that label, in no order that means anything; none for a mark.
  std::vector<RecordId> labelled(Kind kind, const Label& label) const;
  void expect(size_t labels) { by_label_.reserve(labels); }

 private:
  struct Hash {
    size_t operator()(const Label& label) const {
      size_t part = 0;
      std::memcpy(&part, label.octets.data() + 1, sizeof part);
      return part;  // a keyed hash already
    }
  };
  void note(const RowKey& key, const RowHeader& header);
  void forget(const RowKey& key, const RowHeader& header);

  Map map_;
  std::map<Kind, size_t> counts_, bare_;
  std::map<uint32_t, size_t> of_epoch_;
  std::map<std::pair<Kind, Label>, size_t> marked_;
  std::unordered_multimap<Label, const RowKey*, Hash> by_label_;  // keys of map_, which stay
};

}  // namespace reeve
