#include "session/phrase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace reeve {
namespace {

TEST(Phrase, is_three_plain_words) {
  std::set<std::string> words, phrases;
  for (int i = 0; i < 3000; ++i) {
    const std::string phrase = random_phrase();
    phrases.insert(phrase);
    EXPECT_EQ(std::count(phrase.begin(), phrase.end(), '-'), 2) << phrase;
    size_t start = 0;
    for (size_t end = 0; end != std::string::npos; start = end + 1) {
      end = phrase.find('-', start);
      const std::string word = phrase.substr(start, end - start);
      EXPECT_GE(word.size(), 3u) << phrase;
      EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos) << phrase;
      words.insert(word);
      if (end == std::string::npos) break;
    }
  }
  EXPECT_EQ(words.size(), 256u) << "each octet has a word of its own";
  EXPECT_GT(phrases.size(), 2990u);
}

}  // namespace
}  // namespace reeve
