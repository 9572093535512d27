// A vault in its file: what a thief reads there (V1), and what a crash leaves (V3).
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "base/encoding.h"
#include "support/run.h"
#include "support/temp_dir.h"
#include "vault/store_sqlite.h"
#include "vault/vault.h"

namespace reeve {
namespace {

namespace fs = std::filesystem;

class VaultFile : public testing::Test {
 protected:
  Result<std::unique_ptr<Vault>> open(OpenMode mode = OpenMode::must_exist) {
    REEVE_TRY(std::unique_ptr<Store> store, open_sqlite_store(path_, mode));
    return Vault::open(loop_, std::move(store), master_, mode);
  }
  Result<void> put(Vault& vault, const std::string& name, const std::string& plain) {
    std::vector<Change> changes;
    changes.push_back(
        {Kind::session, vault.id(Kind::session, {"alice", name}), Secret::copy_of(plain), {}});
    return test::run(loop_, vault.commit(std::move(changes)));
  }
  std::string get(Vault& vault, const std::string& name) {
    auto record = vault.get(Kind::session, vault.id(Kind::session, {"alice", name}));
    return record && *record ? std::string((*record)->plain.reveal()) : "absent";
  }

  test::TempDir directory_;
  const std::string path_ = directory_ / "vault.db";
  const Key master_ = Key::random();
  Loop loop_;
};

// What of the text lies there, in clear, in hexadecimal or in base64, in pieces of eight.
void expect_absent(const std::string& file, const std::string& bytes, const std::string& secret) {
  for (const std::string& text : {secret, hex(secret), base64(secret), base64url(secret)}) {
    for (size_t i = 0; i + 8 <= text.size(); i += 8) {
      EXPECT_EQ(bytes.find(text.substr(i, 8)), std::string::npos) << file;
    }
  }
}

TEST_F(VaultFile, shows_a_thief_neither_secrets_nor_names_nor_keys) {
  const std::string token = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
  {
    auto vault = open(OpenMode::create_if_empty);
    ASSERT_TRUE(vault) << vault.error().text;
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(put(**vault, "provider github.example " + std::to_string(i), token));
    }
    // While it runs, the log is there too. (The file itself must not be opened in this process:
    // closing it would drop SQLite's locks.)
    const std::string log = test::read_whole(path_ + "-wal");
    EXPECT_GT(log.size(), 10000u);
    expect_absent("log", log, token);
  }
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    const std::string bytes = test::read_whole(entry.path());
    EXPECT_GT(bytes.size(), 5000u);
    expect_absent(entry.path(), bytes, token);
    expect_absent(entry.path(), bytes, "provider github.example");
    expect_absent(entry.path(), bytes, std::string(master_.reveal()));
  }
}

TEST_F(VaultFile, keeps_every_commit_that_returned_before_a_kill) {
  { ASSERT_TRUE(open(OpenMode::create_if_empty)); }
  int report[2];
  ASSERT_EQ(pipe(report), 0);
  const pid_t child = fork();
  if (child == 0) {
    // A loop of its own: the thread pool does not survive a fork.
    Loop loop;
    auto store = open_sqlite_store(path_, OpenMode::must_exist);
    if (!store) _exit(1);
    auto vault = Vault::open(loop, *std::move(store), master_, OpenMode::must_exist);
    if (!vault) _exit(2);
    for (int i = 0;; ++i) {
      std::vector<Change> changes;
      const std::string name = std::to_string(i);
      changes.push_back(
          {Kind::session, (*vault)->id(Kind::session, {"alice", name}), Secret::copy_of(name), {}});
      if (!test::run(loop, (*vault)->commit(std::move(changes)))) _exit(3);
      if (write(report[1], "x", 1) != 1) _exit(4);
    }
  }
  close(report[1]);
  int done = 0;
  for (char octet = 0; done < 25 && read(report[0], &octet, 1) == 1;) ++done;
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  for (char octet = 0; read(report[0], &octet, 1) == 1;) ++done;
  close(report[0]);
  ASSERT_GE(done, 25);
  auto vault = open();
  ASSERT_TRUE(vault) << vault.error().text;
  for (int i = 0; i < done; ++i) EXPECT_EQ(get(**vault, std::to_string(i)), std::to_string(i));
}

