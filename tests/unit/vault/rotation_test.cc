// Keys that change while the vault is used, and the process dies whenever it likes.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "support/temp_dir.h"
#include "vault/store_sqlite.h"
#include "vault/vault.h"
#include "vault_fixture.h"

namespace reeve {
namespace {

class Rotation : public test::VaultFixture {
 protected:
  Result<void> rotate() {
    const auto begun = test::run(loop_, vault_->begin_epoch());
    if (!begun) return begun.error();
    const auto finished = test::run(loop_, vault_->finish_rotation());
    if (!finished) return finished.error();
    return {};
  }
  size_t rows_of_epoch(uint32_t epoch) {
    size_t count = 0;
    for (const StoreChange& row : state_->copy()) {
      if (row.key.kind == Kind::header) continue;
      const auto header = Sealer::read_header(row.key, *row.row);
      if (header && header->epoch == epoch) ++count;
    }
    return count;
  }
  void put_many(int count) {
    std::vector<Change> all;
    for (int i = 0; i < count; ++i)
      all.push_back(change(std::to_string(i), "plain " + std::to_string(i)));
    ASSERT_TRUE(commit(std::move(all)));
  }
  void expect_all(int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(get(std::to_string(i)), "plain " + std::to_string(i));
  }
};

TEST_F(Rotation, finds_a_row_behind_more_than_it_looks_at_in_a_turn) {
  constexpr int many = 9000;
  put_many(many);
  ASSERT_TRUE(test::run(loop_, vault_->begin_epoch()));
  std::vector<Change> all;
  for (int i = 0; i < many; ++i) all.push_back(change(std::to_string(i), "anew"));
  std::sort(all.begin(), all.end(), [](const Change& a, const Change& b) { return a.id < b.id; });
  all.pop_back();
  ASSERT_TRUE(commit(std::move(all)));
  EXPECT_EQ(rows_of_epoch(1), 1u);
  const auto sealed = test::run(loop_, vault_->finish_rotation());
  ASSERT_TRUE(sealed) << sealed.error().text;
  EXPECT_EQ(*sealed, 1u);
  EXPECT_EQ(rows_of_epoch(1), 0u);
  EXPECT_FALSE(vault_->rotating());
}

TEST_F(Rotation, seals_every_row_anew_and_forgets_the_old_key) {
  put_many(300);
  const uint64_t before = generation("7");
  EXPECT_EQ(rows_of_epoch(1), 300u);
  ASSERT_TRUE(rotate());
  EXPECT_EQ(vault_->epoch(), 2u);
  EXPECT_FALSE(vault_->rotating());
  EXPECT_EQ(rows_of_epoch(1), 0u);
  EXPECT_EQ(rows_of_epoch(2), 300u);
  EXPECT_EQ(
      state_->row({Kind::epoch_key, vault_->id(Kind::epoch_key, {std::string("\0\0\0\1", 4)})}),
      "");
  // Nobody's expectation of a generation is broken by it.
  EXPECT_EQ(generation("7"), before);
  EXPECT_TRUE(commit(changes("7", "plain 7", before)));
  open();
  expect_all(300);
}

TEST_F(Rotation, a_row_of_the_old_epoch_put_back_is_noticed) {
  put_many(1);
  const RowKey key{Kind::session, vault_->id(Kind::session, {"0"})};
  const std::string old = state_->row(key);
  ASSERT_TRUE(test::run(loop_, vault_->begin_epoch()));
  ASSERT_TRUE(test::run(loop_, vault_->finish_rotation()));
  state_->put(key, old);
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::corrupt);
}

TEST_F(Rotation, goes_on_under_load) {
  put_many(600);
  TaskSet tasks(loop_);
  std::vector<std::optional<Result<void>>> written(200);
  std::optional<Result<void>> begun;
  tasks.spawn(keep(vault_->begin_epoch(), begun));
  turn_until([&] { return begun.has_value(); });
  std::optional<Result<size_t>> finished;
  tasks.spawn([](Vault& vault, std::optional<Result<size_t>>& result) -> Task<void> {
    result.emplace(co_await vault.finish_rotation());
  }(*vault_, finished));
  size_t next = 0;
  turn_until([&] {
    if (next < written.size()) {
      begin(tasks, changes(std::to_string(next), "plain " + std::to_string(next)), written[next]);
      ++next;
    }
    return finished.has_value() && next == written.size() && written.back().has_value();
  });
  ASSERT_TRUE(*finished);
  for (const auto& one : written) EXPECT_TRUE(*one);
  EXPECT_EQ(rows_of_epoch(1), 0u);
  open();
  expect_all(600);
}

TEST_F(Rotation, two_at_once_are_as_good_as_one) {
  put_many(5);
  TaskSet tasks(loop_);
  std::optional<Result<void>> first, second;
  tasks.spawn(keep(vault_->begin_epoch(), first));
  tasks.spawn(keep(vault_->begin_epoch(), second));
  turn_until([&] { return first && second; });
  ASSERT_TRUE(test::run(loop_, vault_->finish_rotation()));
  put_many(5);
  open();
  expect_all(5);
}

// The store fails, and the process ends, at every single call.
TEST_F(Rotation, left_at_every_write_leaves_nothing_unreadable) {
  put_many(300);
  const auto start = state_->copy();
  for (const bool after_writing : {false, true}) {
    for (size_t calls = 0; calls < 14; ++calls) {
      state_->calls_left.reset();
      state_->restore(start);
      open();
      state_->calls_left = calls;
      state_->fails_after_writing = after_writing;
      const bool done = static_cast<bool>(rotate());
      state_->calls_left.reset();
      open();
      expect_all(300);
      ASSERT_TRUE(test::run(loop_, vault_->finish_rotation()));
      EXPECT_FALSE(vault_->rotating());
      EXPECT_EQ(rows_of_epoch(vault_->epoch()), 300u);
      if (done) {
        EXPECT_EQ(vault_->epoch(), 2u);
      }
      open();
      expect_all(300);
    }
  }
}

TEST_F(Rotation, of_the_master_key_lets_the_new_one_in_and_the_old_one_not) {
  put_many(3);
  const Key recovery = Key::random(), next = Key::random();
  ASSERT_TRUE(test::run(loop_, vault_->add_slot(SlotKind::recovery, recovery)));
  const auto same = test::run(loop_, vault_->replace_slots(SlotKind::service, master_));
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, Code::conflict);
  ASSERT_TRUE(test::run(loop_, vault_->replace_slots(SlotKind::service, next)));
  vault_.reset();
  const auto with = [&](const Key& key) {
    return Vault::open(loop_, std::make_unique<test::FakeStore>(state_), key, OpenMode::must_exist);
  };
  const auto old = with(master_);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, Code::denied);
  EXPECT_TRUE(with(recovery));
  auto opened = with(next);
  ASSERT_TRUE(opened);
  vault_ = *std::move(opened);
  expect_all(3);
}

