// The contract of every Store, over each of them.
#include "vault/store.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/temp_dir.h"
#include "vault/store_memory.h"
#include "vault/store_sqlite.h"

namespace reeve {
namespace {

RowKey key_of(Kind kind, char fill) { return {kind, *RecordId::from(std::string(32, fill))}; }

class StoreContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string_view(GetParam()) == "memory") {
      store_ = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = open_sqlite_store(directory_ / "vault.db", OpenMode::create_if_empty);
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = *std::move(opened);
  }

  void put(const RowKey& key, const std::string& row) { ASSERT_TRUE(store_->apply({{key, row}})); }
  std::optional<std::string> get(const RowKey& key) {
    auto found = store_->get(key);
    EXPECT_TRUE(found);
    return found ? *std::move(found) : std::nullopt;
  }
  std::vector<std::pair<RowKey, std::string>> list(std::optional<Kind> kind) {
    std::vector<std::pair<RowKey, std::string>> rows;
    EXPECT_TRUE(store_->list(kind, [&](const RowKey& key, std::string_view row) {
      rows.emplace_back(key, row);
      return Result<void>();
    }));
    return rows;
  }

  test::TempDir directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, is_empty_at_first) {
  EXPECT_EQ(get(key_of(Kind::grant, 'a')), std::nullopt);
  EXPECT_TRUE(list(std::nullopt).empty());
}

TEST_P(StoreContract, gives_back_any_octets) {
  const std::string all("\0\xff'\";--\n\x80", 9);
  put(key_of(Kind::grant, 'a'), all);
  put(key_of(Kind::grant, '\0'), "");
  put(key_of(Kind::grant, '\xff'), std::string(300000, 'x'));
  EXPECT_EQ(get(key_of(Kind::grant, 'a')), all);
  EXPECT_EQ(get(key_of(Kind::grant, '\0')), "");
  EXPECT_EQ(get(key_of(Kind::grant, '\xff')), std::string(300000, 'x'));
}

TEST_P(StoreContract, puts_over_what_was_there) {
  put(key_of(Kind::grant, 'a'), "old");
  put(key_of(Kind::grant, 'a'), "new");
  EXPECT_EQ(get(key_of(Kind::grant, 'a')), "new");
  EXPECT_EQ(list(std::nullopt).size(), 1u);
}

TEST_P(StoreContract, keeps_one_id_of_two_kinds_apart) {
  put(key_of(Kind::grant, 'a'), "grant");
  put(key_of(Kind::session, 'a'), "session");
  EXPECT_EQ(get(key_of(Kind::grant, 'a')), "grant");
  EXPECT_EQ(get(key_of(Kind::session, 'a')), "session");
  EXPECT_EQ(get(key_of(Kind::consent, 'a')), std::nullopt);
}

TEST_P(StoreContract, erases_also_what_is_not_there) {
  put(key_of(Kind::grant, 'a'), "row");
  EXPECT_TRUE(store_->apply(
      {{key_of(Kind::grant, 'a'), std::nullopt}, {key_of(Kind::grant, 'b'), std::nullopt}}));
  EXPECT_EQ(get(key_of(Kind::grant, 'a')), std::nullopt);
}

TEST_P(StoreContract, applies_changes_in_their_order) {
  const RowKey key = key_of(Kind::grant, 'a');
  EXPECT_TRUE(store_->apply({{key, "one"}, {key, std::nullopt}, {key, "two"}}));
  EXPECT_EQ(get(key), "two");
  EXPECT_TRUE(store_->apply({{key, "three"}, {key, std::nullopt}}));
  EXPECT_EQ(get(key), std::nullopt);
}

TEST_P(StoreContract, applies_nothing) { EXPECT_TRUE(store_->apply({})); }

TEST_P(StoreContract, lists_all_or_one_kind_in_the_order_of_keys) {
  put(key_of(Kind::session, 'a'), "3");
  put(key_of(Kind::grant, 'b'), "2");
  put(key_of(Kind::grant, 'a'), "1");
  put(key_of(static_cast<Kind>(200), 'a'), "4");
  const auto all = list(std::nullopt);
  ASSERT_EQ(all.size(), 4u);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].second, std::to_string(i + 1));
  const auto grants = list(Kind::grant);
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_EQ(grants[0].first, key_of(Kind::grant, 'a'));
  EXPECT_EQ(grants[1].second, "2");
  EXPECT_EQ(list(static_cast<Kind>(200)).size(), 1u);
  EXPECT_TRUE(list(Kind::intent).empty());
}

TEST_P(StoreContract, lists_the_heads_of_all_rows_in_the_order_of_keys) {
  put(key_of(Kind::session, 'a'), "short");
  put(key_of(Kind::grant, 'b'), std::string(5000, 'x'));
  put(key_of(Kind::grant, 'a'), std::string(head_octets, 'y'));
  put(key_of(Kind::grant, 'a'), std::string(head_octets, 'z'));
  std::vector<std::pair<RowKey, std::string>> heads;
  ASSERT_TRUE(store_->heads([&](const RowKey& key, std::string_view head) {
    heads.emplace_back(key, head);
    return Result<void>();
  }));
  ASSERT_EQ(heads.size(), 3u);
  EXPECT_EQ(heads[0], std::pair(key_of(Kind::grant, 'a'), std::string(head_octets, 'z')));
  EXPECT_EQ(heads[1], std::pair(key_of(Kind::grant, 'b'), std::string(head_octets, 'x')));
  EXPECT_EQ(heads[2], std::pair(key_of(Kind::session, 'a'), std::string("short")));
}

TEST_P(StoreContract, a_visitors_error_ends_the_list_and_is_handed_on) {
  put(key_of(Kind::grant, 'a'), "1");
  put(key_of(Kind::grant, 'b'), "2");
  for (const std::optional<Kind> kind : {std::optional<Kind>(), std::optional(Kind::grant)}) {
    int seen = 0;
    const Result<void> listed = store_->list(kind, [&](const RowKey&, std::string_view) {
      ++seen;
      return Result<void>(Error{Code::limit, "enough"});
    });
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().text, "enough");
    EXPECT_EQ(seen, 1);
    // And it can be asked again.
    EXPECT_EQ(list(kind).size(), 2u);
    EXPECT_TRUE(store_->apply({{key_of(Kind::grant, 'c'), "3"}, {key_of(Kind::grant, 'c'), {}}}));
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values("memory", "sqlite"),
                         [](const auto& given) { return std::string(given.param); });

}  // namespace
}  // namespace reeve
