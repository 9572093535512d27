// The languages: each has every text with the same places to fill, and the header chooses among
// them.
#include "bind/words.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"

namespace reeve {
namespace {

std::multiset<std::string> places(std::string_view text) {
  std::multiset<std::string> names;
  for (size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    names.emplace(text.substr(at, text.find('}', at) - at + 1));
  }
  return names;
}

TEST(Words, every_language_has_every_text_with_the_same_places_to_fill) {
  ASSERT_EQ(all_messages.front().language, "en");
  for (const Messages& messages : all_messages) {
    for (size_t key = 0; key < say_count; ++key) {
      const std::string where = std::string(messages.language) + ": " + std::string(say_names[key]);
      EXPECT_FALSE(messages.texts[key].empty()) << where;
      EXPECT_TRUE(valid_utf8(messages.texts[key])) << where;
      EXPECT_EQ(places(messages.texts[key]), places(all_messages.front().texts[key])) << where;
      EXPECT_EQ(messages.texts[key].find('<'), std::string_view::npos) << where;
    }
  }
}

TEST(Words, no_language_forgot_to_translate) {
  const std::set<Say> alike{Say::date};  // may be the same in two languages
  for (const Messages& messages : all_messages) {
    size_t same = 0;
    if (messages.language == "en") continue;
    for (size_t key = 0; key < say_count; ++key) {
      const bool may =
          alike.contains(static_cast<Say>(key)) || say_names[key].starts_with("month_");
      if (!may && messages.texts[key] == all_messages.front().texts[key]) ++same;
    }
    EXPECT_EQ(same, 0u) << messages.language;
  }
}

TEST(Words, the_header_chooses_the_language) {
  const std::pair<const char*, const char*> cases[] = {{"", "en"},
                                                       {"de", "de"},
                                                       {"de-AT", "de"},
                                                       {"DE_AT", "en"},
                                                       {"FR-ca", "fr"},
                                                       {"es;q=0.5, fr;q=0.7", "fr"},
                                                       {"fr;q=0.5,es;q=0.7", "es"},
                                                       {"pt, de;q=0.1", "de"},
                                                       {"pt, it", "en"},
                                                       {"de, en", "de"},
                                                       {"en, de", "en"},
                                                       {"de;q=0, en;q=0.1", "en"},
                                                       {"de;q=0", "en"},
                                                       {"*", "en"},
                                                       {"de;q=1.000", "de"},
                                                       {"de;q=0.001", "de"},
                                                       {"de;q=2", "en"},
                                                       {"de;q=0.0001", "en"},
                                                       {"de;q=x", "en"},
                                                       {"de;level=1", "en"},
                                                       {",,;;,de", "de"},
                                                       {" de ;  q=0.9 ", "de"},
                                                       {"\xFF\xFE, fr", "fr"}};
  for (const auto& [header, language] : cases) {
    EXPECT_EQ(Words::for_header(header).language(), language) << header;
  }
}

TEST(Words, a_header_of_any_length_is_read_no_further_than_its_beginning) {
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "xx,";
  EXPECT_EQ(Words::for_header(many + "de").language(), "en");
  EXPECT_EQ(Words::for_header("de," + many).language(), "de");
}

TEST(Words, what_is_filled_in_is_kept_and_what_stands_around_it_is_escaped) {
  const Words words;
  EXPECT_EQ(words.say(Say::who, {{"user", Html{Text("<b>")}}}).str(), "You are &lt;b&gt;.");
}

TEST(Words, days_are_written_as_people_do) {
  const int64_t day = 1764028800;  // 2025-11-25
  EXPECT_EQ(Words().day(day).str(), "<time datetime=\"2025-11-25\">25 November 2025</time>");
  EXPECT_EQ(Words::for_header("de").day(day).str(),
            "<time datetime=\"2025-11-25\">25. November 2025</time>");
  EXPECT_EQ(Words::for_header("es").day(day).str(),
            "<time datetime=\"2025-11-25\">25 de noviembre de 2025</time>");
  EXPECT_EQ(Words().day(INT64_MAX).str(), "?");
  EXPECT_EQ(Words().day(INT64_MIN).str(), "?");
}

TEST(Words, one_minute_is_not_several) {
  EXPECT_EQ(Words().minutes(Say::time_left_one, Say::time_left, 1).str(),
            "There is about a minute left to answer.");
  EXPECT_EQ(Words().minutes(Say::time_left_one, Say::time_left, 9).str(),
            "There are 9 minutes left to answer.");
}

}  // namespace
}  // namespace reeve
