#include "bind/certificate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reeve {
namespace {

class CertificateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/reeve-certificate.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    std::ofstream(directory_ / "chain") << "CHAIN";
    std::ofstream(directory_ / "key") << "KEY";
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(directory_);
  }

  std::filesystem::path directory_;
};

TEST_F(CertificateTest, is_read_from_files) {
  const auto read = read_certificate(directory_ / "chain", directory_ / "key");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->chain, "CHAIN");
  EXPECT_EQ(read->key.reveal(), "KEY");
}

TEST_F(CertificateTest, or_from_credentials_of_the_unit) {
  ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  const auto read = read_certificate("chain", "key");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key.reveal(), "KEY");
}

TEST_F(CertificateTest, that_is_missing_is_named) {
  const auto no_unit = read_certificate("chain", "key");
  ASSERT_FALSE(no_unit);
  EXPECT_EQ(no_unit.error().text,
            "--certificate: expected the path of a file; the unit has no credential chain "
            "(LoadCredential=)");
  const auto absent = read_certificate(directory_ / "chain", directory_ / "none");
  ASSERT_FALSE(absent);
  EXPECT_TRUE(absent.error().text.starts_with("--certificate-key: ")) << absent.error().text;
}

}  // namespace
}  // namespace reeve
