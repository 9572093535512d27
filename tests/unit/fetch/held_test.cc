#include "fetch/held.h"

#include <filesystem>

#include "base/encoding.h"
#include "crypto/box.h"
#include "fetching.h"

namespace reeve {
namespace {

using test::request;
using Names = std::vector<std::string>;

const std::string kId = "abcdefghijklmnop";
const std::string kOther = "ponmlkjihgfedcba";

class HeldTest : public test::Fetching {
 protected:
  HeldTest() { restart(); }

  // As a new process would: what the spool says is all that is known.
  void restart(size_t most = 10) {
    held_.reset();
    // What was begun on the thread pool still uses the old spool.
    test::drain_pool(loop_);
    spool_.reset();
    auto spool = Spool::open(path_);
    ASSERT_TRUE(spool) << spool.error().text;
    spool_ = std::move(*spool);
    held_.emplace(loop_, transport_, *spool_, most);
  }
  void begin(const std::string& id, FetchRequest wanted) {
    held_->begin(id, keys_.public_key(), std::move(wanted), *slots_.take());
  }
  HeldOutcome join(const std::string& id) { return test::run(loop_, held_->join(id)); }
  // "REASON sent", or the sealed answer as "STATUS BODY".
  std::string told(const HeldOutcome& outcome) {
    if (const auto* const failure = std::get_if<FetchFailure>(&outcome)) {
      return test::told(FetchOutcome(*failure));
    }
    const auto plain = keys_.open(*std::get_if<std::string>(&outcome));
    if (!plain) return "not sealed to us";
    const auto json = parse_json(plain->reveal());
    if (!json) return "no JSON";
    return std::to_string(json->integer("status").value_or(0)) + " " +
           base64url_decode(json->text("body")).value_or("no body");
  }
  std::string joined(const std::string& id) { return told(join(id)); }
  bool on_disk(const std::string& name) const {
    return std::filesystem::exists(path_ + "/" + name);
  }
  // A path of this test's own, so that its requests can be counted.
  std::string own(const std::string& path) const {
    return path + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  test::TemporaryDirectory directory_;
  std::string path_ = directory_ / "spool";
  SealKeys keys_ = SealKeys::random();
  Slots slots_{10};
  std::unique_ptr<Spool> spool_;
  std::optional<Held> held_;
};

TEST_F(HeldTest, seals_the_answer_and_keeps_it_until_it_is_acknowledged) {
  begin(kId, request("POST", web_.http("/")));
  EXPECT_EQ(held_->ids(), Names{kId}) << "running";
  EXPECT_EQ(joined(kId), "200 ok");
  EXPECT_EQ(held_->ids(), Names{kId});
  EXPECT_TRUE(on_disk(kId));
  EXPECT_FALSE(on_disk(kId + ".part"));
  held_->acknowledge(kId);
  EXPECT_EQ(held_->ids(), Names{});
  EXPECT_FALSE(held_->knows(kId));
  EXPECT_FALSE(on_disk(kId));
  held_->acknowledge(kId);
}

TEST_F(HeldTest, writes_only_what_is_sealed) {
  auto wanted = request("POST", web_.http("/echo"));
  wanted.body = Secret(std::string("s3cret-refresh-token"));
  begin(kId, std::move(wanted));
  join(kId);
  auto stored = read_file(path_ + "/" + kId, 100'000);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->find("s3cret"), std::string::npos);
  EXPECT_EQ(SealKeys::random().open(*stored), std::nullopt);
}

Task<void> join_into(Held& held, std::string id, int& joined) {
  const HeldOutcome outcome = co_await held.join(id);
  if (std::holds_alternative<std::string>(outcome)) ++joined;
}

TEST_F(HeldTest, lets_any_number_join_and_sends_once) {
  begin(kId, request("POST", web_.http(own("/slow/100"))));
  int count = 0;
  TaskSet tasks(loop_);
  for (int i = 0; i < 20; ++i) tasks.spawn(join_into(*held_, kId, count));
  EXPECT_EQ(joined(kId), "200 late");
  while (count != 20) test::run(loop_, sleep(loop_, 1));
  EXPECT_EQ(joined(kId), "200 late") << "from the spool";
  EXPECT_EQ(this->count(own("/slow/100")), "200 1");
}

TEST_F(HeldTest, goes_on_when_whoever_asked_is_gone) {
  begin(kId, request("POST", web_.http("/slow/100")));
  {
    int count = 0;
    TaskSet tasks(loop_);
    tasks.spawn(join_into(*held_, kId, count));
    loop_.turn();
  }
  EXPECT_EQ(held_->running(), 1u);
  bool idle = false;
  held_->when_idle([&] {
    idle = true;
    loop_.stop();
  });
  while (!idle) loop_.run();
  EXPECT_TRUE(on_disk(kId));
  EXPECT_EQ(joined(kId), "200 late");
}

TEST_F(HeldTest, gives_an_answer_over_a_restart_and_never_sends_again) {
  begin(kId, request("POST", web_.http(own("/a"))));
  EXPECT_EQ(joined(kId), "200 ok");
  const std::string epoch = held_->epoch();
  restart();
  EXPECT_EQ(held_->epoch(), epoch);
  EXPECT_EQ(held_->ids(), Names{kId});
  EXPECT_TRUE(held_->knows(kId));
  EXPECT_EQ(joined(kId), "200 ok");
  EXPECT_EQ(count(own("/a")), "200 1");
}

TEST_F(HeldTest, says_lost_of_what_ran_when_the_process_died) {
  begin(kId, request("POST", web_.http("/slow/20000")));
  while (!on_disk(kId + ".part")) test::run(loop_, sleep(loop_, 1));
  restart();
  EXPECT_EQ(held_->ids(), Names{}) << "there is no answer to adopt";
  EXPECT_TRUE(held_->knows(kId)) << "and it is not sent again";
  EXPECT_EQ(joined(kId), "lost sent");
  held_->acknowledge(kId);
  EXPECT_FALSE(held_->knows(kId));
  restart();
  EXPECT_FALSE(held_->knows(kId));
}

TEST_F(HeldTest, marks_the_request_before_it_is_sent) {
  begin(kId, request("POST", web_.http(own("/slow/100"))));
  while (count(own("/slow/100")) == "200 0") test::run(loop_, sleep(loop_, 1));
  EXPECT_TRUE(on_disk(kId + ".part"));
}

TEST_F(HeldTest, forgets_what_surely_was_not_sent) {
  auto refused = request("POST", web_.https("good", "/"));
  refused.limits.private_addresses = refused.limits.loopback_http = false;
  begin(kId, std::move(refused));
  EXPECT_EQ(joined(kId), "address unsent");
  EXPECT_FALSE(held_->knows(kId));
  EXPECT_FALSE(on_disk(kId + ".part"));
  begin(kId, request("POST", web_.http("/")));
  EXPECT_EQ(joined(kId), "200 ok");
}

TEST_F(HeldTest, sends_no_second_time_what_may_have_arrived) {
  begin(kId, request("POST", web_.http("/raw/nothing")));
  EXPECT_EQ(joined(kId), "protocol sent");
  EXPECT_TRUE(held_->knows(kId));
  EXPECT_EQ(held_->ids(), Names{});
  EXPECT_EQ(joined(kId), "protocol sent");
  restart();
  EXPECT_EQ(joined(kId), "lost sent");
}

TEST_F(HeldTest, does_not_keep_what_was_acknowledged_while_it_ran) {
  begin(kId, request("POST", web_.http("/slow/50")));
  held_->acknowledge(kId);
  EXPECT_EQ(held_->ids(), Names{});
  EXPECT_TRUE(held_->knows(kId)) << "nor sends it again meanwhile";
  EXPECT_EQ(joined(kId), "200 late");
  EXPECT_FALSE(held_->knows(kId));
  EXPECT_FALSE(on_disk(kId));
}

TEST_F(HeldTest, has_room_for_so_many_and_forgets_the_oldest_lost_one_first) {
  restart(2);
  begin(kId, request("POST", web_.http("/raw/nothing")));
  join(kId);
  EXPECT_TRUE(held_->make_room());
  begin(kOther, request("POST", web_.http("/")));
  join(kOther);
  EXPECT_TRUE(held_->make_room());
  EXPECT_FALSE(held_->knows(kId));
  EXPECT_FALSE(on_disk(kId + ".part"));
  begin(kId, request("POST", web_.http("/")));
  join(kId);
  EXPECT_FALSE(held_->make_room()) << "answers are not forgotten";
  EXPECT_EQ(held_->ids(), (Names{kId, kOther}));
}

TEST_F(HeldTest, sends_nothing_when_the_spool_has_no_room) {
  std::filesystem::remove_all(path_);
  begin(kId, request("POST", web_.http(own("/a"))));
  EXPECT_EQ(joined(kId), "spool unsent");
  EXPECT_FALSE(held_->knows(kId));
  EXPECT_EQ(count(own("/a")), "200 0");
}

TEST_F(HeldTest, gives_out_an_answer_that_the_spool_could_not_take) {
  begin(kId, request("POST", web_.http(own("/slow/200"))));
  while (count(own("/slow/200")) == "200 0") test::run(loop_, sleep(loop_, 1));
  std::filesystem::remove_all(path_);
  EXPECT_EQ(joined(kId), "200 late");
  EXPECT_EQ(joined(kId), "200 late");
  held_->acknowledge(kId);
  EXPECT_FALSE(held_->knows(kId));
}

TEST_F(HeldTest, gives_its_place_back_when_it_has_ended) {
  begin(kId, request("POST", web_.http("/slow/50")));
  std::vector<Slots::Slot> others;
  while (auto slot = slots_.take()) others.push_back(std::move(*slot));
  EXPECT_EQ(others.size(), 9u);
  join(kId);
  test::run(loop_, sleep(loop_, 1));
  EXPECT_TRUE(slots_.take());
}

TEST_F(HeldTest, can_be_dropped_at_any_moment) {
  for (int turns = 0; turns < 20; ++turns) {
    const std::string id = kId + std::to_string(turns);
    begin(id, request("POST", web_.http("/")));
    for (int i = 0; i < turns; ++i) loop_.turn();
    restart(100);
    EXPECT_LE(held_->ids().size(), 21u);
  }
}

}  // namespace
}  // namespace reeve
