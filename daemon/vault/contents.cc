#include "vault/contents.h"

#include <utility>

#include "crypto/random.h"

namespace reeve {
namespace {

Error corrupt(std::string text) { return {Code::corrupt, std::move(text)}; }

// Without a header: nothing at all, or what is left of a vault.
Error no_header(Store& store) {
  size_t count = 0;
  const Result<void> listed = store.list(std::nullopt, [&](const RowKey&, std::string_view) {
    ++count;
    return Result<void>();
  });
  if (!listed) return listed.error();
  if (count == 0)
    return {Code::not_found,
            "the store holds no vault: was its log, \"-wal\", lost? bring back a backup"};
  return corrupt("the vault's header is gone, but " + std::to_string(count) +
                 " rows are there: bring back a backup");
}

bool in_memory(Kind kind, Keep keep) {
  return kind != Kind::header && (keep == Keep::everything || !lies_in_store(kind));
}

// What is there, by its heads.
Result<Rows> read_heads(Store& store, const Header& header, std::string_view header_row) {
  Rows rows;
  REEVE_CHECK(store.heads([&](const RowKey& key, std::string_view row) -> Result<void> {
    if (key == head_key) return {};
    if (key == header_key) {
      rows.put(key, {std::string(header_row), {root_epoch, header.generation}});
      return {};
    }
    if (!kind_known(static_cast<uint8_t>(key.kind)) || key.kind == Kind::header ||
        key.kind == Kind::head) {
      return corrupt("a row of kind " + std::to_string(static_cast<int>(key.kind)) +
                     " has no place here: was a newer reeve here?");
    }
    REEVE_TRY(RowHeader row_header, Sealer::read_header(key, row));
    rows.put(key, {"", std::move(row_header)});
    return {};
  }));
  return rows;
}

Result<void> read_whole(Store& store, Kind kind, Rows& rows) {
  return store.list(kind, [&](const RowKey& key, std::string_view row) -> Result<void> {
    REEVE_TRY(const RowHeader header, Sealer::read_header(key, row));
    const auto known = rows.find(key);
    if (known == rows.end() || known->second.header != header)
      return corrupt(row_name(key) + ": is not as the store's own list of rows says");
    rows.fill(key, std::string(row));
    return {};
  });
}

Result<Rows> read_rows(Store& store, const Header& header, std::string_view header_row, Keep keep) {
  REEVE_TRY(Rows rows, read_heads(store, header, header_row));
  for (auto number = static_cast<uint8_t>(Kind::epoch_key); kind_known(number); ++number) {
    const Kind kind{number};
    if (in_memory(kind, keep)) REEVE_CHECK(read_whole(store, kind, rows));
  }
  for (const auto& [key, row] : rows) {
    if (in_memory(key.kind, keep) && row.sealed.empty())
      return corrupt(row_name(key) + ": is in the store's list of rows, and is not there");
  }
  return rows;
}

Result<void> adopt_epochs(const Rows& rows, Sealer& sealer) {
  for (const auto& [key, row] : rows) {
    if (key.kind != Kind::epoch_key) continue;
    REEVE_TRY(const Secret plain, sealer.open_row(key, row.sealed));
    REEVE_CHECK(sealer.adopt_epoch(key.id, plain.reveal()));
  }
  return {};
}

// Epoch keys were opened before; the header by its MAC.
Result<void> open_all(const Rows& rows, const Sealer& sealer) {
  for (const auto& [key, row] : rows) {
    if (key.kind == Kind::header || key.kind == Kind::epoch_key) continue;
    // What the vault keeps for itself and what it keeps for others never stand in for each other.
    if (row.header.epoch == root_epoch) return corrupt(row_name(key) + ": of no epoch");
    if (row.sealed.empty()) continue;
    REEVE_TRY(const Secret plain, sealer.open_row(key, row.sealed));
  }
  return {};
}

Result<void> compare(const Rows& rows, const Head& head, const Sealer& sealer) {
  Head found = head;
  found.rows = rows.size();
  found.sum = {};
  for (const auto& [key, row] : rows) {
    found.toggle(sealer.set_item(key, row.header));
  }
  if (found.rows != head.rows) {
    return corrupt("the vault's head knows " + std::to_string(head.rows) + " rows, " +
                   std::to_string(found.rows) + " are there: some were removed or added");
  }
  if (found.sum != head.sum) {
    return corrupt(
        "the vault's rows are not those its head was written for: some, or the head itself, were "
        "put back from an older copy");
  }
  if (!sealer.knows_epoch(head.epoch) || head.epoch == root_epoch) {
    return corrupt("the vault's present epoch has no key");
  }
  return {};
}

}  // namespace

Result<Contents> load(Store& store, const Key& master, Keep keep) {
  REEVE_TRY(const std::optional<std::string> header_row, store.get(header_key));
  if (!header_row) return no_header(store);
  REEVE_TRY(OpenedHeader opened, open_header(*header_row, master));
  REEVE_TRY(std::optional<std::string> head_row, store.get(head_key));
  if (!head_row) return corrupt("the vault's head is gone: bring back a backup");
  REEVE_TRY(const Head head, open_head(*head_row, opened.sealer));
  REEVE_TRY(Rows rows, read_rows(store, opened.header, *header_row, keep));
  REEVE_CHECK(adopt_epochs(rows, opened.sealer));
  REEVE_CHECK(open_all(rows, opened.sealer));
  REEVE_CHECK(compare(rows, head, opened.sealer));
  return Contents{std::move(opened.header), std::move(opened.sealer), head,
                  std::move(*head_row),     std::move(rows),          keep};
}

Result<void> check_read_row(const Row& known, const RowKey& key,
                            const std::optional<std::string>& row) {
  if (!row) return corrupt(row_name(key) + ": is not in the store any more");
  REEVE_TRY(const RowHeader header, Sealer::read_header(key, *row));
  if (header == known.header) return {};
  return corrupt(row_name(key) +
                 ": is not the row that was written last: changed, or put back from an older copy");
}

Result<void> create(Store& store, const Key& master) {
  constexpr uint32_t first_epoch = 1;
  constexpr uint64_t first_commit = 1;
  const Sealer sealer(Key::random(), random_bytes(vault_id_bytes));
  Header header{sealer.vault_id(), first_commit, {}};
  header.slots.push_back(make_slot(SlotKind::service, header.vault_id, master, sealer.root()));

  const RowKey epoch_key{Kind::epoch_key, sealer.epoch_id(first_epoch)};
  const RowHeader own{root_epoch, first_commit};
  const Secret epoch = Sealer::epoch_record(first_epoch, Key::random());
  Head head{first_commit, 2, first_epoch, {}};
  head.toggle(sealer.set_item(header_key, own));
  head.toggle(sealer.set_item(epoch_key, own));
  std::vector<StoreChange> changes;
  changes.push_back({header_key, encode_header(header, sealer)});
  changes.push_back({epoch_key, sealer.seal_row(epoch_key, own, epoch.reveal())});
  changes.push_back({head_key, seal_head(head, sealer)});
  return store.apply(changes);
}

}  // namespace reeve
