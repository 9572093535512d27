#include "vault/store_sqlite.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "support/temp_dir.h"

namespace reeve {
namespace {

namespace fs = std::filesystem;

RowKey key_of(unsigned number) {
  std::string octets(32, '\0');
  octets[0] = static_cast<char>(number >> 8);
  octets[1] = static_cast<char>(number);
  return {Kind::grant, *RecordId::from(octets)};
}

size_t count(Store& store) {
  size_t rows = 0;
  EXPECT_TRUE(store.list(std::nullopt, [&](const RowKey&, std::string_view) {
    ++rows;
    return Result<void>();
  }));
  return rows;
}

// How a child process ended that did this.
int in_child(const std::function<int()>& what) {
  const pid_t child = fork();
  if (child == 0) _exit(what());
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

// What a foreign hand does to the file, past every check.
void with_sqlite(const std::string& path, const char* sql) {
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
  sqlite3_free(message);
  sqlite3_close(raw);
}

class StoreSqlite : public testing::Test {
 protected:
  Result<std::unique_ptr<Store>> open(OpenMode mode = OpenMode::must_exist) {
    return open_sqlite_store(path_, mode);
  }
  void make(unsigned rows = 1) {
    auto store = open(OpenMode::create_if_empty);
    ASSERT_TRUE(store) << store.error().text;
    for (unsigned i = 0; i < rows; ++i) {
      ASSERT_TRUE((*store)->apply({{key_of(i), std::string(500, 'r')}}));
    }
  }
  void expect_refused(Code code, std::string_view words) {
    const auto refused = open(OpenMode::create_if_empty);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code) << refused.error().text;
    EXPECT_NE(refused.error().text.find(words), std::string::npos) << refused.error().text;
    EXPECT_NE(refused.error().text.find(path_), std::string::npos) << refused.error().text;
  }

  test::TempDir directory_;
  std::string path_ = directory_ / "vault.db";
};

TEST_F(StoreSqlite, makes_a_file_that_only_its_owner_may_read) {
  const mode_t old = umask(0);
  auto store = open(OpenMode::create_if_empty);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->apply({{key_of(1), "row"}}));
  umask(old);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    ++files;
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
  EXPECT_EQ(files, 2);  // and its log; nothing half-made, no shared memory
}

TEST_F(StoreSqlite, makes_no_file_where_there_must_be_one) {
  const auto refused = open(OpenMode::must_exist);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(StoreSqlite, makes_no_file_in_a_directory_that_is_not_there) {
  const auto refused = open_sqlite_store(directory_ / "absent/vault.db", OpenMode::create_if_empty);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::io);
}

TEST_F(StoreSqlite, keeps_its_rows_over_a_restart) {
  make(3);
  auto again = open();
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(count(**again), 3u);
  EXPECT_EQ(**(*again)->get(key_of(2)), std::string(500, 'r'));
}

TEST_F(StoreSqlite, keeps_what_was_applied_before_a_kill) {
  make(0);
  const int status = in_child([&] {
    auto store = open();
    if (!store) return 1;
    for (unsigned i = 0; i < 20; ++i) {
      if (!(*store)->apply({{key_of(i), "row"}})) return 2;
    }
    raise(SIGKILL);
    return 3;
  });
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  auto again = open();
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(count(**again), 20u);
}

TEST_F(StoreSqlite, refuses_while_another_reeved_has_it) {
  auto first = open(OpenMode::create_if_empty);
  ASSERT_TRUE(first);
  expect_refused(Code::unavailable, "another reeved");
  // In another process too, which knows nothing of our locks but the kernel's; read or write.
  EXPECT_EQ(in_child([&] { return open().error().code == Code::unavailable ? 0 : 1; }), 0);
  EXPECT_TRUE((*first)->apply({{key_of(1), "row"}}));
}

TEST_F(StoreSqlite, is_free_again_when_it_is_closed) {
  { auto first = open(OpenMode::create_if_empty); }
  EXPECT_TRUE(open());
}

TEST_F(StoreSqlite, refuses_a_file_that_others_may_read) {
  make();
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  expect_refused(Code::denied, "chmod 600");
}

TEST_F(StoreSqlite, refuses_what_is_no_vault_and_leaves_it_alone) {
  with_sqlite(path_, "CREATE TABLE mine (a); INSERT INTO mine VALUES ('precious')");
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  const std::string before = test::read_whole(path_);
  expect_refused(Code::invalid, "no vault of reeve's");
  EXPECT_EQ(test::read_whole(path_), before);

  fs::remove(path_);
  std::ofstream(path_) << std::string(5000, 'x');
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  expect_refused(Code::corrupt, "not a database");

  fs::remove(path_);
  fs::create_directory(path_);
  expect_refused(Code::invalid, "not a regular file");
}

TEST_F(StoreSqlite, refuses_the_schema_of_a_newer_reeve) {
  make();
  with_sqlite(path_, "PRAGMA user_version = 3");
  expect_refused(Code::invalid, "newer reeve");
}

// As reeve wrote it before there were heads.
TEST_F(StoreSqlite, brings_a_file_of_version_1_up_and_keeps_its_rows) {
  make(30);
  with_sqlite(path_, "DROP INDEX record_head");
  with_sqlite(path_, "ALTER TABLE record DROP COLUMN head");
  with_sqlite(path_, "PRAGMA user_version = 1");
  for (int i = 0; i < 2; ++i) {
    const auto store = open();
    ASSERT_TRUE(store) << store.error().text;
    size_t heads = 0;
    ASSERT_TRUE((*store)->heads([&](const RowKey&, std::string_view head) {
      EXPECT_EQ(head, std::string(head_octets, 'r'));
      ++heads;
      return Result<void>();
    }));
    EXPECT_EQ(heads, 30u);
    EXPECT_EQ(**(*store)->get(key_of(7)), std::string(500, 'r'));
  }
}

TEST_F(StoreSqlite, refuses_a_file_without_its_table) {
  make();
  with_sqlite(path_, "DROP TABLE record");
  expect_refused(Code::io, "no such table");
}

TEST_F(StoreSqlite, never_makes_a_new_vault_of_a_file_cut_to_nothing) {
  make();
  fs::resize_file(path_, 0);
  expect_refused(Code::corrupt, "is empty");
  EXPECT_EQ(fs::file_size(path_), 0u);
}

TEST_F(StoreSqlite, never_plays_the_log_of_a_lost_file_into_a_new_one) {
  make();
  fs::rename(path_, directory_ / "vault.db-wal");
  expect_refused(Code::corrupt, "-wal");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(StoreSqlite, notices_a_truncated_file_wherever_it_was_cut) {
  make(40);
  const auto whole = test::read_whole(path_);
  ASSERT_GT(whole.size(), 5u * 4096);
  for (size_t size = 1; size < whole.size(); size += 1000) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    for (const int64_t checked : {checked_octets, int64_t{0}}) {
      const auto refused = open_sqlite_store(path_, OpenMode::must_exist, checked);
      ASSERT_FALSE(refused) << size;
      EXPECT_EQ(refused.error().code, Code::corrupt) << refused.error().text;
    }
  }
}

// V2.
TEST_F(StoreSqlite, finds_a_torn_page_at_start_or_in_a_file_too_large_for_that_where_it_is_read) {
  make(40);
  const RowKey other{Kind::session, key_of(1).id};
  ASSERT_TRUE((*open())->apply({{other, "a session"}}));
  auto octets = test::read_whole(path_);
  // The first leaf (a page whose first octet is 10) that has a row: no index has so much of one.
  size_t page = 4096;
  while (octets.at(page) != 10 ||
         octets.substr(page, 4096).find(std::string(400, 'r')) == std::string::npos)
    page += 4096;
  octets.replace(page, 8, 8, '\0');
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << octets;
  expect_refused(Code::corrupt, "damaged");
  auto store = open_sqlite_store(path_, OpenMode::must_exist, 0);
  ASSERT_TRUE(store) << store.error().text;
  const auto kept = (*store)->get(other);
  ASSERT_TRUE(kept) << kept.error().text;
  EXPECT_EQ(*kept, "a session");
  size_t lost = 0;
  for (unsigned i = 0; i < 40; ++i) {
    const auto row = (*store)->get(key_of(i));
    if (row) continue;
    EXPECT_EQ(row.error().code, Code::corrupt) << row.error().text;
    ++lost;
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LT(lost, 40u);
}

TEST_F(StoreSqlite, a_trigger_someone_planted_does_not_run) {
  make();
  with_sqlite(path_, "CREATE TRIGGER evil AFTER INSERT ON record BEGIN DELETE FROM record; END");
  auto store = open();
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->apply({{key_of(7), "row"}}));
  EXPECT_EQ(count(**store), 2u);
}

// Such a failure leaves SQLite's transaction open; a full disk ends it by itself.
TEST_F(StoreSqlite, undoes_a_transaction_of_which_one_row_is_refused) {
  make(2);
  with_sqlite(path_,
              "DROP TABLE record; CREATE TABLE record (kind INTEGER, id BLOB,"
              " sealed BLOB CHECK (length(sealed) < 1000), head BLOB, PRIMARY KEY (kind, id))"
              " STRICT, WITHOUT ROWID; CREATE INDEX record_head ON record (kind, id, head)");
  auto store = open();
  ASSERT_TRUE(store) << store.error().text;
  EXPECT_FALSE((*store)->apply({{key_of(1), "row"}, {key_of(2), std::string(2000, 'r')}}));
  EXPECT_EQ(count(**store), 0u);
  EXPECT_TRUE((*store)->apply({{key_of(3), "row"}}));
  EXPECT_EQ(count(**store), 1u);
}

TEST_F(StoreSqlite, wipes_an_erased_row_from_the_file) {
  const std::string sealed = "a sealed row that nobody else has";
  {
    auto store = open(OpenMode::create_if_empty);
    ASSERT_TRUE(store);
    for (unsigned i = 0; i < 20; ++i) ASSERT_TRUE((*store)->apply({{key_of(i), sealed + sealed}}));
    for (unsigned i = 0; i < 20; ++i) ASSERT_TRUE((*store)->apply({{key_of(i), std::nullopt}}));
  }
  EXPECT_EQ(test::read_whole(path_).find(sealed), std::string::npos);
}

TEST_F(StoreSqlite, takes_leftovers_of_a_start_that_was_killed) {
  std::ofstream(path_ + ".new-" + std::to_string(getpid())) << "half";
  make();
  EXPECT_FALSE(fs::exists(path_ + ".new-" + std::to_string(getpid())));
}

// Applies rows until one fails; then nothing of the failed one may be there, and all of the others.
int fill_up(const std::string& path, const std::function<void()>& make_room) {
  auto opened = open_sqlite_store(path, OpenMode::create_if_empty);
  if (!opened) return 10;
  Store& store = **opened;
  unsigned done = 0;
  Result<void> applied;
  while (applied && done < 5000) {
    std::vector<StoreChange> changes;
    for (unsigned i = 0; i < 4; ++i)
      changes.push_back({key_of(done * 4 + i), std::string(2000, 'r')});
    applied = store.apply(changes);
    if (applied) ++done;
  }
  if (applied) return 11;
  if (applied.error().code != Code::io) return 12;
  if (done == 0 || count(store) != done * 4) return 13;
  make_room();
  if (!store.apply({{key_of(60000), "row"}})) return 14;
  opened->reset();
  auto again = open_sqlite_store(path, OpenMode::must_exist);
  if (!again) return 15;
  return count(**again) == done * 4 + 1 ? 0 : 16;
}

// For a child process: a small file system of its own over the directory. False: may not be done
// here.
bool mount_own(const std::string& directory) {
  const uid_t uid = geteuid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
  }
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("reeve", directory.c_str(), "tmpfs", 0, "size=2m") == 0;
}

TEST_F(StoreSqlite, a_full_disk_fails_one_transaction_and_loses_nothing) {
  const std::string ballast = directory_ / "ballast";
  const int status = in_child([&] {
    if (!mount_own(directory_.path())) return 77;
    std::ofstream(ballast) << std::string(500000, 'b');
    return fill_up(path_, [&] { fs::remove(ballast); });
  });
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount here";
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST_F(StoreSqlite, says_so_where_the_disk_is_read_only) {
  const int status = in_child([&] {
    if (!mount_own(directory_.path())) return 77;
    make();
    if (mount("reeve", directory_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return 77;
    expect_refused(Code::io, "read");
    return HasFailure() ? 1 : 0;
  });
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount here";
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST_F(StoreSqlite, a_file_size_limit_fails_one_transaction_and_loses_nothing) {
  const int status = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000000, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &small) != 0) return 77;
    return fill_up(path_, [] {
      const rlimit large{RLIM_INFINITY, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &large);
    });
  });
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

}  // namespace
}  // namespace reeve
