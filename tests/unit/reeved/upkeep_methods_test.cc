// The operator's methods that look after what is kept.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "base/encoding.h"
#include "reeved/backup.h"
#include "service_world.h"
#include "vault/store_sqlite.h"

namespace reeve {
namespace {

class Upkeep : public test::ServiceWorld {
 protected:
  std::string config_text() const override {
    return "[daemon]\nstate_directory = \"" + directory.path() + "\"\ndaemon_user = 0\n" +
           "[vault]\nnext_master_key = { file = \"" + (directory / "next") + "\" }\n" +
           ServiceWorld::config_text();
  }
  void write_private(const std::string& name, const std::string& text) {
    const Fd fd(::open((directory / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool opens_with(const Key& key) {
    return static_cast<bool>(Vault::open(loop, std::make_unique<test::FakeStore>(store_state), key,
                                         OpenMode::must_exist));
  }
};

TEST_F(Upkeep, tells_where_the_audit_is_and_whose_signature_it_bears) {
  const Told told = admin("AuditLog");
  EXPECT_EQ(told.error, "");
  EXPECT_EQ(told.parameters.text("file"), directory / "audit");
  EXPECT_EQ(told.parameters.text("public_key"), test::read_whole(directory / "audit.pub"));
  EXPECT_EQ(read_point(told.parameters.text("end")), d->audit->end());
}

TEST_F(Upkeep, rotates_the_records_key) {
  session_handle();
  const Told told = admin("RotateKeys");
  EXPECT_EQ(told.error, "");
  EXPECT_EQ(told.parameters.integer("epoch"), 2);
  EXPECT_GT(told.parameters.integer("sealed"), 0);
  EXPECT_EQ(services->keys.since().epoch, clock.unix_seconds());
  EXPECT_NE(audit_text().find("\"keys.rotated\""), std::string::npos);
  restart();
  EXPECT_EQ(d->sessions.all().size(), 1u);
}

TEST_F(Upkeep, rotates_the_master_key_to_the_configured_one) {
  EXPECT_EQ(admin("RotateKeys", R"({"what":"master"})").error, "Unavailable");
  EXPECT_TRUE(opens_with(master)) << "nothing happened";
  write_private("next", std::string(64, 'a') + "\n");
  const Told told = admin("RotateKeys", R"({"what":"master"})");
  EXPECT_EQ(told.error, "") << told.parameters.text("reason");
  const Key next = *Key::from_bytes(*hex_decode(std::string(64, 'a')));
  EXPECT_TRUE(opens_with(next));
  EXPECT_FALSE(opens_with(master));
  const Told again = admin("RotateKeys", R"({"what":"master"})");
  EXPECT_NE(again.parameters.text("reason").find("opens the vault already"), std::string::npos);
}

TEST_F(Upkeep, shows_a_recovery_key_once_and_it_opens_the_vault) {
  const Told told = admin("RotateKeys", R"({"what":"recovery"})");
  const auto octets = hex_decode(told.parameters.text("recovery_key"));
  ASSERT_TRUE(octets);
  EXPECT_TRUE(opens_with(*Key::from_bytes(*octets)));
  const auto second =
      hex_decode(admin("RotateKeys", R"({"what":"recovery"})").parameters.text("recovery_key"));
  EXPECT_FALSE(opens_with(*Key::from_bytes(*octets)));
  EXPECT_TRUE(opens_with(*Key::from_bytes(*second)));
  EXPECT_EQ(audit_text().find(told.parameters.text("recovery_key")), std::string::npos);
}

TEST_F(Upkeep, knows_what_can_be_rotated) {
  EXPECT_EQ(admin("RotateKeys", R"({"what":"everything"})").error, "InvalidParameter");
}

TEST_F(Upkeep, nothing_is_rotated_that_the_audit_does_not_know) {
  write_private("next", std::string(64, 'a'));
  const std::string audit = directory / "audit";
  const auto rows = store_state->copy().size();
  {
    // As a disk that is full: nothing can be added to a file of this size.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit now{1, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
    for (const char* what : {"epoch", "master", "recovery"})
      EXPECT_EQ(admin("RotateKeys", std::string(R"({"what":")") + what + "\"}").error,
                "Unavailable");
    EXPECT_EQ(admin("Backup", "{}", true).error, "Unavailable");
    ::setrlimit(RLIMIT_FSIZE, &before);
  }
  EXPECT_EQ(d->vault->epoch(), 1u);
  EXPECT_EQ(store_state->copy().size(), rows);
  EXPECT_TRUE(opens_with(master));
}

TEST_F(Upkeep, a_backup_is_a_vault_file_and_leaves_nothing_behind) {
  session_handle();
  EXPECT_EQ(admin("Backup").error, "ExpectedMore");
  const Told told = admin("Backup", "{}", true);
  ASSERT_EQ(told.error, "");
  std::string octets;
  for (const Json& reply : told.sent) octets += *base64url_decode(reply.text("chunk"));
  EXPECT_EQ(told.parameters.integer("octets"), static_cast<int64_t>(octets.size()));
  write_private("backup", octets);
  auto store = open_sqlite_store(directory / "backup", OpenMode::must_exist);
  ASSERT_TRUE(store) << store.error().text;
  const auto opened = Vault::open(loop, *std::move(store), master, OpenMode::must_exist);
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ((*opened)->count(Kind::session), 1u);
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    EXPECT_EQ(entry.path().filename().string().find("copy"), std::string::npos);
}

TEST_F(Upkeep, tells_the_figures) {
  session_handle();
  const Told told = admin("Metrics");
  const std::string& text = told.parameters.text("text");
  EXPECT_NE(text.find("\nreeve_sessions 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("reeve_audit_records_total{event=\"session.opened\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("\nreeve_key_epoch 1\n"), std::string::npos);
  EXPECT_EQ(admin("Metrics", R"({"format":"prometheus"})").error, "");
  EXPECT_EQ(admin("Metrics", R"({"format":"xml"})").error, "InvalidParameter");
}

}  // namespace
}  // namespace reeve
