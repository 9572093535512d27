#include "fetch/options.h"

#include <getopt.h>
#include <gtest/gtest.h>

#include <vector>

namespace reeve {
namespace {

Result<Options> read(std::vector<std::string> words) {
  words.insert(words.begin(), "reeve-fetch");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::optind = 0;
  ::opterr = 0;
  return read_options(static_cast<int>(words.size()), pointers.data());
}

TEST(Options, are_read) {
  const auto options =
      read({"--socket", "/s", "--spool=/d", "--peer-uid", "1001", "--ca-file", "/c"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->socket, "/s");
  EXPECT_EQ(options->spool, "/d");
  EXPECT_EQ(options->ca_file, "/c");
  EXPECT_EQ(options->peer_uid, 1001u);
  EXPECT_TRUE(read({"--help"})->help);
  EXPECT_TRUE(read({"--version"})->version);
  EXPECT_FALSE(read({"--spool", "/d"})->peer_uid);
}

TEST(Options, take_a_peer_by_its_name) {
  const auto options = read({"--spool", "/d", "--peer-uid", "root"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->peer_uid, uid_t{0});
}

TEST(Options, refuse_what_they_do_not_know) {
  EXPECT_FALSE(read({}));
  EXPECT_FALSE(read({"--socket", "/s"}));
  EXPECT_FALSE(read({"--spool", "/d", "--other"}));
  EXPECT_FALSE(read({"--spool", "/d", "word"}));
  for (const char* uid : {"", "-1", "no-such-user", "1x", "0x1", "4294967295", "99999999999"}) {
    EXPECT_FALSE(read({"--spool", "/d", "--peer-uid", uid})) << uid;
  }
}

}  // namespace
}  // namespace reeve
