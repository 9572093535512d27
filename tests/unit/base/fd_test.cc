#include "base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temp_dir.h"

namespace reeve {
namespace {

bool open_now(int number) { return ::fcntl(number, F_GETFD) >= 0; }

class FdTest : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(directory_ / "file", std::ios::binary) << text;
    return directory_ / "file";
  }
  test::TempDir directory_;
};

TEST_F(FdTest, is_closed_once_by_its_one_owner) {
  int number = -1;
  {
    Fd fd(::open("/dev/null", O_RDONLY));
    number = fd.get();
    ASSERT_TRUE(fd);
    Fd other(std::move(fd));
    EXPECT_FALSE(fd);
    EXPECT_EQ(fd.get(), -1);
    EXPECT_EQ(other.get(), number);
    Fd third;
    third = std::move(other);
    EXPECT_TRUE(open_now(number));
    Fd& same = third;
    third = std::move(same);
    EXPECT_TRUE(open_now(number));
  }
  EXPECT_FALSE(open_now(number));
}

TEST_F(FdTest, closes_what_it_held_before) {
  Fd fd(::open("/dev/null", O_RDONLY));
  const int first = fd.get();
  Fd other(::open("/dev/null", O_RDONLY));
  fd = std::move(other);
  EXPECT_FALSE(open_now(first));
  const int second = fd.release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(open_now(second));
  ::close(second);
  fd.reset();
}

TEST_F(FdTest, reads_a_whole_file_up_to_its_limit) {
  EXPECT_EQ(*read_file(write(""), 0), "");
  EXPECT_EQ(*read_file(write("abc"), 3), "abc");
  EXPECT_EQ(read_file(write("abcd"), 3).error().code, Code::limit);
  const std::string binary("\0\xff\n\0", 4);
  EXPECT_EQ(*read_file(write(binary), 4), binary);
  const std::string big(100'000, 'x');
  EXPECT_EQ(*read_file(write(big), big.size()), big);
  EXPECT_EQ(read_file(write(big), big.size() - 1).error().code, Code::limit);
}

TEST_F(FdTest, tells_an_absent_file_from_one_that_cannot_be_read) {
  const auto absent = read_file(directory_ / "absent", 10);
  EXPECT_EQ(absent.error().code, Code::not_found);
  EXPECT_NE(absent.error().text.find("absent"), std::string::npos);
  const auto directory = read_file(directory_.path(), 10);
  EXPECT_EQ(directory.error().code, Code::io);
}

TEST_F(FdTest, an_endless_file_ends_at_the_limit) {
  EXPECT_EQ(read_file("/dev/zero", 100'000).error().code, Code::limit);
}

TEST_F(FdTest, reads_a_pipe_from_where_it_stands) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Fd out(ends[0]), in(ends[1]);
  ASSERT_EQ(::write(in.get(), "xabc", 4), 4);
  char first = 0;
  ASSERT_EQ(::read(out.get(), &first, 1), 1);
  in.reset();
  EXPECT_EQ(*read_all(out.get(), 10, "pipe"), "abc");
  EXPECT_EQ(read_all(-1, 10, "nothing").error().text, "nothing: Bad file descriptor");
}

}  // namespace
}  // namespace reeve