// A process that rotates and writes without end is killed, again and again: kill -9, real files.
TEST(RotationKilled, a_hundred_times_leaves_nothing_unreadable) {
  const test::TempDir directory;
  const std::string path = directory / "vault.db";
  const Key master = *Key::from_bytes(std::string(32, 'm'));
  constexpr int kRecords = 60;
  const auto name = [](Vault& vault, int i) {
    return vault.id(Kind::session, {std::to_string(i)});
  };
  {
    Loop loop;
    auto vault = Vault::open(loop, *open_sqlite_store(path, OpenMode::create_if_empty), master,
                             OpenMode::create_if_empty);
    std::vector<Change> all;
    for (int i = 0; i < kRecords; ++i)
      all.push_back({Kind::session, name(**vault, i), Secret(std::to_string(i)), std::nullopt});
    ASSERT_TRUE(test::run(loop, (*vault)->commit(std::move(all))));
  }
  std::mt19937 random(6);
  uint32_t last_epoch = 0;
  for (int kill = 0; kill < 100; ++kill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Loop loop;
      auto vault = Vault::open(loop, *open_sqlite_store(path, OpenMode::must_exist), master,
                               OpenMode::must_exist);
      for (int turn = 0; vault; ++turn) {
        std::vector<Change> one;
        const int i = turn % kRecords;
        one.push_back({Kind::session, name(**vault, i), Secret(std::to_string(i)), std::nullopt});
        const bool good = test::run(loop, (*vault)->commit(std::move(one))) &&
                          test::run(loop, (*vault)->begin_epoch()) &&
                          test::run(loop, (*vault)->finish_rotation());
        if (!good || ::write(pipe[1], "x", 1) != 1) break;
      }
      ::_exit(1);
    }
    // From its first rotation on, at a moment of chance.
    char begun = 0;
    ::close(pipe[1]);
    ASSERT_EQ(::read(pipe[0], &begun, 1), 1) << "after " << kill << " kills";
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    Loop loop;
    auto store = open_sqlite_store(path, OpenMode::must_exist);
    ASSERT_TRUE(store) << store.error().text;
    auto vault = Vault::open(loop, *std::move(store), master, OpenMode::must_exist);
    ASSERT_TRUE(vault) << vault.error().text;
    EXPECT_GT((*vault)->epoch(), last_epoch);
    last_epoch = (*vault)->epoch();
    for (int i = 0; i < kRecords; ++i) {
      const auto record = (*vault)->get(Kind::session, name(**vault, i));
      ASSERT_TRUE(record && *record && (*record)->plain.reveal() == std::to_string(i)) << i;
    }
  }
}

}  // namespace
}  // namespace reeve
