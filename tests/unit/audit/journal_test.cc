#include "audit/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <map>

#include "audit_world.h"

namespace reeve {
namespace {

class JournalTest : public test::AuditTest {
 protected:
  void SetUp() override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  }
  std::string socket_path() const { return directory_ / "j"; }
  // The next datagram's fields, as journald takes them apart; empty where there is none.
  std::map<std::string, std::string> next() const {
    std::string entry(size_t{1} << 16, '\0');
    const ssize_t got = ::recv(socket_.get(), entry.data(), entry.size(), MSG_DONTWAIT);
    std::map<std::string, std::string> fields;
    for (size_t at = 0; got > 0 && at < static_cast<size_t>(got);) {
      const size_t end = entry.find('\n', at);
      uint64_t length = 0;
      for (int i = 7; i >= 0; --i)
        length = length << 8 | static_cast<unsigned char>(entry[end + 1 + static_cast<size_t>(i)]);
      fields[entry.substr(at, end - at)] = entry.substr(end + 9, length);
      at = end + 9 + length;
      EXPECT_EQ(entry[at++], '\n');
    }
    return fields;
  }
  Fd socket_;
};

TEST_F(JournalTest, gets_each_record_with_fields_and_a_message_id) {
  {
    auto audit = open({}, socket_path());
    ASSERT_TRUE((*audit)->record(lent(render_actor({"bot", {{"uid", "7"}}, "agent"}))));
  }
  auto fields = next();
  EXPECT_EQ(fields["REEVE_EVENT"], "audit.started");
  fields = next();
  EXPECT_EQ(fields["REEVE_EVENT"], "token.lent");
  EXPECT_EQ(fields["MESSAGE_ID"], message_id("token.lent"));
  EXPECT_EQ(fields["MESSAGE_ID"].size(), 32u);
  EXPECT_EQ(fields["REEVE_USER_SUBJECT"], "alice\n\"");
  EXPECT_EQ(fields["REEVE_SEQUENCE"], "2");
  EXPECT_EQ(fields["PRIORITY"], "6");
  EXPECT_EQ(fields["MESSAGE"].find('\n'), std::string::npos);
  const auto lines = lines_of(text());
  EXPECT_EQ(fields["REEVE_RECORD"], lines[1]);
  EXPECT_EQ(next()["REEVE_EVENT"], "audit.stopped");
}

TEST_F(JournalTest, is_told_of_a_refused_flow_who_came_which_check_and_which_workload) {
  Event event;
  event.name = "flow.refused";
  event.outcome = "refused";
  event.reason = "wrong_user";
  event.workload = "bot";
  event.issuer = event.visitor_issuer = "https://login.example";
  event.subject = "alice";
  event.visitor_subject = "mallory\n";
  event.browser = "b1";
  event.consent = "c1";
  auto audit = open({}, socket_path());
  ASSERT_TRUE((*audit)->record(event));
  audit->reset();
  EXPECT_EQ(next()["REEVE_EVENT"], "audit.started");
  auto fields = next();
  const std::pair<const char*, const char*> told[] = {
      {"REEVE_EVENT", "flow.refused"},
      {"REEVE_REASON", "wrong_user"},
      {"REEVE_WORKLOAD", "bot"},
      {"REEVE_USER_SUBJECT", "alice"},
      {"REEVE_VISITOR_SUBJECT", "mallory\n"},
      {"REEVE_VISITOR_ISSUER", "https://login.example"},
      {"REEVE_BROWSER", "b1"},
      {"REEVE_CONSENT", "c1"},
      {"PRIORITY", "4"}};
  for (const auto& [name, value] : told) EXPECT_EQ(fields[name], value) << name;
  EXPECT_NE(fields["MESSAGE"].find("visitor mallory"), std::string::npos) << fields["MESSAGE"];
  EXPECT_EQ(fields["MESSAGE"].find('\n'), std::string::npos);
}

TEST_F(JournalTest, that_does_not_read_costs_copies_and_nothing_else) {
  auto audit = open({}, socket_path());
  for (int i = 0; i < 9000; ++i) ASSERT_TRUE((*audit)->record(lent()));
  EXPECT_GT((*audit)->journal_dropped(), 0u);
  (*audit).reset();
  EXPECT_TRUE(verify().valid);
}

TEST_F(JournalTest, that_is_not_there_is_not_counted) {
  const auto audit = open({}, directory_ / "nothing");
  ASSERT_TRUE((*audit)->record(lent()));
  EXPECT_EQ((*audit)->journal_dropped(), 0u);
}

}  // namespace
}  // namespace reeve
