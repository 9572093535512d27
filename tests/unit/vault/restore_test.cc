#include "vault/restore.h"

#include "vault_fixture.h"

namespace reeve {
namespace {

class Restore : public test::VaultFixture {
 protected:
  using State = std::shared_ptr<test::StoreState>;

  // Grants here: what is kept over a restore. They lie in the store alone.
  RecordId id_of(const std::string& name) { return vault_->id(Kind::grant, {name}); }
  std::vector<Change> changes(const std::string& name, std::optional<std::string> plain) {
    std::vector<Change> all;
    all.push_back({Kind::grant, id_of(name), std::nullopt, std::nullopt, {}});
    if (!plain) return all;
    all.back().plain = Secret(std::move(*plain));
    all.back().labels = {vault_->label({name})};
    return all;
  }
  void put(const std::string& name, const std::string& plain) {
    const Result<void> done = commit(changes(name, plain));
    ASSERT_TRUE(done) << done.error().text;
  }
  std::string get(const std::string& name) {
    std::vector<RecordId> ids = {id_of(name)};
    const auto records = test::run(loop_, vault_->read(Kind::grant, std::move(ids)));
    if (!records) return "error: " + records.error().text;
    if (!(*records)[0]) return "absent";
    EXPECT_EQ(vault_->labelled(Kind::grant, vault_->label({name})).size(), 1u) << name;
    return std::string((*records)[0]->plain.reveal());
  }
  uint64_t generation(const std::string& name) {
    return vault_->generation(Kind::grant, id_of(name)).value_or(0);
  }

  // What lies there now, as a backup: copied while the vault is open.
  State backup() {
    auto state = std::make_shared<test::StoreState>();
    const auto copied = test::run(loop_, vault_->between_writes(copier(state)));
    EXPECT_TRUE(copied) << copied.error().text;
    return state;
  }
  static Vault::Reader copier(const State& to) {
    return [to](Store& from) { return copy_rows(from, to->rows); };
  }
  static Contents contents(const State& state, const Key& master) {
    return *load(state->rows, master);
  }
  // Restores into a state that the vault is opened over.
  Restored into_place(const State& from, const State& old = nullptr,
                      std::function<bool(Kind, const Secret&)> revoked = nullptr) {
    std::optional<Contents> kept;
    if (old) kept = contents(old, master_);
    auto fresh = std::make_shared<test::StoreState>();
    auto restored = restore({contents(from, master_), kept ? &*kept : nullptr, std::move(revoked),
                             &master_, std::nullopt},
                            fresh->rows);
    EXPECT_TRUE(restored) << restored.error().text;
    state_ = fresh;
    open();
    return *restored;
  }
  void put_session() {
    std::vector<Change> one;
    one.push_back({Kind::session, vault_->id(Kind::session, {"s"}), Secret("s"), std::nullopt});
    one.push_back({Kind::setting, vault_->id(Kind::setting, {"s"}), Secret("s"), std::nullopt});
    ASSERT_TRUE(commit(std::move(one)));
  }
};

TEST_F(Restore, brings_back_grants_and_settings_and_ends_sessions) {
  put("alice", "token");
  put_session();
  const State kept = backup();
  const uint64_t before = generation("alice");
  const Restored restored = into_place(kept);
  EXPECT_EQ(restored.grants, 1u);
  EXPECT_EQ(restored.ended, 1u);
  EXPECT_EQ(get("alice"), "token");
  EXPECT_EQ(generation("alice"), before);
  EXPECT_EQ(vault_->count(Kind::session), 0u);
  EXPECT_EQ(vault_->count(Kind::setting), 1u);
  // No number of before is used again.
  put("bob", "token");
  EXPECT_GT(generation("bob"), before + 1);
}

TEST_F(Restore, what_was_taken_back_since_stays_away_and_the_newer_counts) {
  put("alice", "first");
  put("bob", "token");
  put("carol", "token");
  const State kept = backup();
  put("alice", "rotated");
  ASSERT_TRUE(commit(changes("bob", std::nullopt)));
  put("dave", "later");
  // Also under keys that the backup has not.
  ASSERT_TRUE(test::run(loop_, vault_->begin_epoch()));
  ASSERT_TRUE(test::run(loop_, vault_->finish_rotation()));
  put("alice", "rotated again");
  const State old = state_;
  const Restored restored = into_place(kept, old);
  EXPECT_EQ(get("alice"), "rotated again");
  EXPECT_EQ(get("bob"), "absent");
  EXPECT_EQ(get("carol"), "token");
  EXPECT_EQ(get("dave"), "absent");
  EXPECT_EQ(restored.taken_back, 1u);
  EXPECT_EQ(restored.newer, 1u);
}

TEST_F(Restore, asks_what_was_taken_back_where_there_is_no_old_vault) {
  put("alice", "grant of alice");
  put("bob", "grant of bob");
  const Restored restored = into_place(backup(), nullptr, [](Kind, const Secret& plain) {
    return plain.reveal() == "grant of bob";
  });
  EXPECT_EQ(restored.taken_back, 1u);
  EXPECT_EQ(get("alice"), "grant of alice");
  EXPECT_EQ(get("bob"), "absent");
}

TEST_F(Restore, opens_with_the_service_key_afterwards) {
  put("alice", "token");
  const Key recovery = Key::random(), next = Key::random();
  ASSERT_TRUE(test::run(loop_, vault_->add_slot(SlotKind::recovery, recovery)));
  const State kept = backup();
  auto fresh = std::make_shared<test::StoreState>();
  ASSERT_TRUE(
      restore({contents(kept, recovery), nullptr, nullptr, &next, std::nullopt}, fresh->rows));
  EXPECT_TRUE(load(fresh->rows, next));
  EXPECT_TRUE(load(fresh->rows, recovery));
  EXPECT_FALSE(load(fresh->rows, master_));
}

TEST_F(Restore, is_refused_over_another_vault) {
  const State kept = backup();
  auto other = std::make_shared<test::StoreState>();
  ASSERT_TRUE(create(other->rows, master_));
  const Contents old = contents(other, master_);
  test::StoreState fresh;
  const auto refused =
      restore({contents(kept, master_), &old, nullptr, &master_, std::nullopt}, fresh.rows);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
  EXPECT_TRUE(fresh.copy().empty());
}

TEST_F(Restore, a_backup_is_whole_while_others_write) {
  put("alice", "0");
  TaskSet tasks(loop_);
  std::vector<std::optional<Result<void>>> written(20);
  auto state = std::make_shared<test::StoreState>();
  std::optional<Result<void>> copied;
  for (size_t i = 0; i < written.size(); ++i) {
    if (i == 10) tasks.spawn(keep(vault_->between_writes(copier(state)), copied));
    begin(tasks, changes("alice", std::to_string(i)), written[i]);
  }
  turn_until([&] { return copied && written.back(); });
  ASSERT_TRUE(*copied);
  EXPECT_TRUE(load(state->rows, master_));
  EXPECT_EQ(get("alice"), "19");
}

TEST_F(Restore, a_copy_goes_to_an_empty_place_only) {
  auto state = std::make_shared<test::StoreState>();
  state->put({Kind::grant, {}}, "x");
  const auto refused = test::run(loop_, vault_->between_writes(copier(state)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
}

}  // namespace
}  // namespace reeve
