#include "config/secret_ref.h"

#include <sys/stat.h>
#include <unistd.h>

#include "config_fixture.h"

namespace reeve {
namespace {

class SecretRefTest : public testing::Test {
 protected:
  SecretRef file(const std::string& text, mode_t mode = 0600) {
    const std::string path = directory_.write("secret", text);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return {SecretRef::Kind::file, path};
  }
  static Code failure(const SecretRef& ref) {
    const auto secret = load_secret(ref);
    EXPECT_FALSE(secret);
    return secret ? Code::internal : secret.error().code;
  }
  TemporaryDirectory directory_;
};

TEST_F(SecretRefTest, loses_one_trailing_newline_only) {
  EXPECT_EQ(load_secret(file("abc"))->reveal(), "abc");
  EXPECT_EQ(load_secret(file("abc\n"))->reveal(), "abc");
  EXPECT_EQ(load_secret(file("abc\n\n"))->reveal(), "abc\n");
  EXPECT_EQ(load_secret_bytes(file("abc\n"))->reveal(), "abc\n");
}

TEST_F(SecretRefTest, refuses_a_file_that_others_may_use) {
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610}) {
    EXPECT_EQ(failure(file("abc", mode)), Code::denied) << mode;
  }
  EXPECT_TRUE(load_secret(file("abc", 0400)));
}

TEST_F(SecretRefTest, refuses_a_file_of_somebody_else) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const SecretRef ref = file("abc");
  ASSERT_EQ(::chown(ref.name.c_str(), 12345, 12345), 0);
  EXPECT_EQ(failure(ref), Code::denied);
}

TEST_F(SecretRefTest, refuses_what_is_no_regular_file) {
  const SecretRef real = file("abc");
  const std::string link = directory_.path() + "/link";
  ASSERT_EQ(::symlink(real.name.c_str(), link.c_str()), 0);
  EXPECT_EQ(failure({SecretRef::Kind::file, link}), Code::denied);
  const std::string fifo = directory_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(failure({SecretRef::Kind::file, fifo}), Code::denied);
  EXPECT_EQ(failure({SecretRef::Kind::file, directory_.path()}), Code::denied);
}

TEST_F(SecretRefTest, refuses_empty_absent_and_huge_files) {
  EXPECT_EQ(failure(file("")), Code::invalid);
  EXPECT_EQ(failure(file("\n")), Code::invalid);
  EXPECT_EQ(failure(file(std::string(100000, 'x'))), Code::limit);
  EXPECT_EQ(failure({SecretRef::Kind::file, directory_.path() + "/none"}), Code::not_found);
  EXPECT_EQ(failure({SecretRef::Kind::file, "relative"}), Code::invalid);
}

TEST_F(SecretRefTest, reads_credentials_of_systemd_whatever_their_mode) {
  const SecretRef ref{SecretRef::Kind::credential, "secret"};
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(failure(ref), Code::not_found);
  ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
  EXPECT_EQ(failure(ref), Code::not_found);
  file("abc\n", 0440);
  EXPECT_EQ(load_secret(ref)->reveal(), "abc");
  for (const char* name : {"", ".", "..", "../secret", "/etc/passwd"}) {
    EXPECT_EQ(failure({SecretRef::Kind::credential, name}), Code::invalid) << name;
  }
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(SecretRefTest, never_shows_the_secret_in_an_error) {
  const auto secret = load_secret(file("hunter2", 0644));
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().text.find("hunter2"), std::string::npos);
  EXPECT_NE(secret.error().text.find(directory_.path()), std::string::npos);
}

}  // namespace
}  // namespace reeve
