// Reading of JSON that json_check.h has found whole: find a member, walk a list, resolve a text's
// escapes. Nothing here allocates; a value is its text, a part of what it was found in.
#pragma once

#include <cstdint>
#include <string_view>

namespace reeve::client {

// What the text between two quotes stands for, byte by byte in UTF-8; -1 at its end.
class Letters final {
 public:
  explicit Letters(std::string_view between_quotes)
      : at_(between_quotes.data()), end_(at_ + between_quotes.size()) {}
  int next();

 private:
  unsigned unit();
  void spread(unsigned point);

  const char* at_;
  const char* end_;
  unsigned char more_[3] = {};  // the rest of a character that an escape stands for
  int left_ = 0;
};

// Like strcmp, of what two texts stand for.
int compare(std::string_view between_quotes, std::string_view other);

// Walks the members of an object or the elements of a list. key: between its quotes, empty in a
// list.
class Walk final {
 public:
  explicit Walk(std::string_view container);
  bool next(std::string_view& key, std::string_view& value);

 private:
  void blanks();
  std::string_view value();

  std::string_view text_;
  size_t at_ = 0;
  bool object_ = false;
};

// The value of an object's member; empty if it is absent or null.
std::string_view find(std::string_view object, std::string_view name);

inline bool is_text(std::string_view value) { return !value.empty() && value.front() == '"'; }
inline bool is_object(std::string_view value) { return !value.empty() && value.front() == '{'; }
inline bool is_list(std::string_view value) { return !value.empty() && value.front() == '['; }

// Writes what a text stands for, and a NUL, to `to`, which has room for the text with its quotes.
// False if a NUL is in it.
bool resolve(std::string_view value, char* to);

// False if it is no whole number of 64 bits.
bool whole_number(std::string_view value, int64_t& number);

}  // namespace reeve::client
