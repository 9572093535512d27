#include "src/trust.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "reeve.hpp"
#include "support/temp_dir.h"
#include "unit/libclient/environment.h"
#include "unit/libclient/scripted_server.h"

namespace reeve::client {
namespace {

constexpr uid_t kOther = 12345, kThird = 12346;

// The first half of the rule: who can have put a socket there?
class PlaceTest : public testing::Test {
 protected:
  std::string make(const std::string& name, mode_t mode = 0755, uid_t owner = ::geteuid()) {
    const std::string path = root_ / name;
    EXPECT_EQ(::mkdir(path.c_str(), 0700), 0);
    EXPECT_EQ(::chown(path.c_str(), owner, gid_t(-1)), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  // A socket's place in the directory; a plain file will do, it is not looked at.
  Place place(const std::string& directory, std::optional<uid_t> configured = std::nullopt) {
    Place found;
    EXPECT_EQ(judged(directory, configured, found), REEVE_OK) << detail();
    return found;
  }
  void refused(const std::string& directory, std::optional<uid_t> configured = std::nullopt) {
    Place found;
    EXPECT_EQ(judged(directory, configured, found), REEVE_UNTRUSTED) << directory;
    EXPECT_NE(std::string(detail()).find(root_.path()), std::string::npos) << detail();
  }
  reeve_error judged(const std::string& directory, std::optional<uid_t> configured, Place& found) {
    const std::string path = directory + "/agent.sock";
    std::ofstream(path).put('x');
    return check_place(path.c_str(), ::geteuid(), configured, found);
  }
  bool root() const { return ::geteuid() == 0; }

  test::TempDir root_;
};

TEST_F(PlaceTest, takes_a_directory_of_ones_own) {
  const Place found = place(root_.path());
  EXPECT_EQ(found.owner, ::geteuid());
  EXPECT_FALSE(found.keeper);
}

TEST_F(PlaceTest, refuses_a_directory_others_may_write_in) {
  for (const mode_t mode : {0777, 0775, 01777, 0757}) {
    refused(make(std::to_string(mode), mode));
  }
}

TEST_F(PlaceTest, refuses_one_below_it_unless_it_is_sticky) {
  make("open", 0777);
  refused(make("open/own"));
  make("sticky", 01777);
  place(make("sticky/own"));
}

TEST_F(PlaceTest, judges_a_symlink_by_where_it_leads) {
  make("open", 0777);
  ASSERT_EQ(::symlink("open", (root_ / "link").c_str()), 0);
  refused(root_ / "link");
  std::ofstream(root_ / "open/s").put('x');
  ASSERT_EQ(::symlink("open/s", (root_ / "agent.sock").c_str()), 0);
  Place found;
  EXPECT_EQ(check_place((root_ / "agent.sock").c_str(), ::geteuid(), std::nullopt, found),
            REEVE_UNTRUSTED);
}

TEST_F(PlaceTest, refuses_a_stranger_who_squats_in_a_sticky_directory) {
  if (!root()) GTEST_SKIP() << "needs root, to give directories away";
  make("tmp", 01777);
  const std::string squatted = make("tmp/reeve", 0755, kOther);
  refused(squatted);
  place(squatted, kOther);
  refused(squatted, kThird);
}

TEST_F(PlaceTest, lets_root_hand_a_directory_to_a_keeper) {
  if (!root()) GTEST_SKIP() << "needs root, to give directories away";
  const std::string kept = make("run", 0755, kOther);
  EXPECT_EQ(place(kept).keeper, kOther);
  EXPECT_EQ(place(make("run/agent", 0755, kOther)).keeper, kOther);
  refused(kept, kThird);
}

TEST_F(PlaceTest, lets_a_keeper_hand_nothing_on) {
  if (!root()) GTEST_SKIP() << "needs root, to give directories away";
  make("run", 0755, kOther);
  refused(make("run/agent", 0755, kThird));
  make("run/shared", 01777, kOther);
  refused(make("run/shared/agent", 0755, 0));
}

TEST_F(PlaceTest, says_what_is_missing) {
  Place found;
  EXPECT_EQ(check_place((root_ / "no/agent.sock").c_str(), ::geteuid(), std::nullopt, found),
            REEVE_UNAVAILABLE);
}

// The second half, as a table; the caller is 1000, the daemon's account 997.
TEST(Peer, is_judged_by_the_table) {
  using Uid = std::optional<uid_t>;
  const Uid none;
  const struct {
    uid_t peer, owner;
    Uid keeper, configured;
    bool trusted;
  } table[] = {
      {0, 0, none, none, true},     {0, 1000, none, none, true},
      {0, 997, 997, none, true},    {1000, 1000, none, none, true},
      {997, 997, 997, none, true},  {997, 0, none, none, true},  // only root can have put it there
      {997, 0, 996, none, false},   {997, 1000, none, none, false},
      {997, 996, 996, none, false}, {997, 0, none, 997, true},
      {997, 1000, none, 997, true}, {0, 0, none, 997, true},
      {996, 0, none, 997, false},   {1000, 1000, none, 997, false},
  };
  for (const auto& row : table) {
    Place place;
    place.owner = row.owner;
    place.keeper = row.keeper;
    const reeve_error error = check_peer(row.peer, place, 1000, row.configured);
    EXPECT_EQ(error, row.trusted ? REEVE_OK : REEVE_UNTRUSTED)
        << row.peer << " in a directory of " << row.owner;
  }
}

// Both halves, over real sockets.
class TrustTest : public PlaceTest {
 protected:
  reeve_error connect(const std::string& path) { return connection_.connect(path.c_str(), 5000); }

  test::Environment environment_;
  Connection connection_;
};

TEST_F(TrustTest, nothing_is_sent_to_a_socket_in_an_open_directory) {
  const test::ScriptedServer server(make("open", 0777) + "/s",
                                    [](test::Peer& peer) { peer.until_closed(); });
  EXPECT_EQ(connect(server.path()), REEVE_UNTRUSTED);
  EXPECT_NE(std::string(reeve_detail()).find("chmod go-w"), std::string::npos);
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(TrustTest, a_listener_of_the_wrong_uid_is_sent_nothing) {
  const test::ScriptedServer server(root_ / "s", [](test::Peer& peer) { peer.until_closed(); });
  environment_.set("REEVE_DAEMON_UID", std::to_string(kThird));
  EXPECT_EQ(connect(server.path()), ::geteuid() == 0 ? REEVE_OK : REEVE_UNTRUSTED);
  environment_.set("REEVE_DAEMON_UID", std::to_string(::geteuid()));
  EXPECT_EQ(connect(server.path()), REEVE_OK);
  EXPECT_TRUE(server.calls().empty());
}

TEST_F(TrustTest, the_kernels_word_on_who_listens_is_used) {
  if (!root()) GTEST_SKIP() << "needs root, to listen as another";
  const test::ScriptedServer server(
      root_ / "s", [](test::Peer& peer) { peer.until_closed(); }, kOther);
  EXPECT_EQ(connect(server.path()), REEVE_OK) << "the directory is root's own";
  environment_.set("REEVE_DAEMON_UID", std::to_string(kOther));
  EXPECT_EQ(connect(server.path()), REEVE_OK);
  environment_.set("REEVE_DAEMON_UID", std::to_string(kThird));
  EXPECT_EQ(connect(server.path()), REEVE_UNTRUSTED);
  EXPECT_TRUE(server.calls().empty());
}

TEST_F(TrustTest, a_configured_uid_that_is_no_number_is_refused) {
  const test::ScriptedServer server(root_ / "s", [](test::Peer& peer) { peer.until_closed(); });
  for (const char* value : {"reeve", "-1", "0x0", " 0", "1 ", "99999999999"}) {
    environment_.set("REEVE_DAEMON_UID", value);
    EXPECT_EQ(connect(server.path()), REEVE_UNTRUSTED) << value;
  }
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace reeve::client