TEST_F(VaultFile, refuses_a_file_with_an_octet_changed_in_any_row) {
  {
    auto vault = open(OpenMode::create_if_empty);
    ASSERT_TRUE(vault);
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(put(**vault, std::to_string(i), std::string(200, 'p')));
  }
  std::vector<std::string> rows;
  {
    auto store = open_sqlite_store(path_, OpenMode::must_exist);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->list(std::nullopt, [&](const RowKey&, std::string_view row) {
      rows.emplace_back(row);
      return Result<void>();
    }));
  }
  ASSERT_EQ(rows.size(), 23u);
  const std::string whole = test::read_whole(path_);
  for (const std::string& row : rows) {
    std::string changed = whole;
    const size_t at = whole.find(row);
    ASSERT_NE(at, std::string::npos);
    changed[at + row.size() / 2] = static_cast<char>(changed[at + row.size() / 2] ^ 1);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << changed;
    const auto refused = open(OpenMode::create_if_empty);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corrupt) << refused.error().text;
  }
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << whole;
  EXPECT_TRUE(open());
}

TEST_F(VaultFile, refuses_an_old_file_beside_a_newer_log) {
  std::string old;
  {
    auto vault = open(OpenMode::create_if_empty);
    ASSERT_TRUE(vault);
    ASSERT_TRUE(put(**vault, "github", "first"));
  }
  old = test::read_whole(path_);
  for (int i = 0; i < 2; ++i) {
    auto vault = open();
    ASSERT_TRUE(vault);
    ASSERT_TRUE(put(**vault, "gitlab " + std::to_string(i), "second"));
  }
  std::string log;
  {
    auto vault = open();
    ASSERT_TRUE(vault);
    ASSERT_TRUE(put(**vault, "github", "third"));
    log = test::read_whole(path_ + "-wal");
  }
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << old;
  std::ofstream(path_ + "-wal", std::ios::binary) << log;
  chmod((path_ + "-wal").c_str(), 0600);
  const auto mixed = open(OpenMode::create_if_empty);
  if (!mixed) {
    EXPECT_EQ(mixed.error().code, Code::corrupt) << mixed.error().text;
  } else {
    // A log that holds every page is a whole state of its own.
    EXPECT_EQ(get(**mixed, "gitlab 1"), "second");
    EXPECT_EQ(get(**mixed, "github"), "third");
  }
}

// What a disk makes of the log when the power goes: cut at any length, or a sector of it never
// written. Each commit puts the same number into two records.
class TornLog : public VaultFile {
 protected:
  static constexpr int commits = 12;

  void SetUp() override {
    auto vault = open(OpenMode::create_if_empty);
    ASSERT_TRUE(vault) << vault.error().text;
    for (int i = 1; i <= commits; ++i) {
      std::vector<Change> changes;
      for (const char* name : {"a", "b"}) {
        changes.push_back({Kind::session, (*vault)->id(Kind::session, {"alice", name}),
                           Secret(std::to_string(i)), std::nullopt});
      }
      ASSERT_TRUE(test::run(loop_, (*vault)->commit(std::move(changes))));
    }
    file_ = test::read_whole(path_);
    log_ = test::read_whole(path_ + "-wal");
    ASSERT_GT(log_.size(), 40'000u) << "the commits are not in it";
  }
  // The number that the vault opens with; nothing: it is refused.
  std::optional<int> opened_with(const std::string& log) {
    fs::remove(path_ + "-shm");
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << file_;
    std::ofstream(path_ + "-wal", std::ios::binary | std::ios::trunc) << log;
    auto vault = open();
    if (!vault) {
      // Not found: all of it lay in the log.
      const Code code = vault.error().code;
      EXPECT_TRUE(code == Code::corrupt || code == Code::not_found) << vault.error().text;
      return std::nullopt;
    }
    const std::string number = get(**vault, "a");
    EXPECT_EQ(number, get(**vault, "b")) << "half a commit";
    // It is a vault to work with.
    EXPECT_TRUE(put(**vault, "c", "new"));
    return number == "absent" ? 0 : std::stoi(number);
  }

  std::string file_, log_;
};

TEST_F(TornLog, that_is_cut_anywhere_opens_at_a_whole_commit_before_the_cut) {
  int last = 0, seen = 0;
  for (size_t length = 0; length < log_.size(); length += 997) {
    const auto number = opened_with(log_.substr(0, length));
    if (!number) continue;
    EXPECT_GE(*number, last) << length;
    if (*number != last) ++seen;
    last = *number;
  }
  EXPECT_GE(seen, commits - 2) << "the cuts tell them apart";
  EXPECT_EQ(opened_with(log_), commits);
}

TEST_F(TornLog, with_a_sector_that_was_never_written_opens_at_a_whole_commit_before_it) {
  for (size_t at = 0; at + 512 <= log_.size(); at += 2048) {
    std::string torn = log_;
    torn.replace(at, 512, 512, '\0');
    const auto number = opened_with(torn);
    if (number && torn != log_) {
      EXPECT_LT(*number, commits) << at;
    }
  }
}

}  // namespace
}  // namespace reeve
