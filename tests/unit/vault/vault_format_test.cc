// The format on disk, against a vault that another implementation made after docs/vault.md.
#include <gtest/gtest.h>

#include <numeric>

#include "base/encoding.h"
#include "vault/contents.h"
#include "vault/store_memory.h"
#include "vault_v1.h"
#include "vault_v2.h"

namespace reeve {
namespace {

Key counting_key(char first) {
  std::string octets(32, '\0');
  std::iota(octets.begin(), octets.end(), first);
  return *Key::from_bytes(octets);
}

class VaultFormat : public testing::Test {
 protected:
  VaultFormat() {
    for (const test::HexRow& one : test::vault_v1) {
      const RowKey key{static_cast<Kind>(one.kind), *RecordId::from(*hex_decode(one.id))};
      EXPECT_TRUE(store_.apply({{key, *hex_decode(one.row)}}));
    }
  }
  MemoryStore store_;
};

TEST_F(VaultFormat, opens_a_vault_of_format_1_with_either_of_its_keys) {
  for (const char first : {'\0', '\x20'}) {
    const Result<Contents> contents = load(store_, counting_key(first));
    ASSERT_TRUE(contents) << contents.error().text;
    EXPECT_EQ(contents->header.slots.size(), 2u);
    EXPECT_EQ(contents->head.counter, 5u);
    EXPECT_EQ(contents->head.epoch, 1u);

    const RowKey grant{Kind::grant, contents->sealer.id(Kind::grant, {"alice", "github"})};
    const Row& row = contents->rows.at(grant);
    EXPECT_EQ(row.header.generation, 2u);
    EXPECT_EQ(contents->sealer.open_row(grant, row.sealed)->reveal(),
              "a refresh token, longer than one block of sixty-four octets is");
    const RowKey session{Kind::session, contents->sealer.id(Kind::session, {"handle"})};
    EXPECT_EQ(contents->rows.at(session).header.generation, 5u);
  }
}

TEST_F(VaultFormat, writes_a_header_as_it_was_read) {
  const Result<Contents> contents = load(store_, counting_key('\0'));
  ASSERT_TRUE(contents);
  EXPECT_EQ(encode_header(contents->header, contents->sealer), **store_.get(header_key));
}

TEST_F(VaultFormat, opens_rows_of_schema_2_and_finds_them_by_their_labels) {
  MemoryStore store;
  for (const test::HexRow& one : test::vault_v2) {
    const RowKey key{static_cast<Kind>(one.kind), *RecordId::from(*hex_decode(one.id))};
    EXPECT_TRUE(store.apply({{key, *hex_decode(one.row)}}));
  }
  for (const Keep keep : {Keep::everything, Keep::what_lies_in_memory}) {
    const Result<Contents> contents = load(store, counting_key('\0'), keep);
    ASSERT_TRUE(contents) << contents.error().text;
    const Sealer& sealer = contents->sealer;
    const RowKey grant{Kind::grant, sealer.id(Kind::grant, {"alice", "github"})};
    EXPECT_EQ(contents->rows.labelled(Kind::grant, sealer.label({"grant", "0123"})),
              std::vector<RecordId>{grant.id});
    const Label user = sealer.label({"grants of user", "https://login.example", "alice"});
    EXPECT_EQ(contents->rows.labelled(Kind::grant, user), std::vector<RecordId>{grant.id});
    EXPECT_EQ(contents->rows.count(Kind::grant, sealer.mark("dead grant")), 1u);
    EXPECT_EQ(contents->rows.labelled(Kind::access_token, sealer.label({"token of grant", "0123"}))
                  .size(),
              1u);
    EXPECT_EQ(contents->rows.at(grant).sealed.empty(), keep != Keep::everything);
    const std::string row = **store.get(grant);
    EXPECT_EQ(sealer.open_row(grant, row)->reveal(),
              "a refresh token, longer than one block of sixty-four octets is");
    // Only the nonce is drawn anew.
    const std::string again = sealer.seal_row(grant, contents->rows.at(grant).header, "plain");
    const size_t head = 1 + 4 + 8 + 1 + 3 * 16;
    EXPECT_EQ(again.substr(0, head), row.substr(0, head));
  }
}

}  // namespace
}  // namespace reeve
