#include "fetch/spool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "web_server.h"

namespace reeve {
namespace {

using Names = std::vector<std::string>;

const std::string kId = "abcdefghijklmnop";
const std::string kOther = "ABCDEFGHIJ_-0123456789";

class SpoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<Spool> open() {
    auto spool = Spool::open(path_);
    EXPECT_TRUE(spool) << (spool ? "" : spool.error().text);
    return spool ? std::move(*spool) : nullptr;
  }
  Names files() const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryDirectory directory_;
  std::string path_ = directory_ / "spool";
};

TEST(FetchId, has_16_to_64_plain_characters) {
  for (const std::string& id : {kId, kOther, std::string(16, '-'), std::string(64, '_')}) {
    EXPECT_TRUE(is_fetch_id(id)) << id;
  }
  for (const std::string& id :
       {std::string(), std::string(15, 'a'), std::string(65, 'a'),
        std::string("../../../../../etc"), std::string("abcdefghijklmnop/"),
        std::string("abcdefghijklmnop."), std::string(16, '\0'), std::string("abcdefghijklmno\n"),
        std::string("abcdefghijklmn\xc3\xa4")}) {
    EXPECT_FALSE(is_fetch_id(id)) << id;
  }
}

TEST_F(SpoolTest, keeps_an_answer_over_a_restart) {
  auto spool = open();
  EXPECT_TRUE(spool->reserve(kId, 1000));
  EXPECT_EQ(std::filesystem::file_size(path_ + "/" + kId + ".part"), 1000u);
  EXPECT_TRUE(spool->store(kId, "sealed"));
  EXPECT_EQ(files(), (Names{kId, "epoch"}));
  spool.reset();
  spool = open();
  EXPECT_EQ(spool->answered(), Names{kId});
  EXPECT_EQ(spool->begun(), Names{});
  const auto sealed = spool->read(kId);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(*sealed, "sealed");
}

TEST_F(SpoolTest, stores_answers_larger_than_the_room) {
  const auto spool = open();
  ASSERT_TRUE(spool->reserve(kId, 0));
  const std::string large(100'000, 'x');
  ASSERT_TRUE(spool->store(kId, large));
  EXPECT_EQ(*spool->read(kId), large);
}

TEST_F(SpoolTest, knows_a_begun_request_over_a_restart) {
  auto spool = open();
  ASSERT_TRUE(spool->reserve(kId, 1000));
  ASSERT_TRUE(spool->reserve(kOther, 1000));
  spool->release(kOther);
  EXPECT_EQ(std::filesystem::file_size(path_ + "/" + kOther + ".part"), 0u);
  spool.reset();
  spool = open();
  EXPECT_EQ(spool->begun(), (Names{kOther, kId}));
  EXPECT_EQ(spool->reserve(kId, 10).error().code, Code::conflict);
  spool->erase(kId);
  spool->erase(kOther);
  spool->erase(kOther);
  EXPECT_EQ(files(), Names{"epoch"});
}

TEST_F(SpoolTest, keeps_its_epoch_until_it_is_emptied) {
  auto spool = open();
  const std::string first = spool->epoch();
  EXPECT_EQ(first.size(), 32u);
  spool.reset();
  spool = open();
  EXPECT_EQ(spool->epoch(), first);
  spool.reset();
  std::filesystem::remove_all(path_);
  spool = open();
  const std::string second = spool->epoch();
  EXPECT_NE(second, first);
  spool.reset();
  std::ofstream(path_ + "/epoch") << "broken";
  spool = open();
  EXPECT_NE(spool->epoch(), second);
  EXPECT_EQ(spool->epoch().size(), 32u);
}

TEST_F(SpoolTest, belongs_to_one_process) {
  const auto spool = open();
  const auto second = Spool::open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
}

TEST_F(SpoolTest, is_open_to_nobody_else) {
  open();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  ASSERT_EQ(::chmod(path_.c_str(), 0750), 0);
  EXPECT_EQ(Spool::open(path_).error().code, Code::denied);
  EXPECT_FALSE(Spool::open(directory_ / "no/such"));
  std::ofstream(directory_ / "file") << "x";
  EXPECT_FALSE(Spool::open(directory_ / "file"));
}

TEST_F(SpoolTest, takes_no_notice_of_other_files) {
  open();
  for (const char* name :
       {"short", "short.part", "epoch.part", "abcdefghijklmnop.tmp", ".hidden-hidden-hidden"}) {
    std::ofstream(path_ + "/" + name) << "x";
  }
  const auto spool = open();
  EXPECT_EQ(spool->answered(), Names{});
  EXPECT_EQ(spool->begun(), Names{});
}

TEST_F(SpoolTest, follows_no_symbolic_link) {
  const auto spool = open();
  std::ofstream(directory_ / "outside") << "x";
  std::filesystem::create_symlink(directory_ / "outside", path_ + "/" + kId);
  EXPECT_FALSE(spool->read(kId));
  std::filesystem::create_symlink(directory_ / "outside", path_ + "/" + kOther + ".part");
  EXPECT_FALSE(spool->store(kOther, "y"));
}

TEST_F(SpoolTest, says_so_when_there_is_no_room) {
  const auto spool = open();
  const auto reserved = spool->reserve(kId, int64_t{1} << 60);
  ASSERT_FALSE(reserved);
  EXPECT_EQ(files(), Names{"epoch"});
}

}  // namespace
}  // namespace reeve
