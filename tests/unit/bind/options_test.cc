#include "bind/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace reeve {
namespace {

Result<BindOptions> read(std::vector<std::string> words) {
  words.insert(words.begin(), "reeve-bind");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return read_options(static_cast<int>(words.size()), arguments.data());
}

TEST(BindOptions, are_read) {
  const auto options =
      read({"--url", "https://a.example", "--socket=/s", "--listen", "[::1]:1", "--name", "other"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->url, "https://a.example");
  EXPECT_EQ(options->socket, "/s");
  EXPECT_EQ(options->listen, "[::1]:1");
  EXPECT_EQ(options->name, "other");
}

TEST(BindOptions, have_defaults_and_reeved_tells_the_url) {
  const auto options = read({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->socket, "/run/reeve/bind.sock");
  EXPECT_EQ(options->listen, "127.0.0.1:8420");
  EXPECT_EQ(options->name, "main");
  EXPECT_EQ(options->url, "");
}

TEST(BindOptions, say_whose_service_it_is) {
  const auto options = read({"--url", "https://a.example", "--operator", "Example", "--logo=/l",
                             "--contact", "help@example.com"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->brand.operator_name, "Example");
  EXPECT_EQ(options->brand.contact, "help@example.com");
  EXPECT_EQ(options->logo, "/l");
  EXPECT_FALSE(read({"--url", "https://a.example", "--operator", "a\nb"}));
}

TEST(BindOptions, name_proxies_and_a_certificate_with_its_key) {
  const auto options = read(
      {"--proxy", "127.0.0.1", "--proxy=10.0.0.0/8", "--certificate=c", "--certificate-key", "/k"});
  ASSERT_TRUE(options);
  ASSERT_EQ(options->proxies.size(), 2U);
  EXPECT_EQ(options->proxies[1].bits, 8);
  EXPECT_EQ(options->certificate, "c");
  EXPECT_EQ(options->certificate_key, "/k");
  EXPECT_FALSE(read({"--proxy", "10.0.0.1/8"}));
  EXPECT_FALSE(read({"--certificate", "c"}));
  EXPECT_FALSE(read({"--certificate-key", "k"}));
}

TEST(BindOptions, are_help_and_version_too) {
  EXPECT_TRUE(read({"--help"})->help);
  EXPECT_TRUE(read({"--version"})->version);
}

TEST(BindOptions, refuse_what_they_do_not_know) {
  EXPECT_FALSE(read({"--url", "https://a.example", "--verbose"}));
  EXPECT_FALSE(read({"--url", "https://a.example", "word"}));
  EXPECT_FALSE(read({"--url"}));
}

}  // namespace
}  // namespace reeve
