// Every page is read back: well-formed, one h1, a title, no script, a token in each form; and says
// what it should.
#include <gtest/gtest.h>

#include <string_view>

#include "bind/pages/connection_pages.h"
#include "bind/pages/consent_pages.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"
#include "crypto/random.h"

namespace reeve {
namespace {

const std::string kEvil = "\"><script>alert(1)</script><img src=x onerror='x'>&\xE2\x80\xAE";

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// True if the tag has an attribute that acts or loads.
bool active(const std::string& tag) {
  bool quoted = false;
  for (size_t at = 0; at < tag.size(); ++at) {
    if (tag[at] == '"') quoted = !quoted;
    if (quoted || tag[at] != ' ') continue;
    for (const char* name : {" on", " style", " src"}) {
      if (tag.compare(at, std::string_view(name).size(), name) == 0) return true;
    }
  }
  return false;
}

// What is wrong with the markup, or empty. Knows the little that our pages use: lower-case tags,
// attributes in double quotes, three void elements.
std::string fault(const std::string& html) {
  std::vector<std::string> open;
  size_t at = html.find('>') + 1;  // after the doctype
  while ((at = html.find('<', at)) != html.npos) {
    const size_t end = html.find('>', at);
    if (end == html.npos) return "an open tag";
    std::string tag = html.substr(at + 1, end - at - 1);
    at = end + 1;
    if (count(tag, "\"") % 2 != 0 || tag.find('<') != tag.npos) return "quotes: " + tag;
    if (active(tag)) return "active: " + tag;
    const bool closing = tag.starts_with('/');
    const std::string element = tag.substr(closing, tag.find_first_of(" \n") - closing);
    if (element == "meta" || element == "link" || element == "input") continue;
    if (closing) {
      if (open.empty() || open.back() != element) return "closes " + element;
      open.pop_back();
    } else {
      open.push_back(element);
    }
  }
  return open.empty() ? "" : "never closes " + open.back();
}

std::string header(const Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return {};
}

void expect_sound(const Answer& answer, const std::string& language = "en") {
  const std::string& html = answer.body;
  EXPECT_EQ(fault(html), "") << html;
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>\n<html lang=\"" + language + "\">"));
  EXPECT_EQ(header(answer, "Content-Language"), language);
  EXPECT_EQ(header(answer, "Vary"), "Accept-Language");
  EXPECT_EQ(count(html, "<h1>"), 1u) << html;
  EXPECT_EQ(count(html, "<main>"), 1u);
  EXPECT_EQ(count(html, "<header>"), 1u);
  EXPECT_EQ(count(html, "<footer>"), 1u);
  EXPECT_EQ(count(html, "<title> - "), 0u);
  EXPECT_EQ(count(html, "<title>"), 1u);
  EXPECT_EQ(count(html, "<form"), count(html, "name=\"csrf\""));
  EXPECT_EQ(answer.forms, count(html, "<form") > 0);
  for (const char* never : {"<script", "<style", "<img", "<iframe", "javascript:"}) {
    EXPECT_EQ(count(html, never), 0u) << never << "\n" << html;
  }
}

bool says(const Answer& answer, std::string_view text) {
  return answer.body.find(text) != answer.body.npos;
}

class Pages : public testing::Test {
 protected:
  const Look look_;
  const Secret browser_ = random_token();
  const ConsentPage question_{"triage-bot",  "github",   "https://api.github.com", "alice",
                              "amber otter", "digest-1", {"repo", "read:user"},    9};
};

TEST_F(Pages, the_question_says_who_asks_for_what_where_and_for_whom) {
  const Answer answer = consent_page(look_, question_, "/connect/abc", browser_);
  expect_sound(answer);
  EXPECT_EQ(answer.status, 200);
  for (const char* text :
       {"triage-bot", "github", "https://api.github.com", "alice", "amber otter",
        "<li><code>repo</code></li>", "<li><code>read:user</code></li>", "9 minutes", "Not you?",
        "action=\"/connect/abc\"", "name=\"digest\" value=\"digest-1\"",
        "<button name=\"action\" value=\"continue\">Continue</button>",
        "<button name=\"action\" value=\"decline\">Decline</button>"}) {
    EXPECT_TRUE(says(answer, text)) << text;
  }
}

TEST_F(Pages, the_question_shows_foreign_texts_as_text) {
  const ConsentPage evil{kEvil, kEvil, kEvil, kEvil, kEvil, kEvil, {kEvil, kEvil}, 0};
  const Answer answer = consent_page(look_, evil, "/connect/abc", browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "&lt;script&gt;"));
  EXPECT_FALSE(says(answer, "\xE2\x80\xAE"));
}

TEST_F(Pages, a_question_without_scopes_or_resource_is_whole) {
  ConsentPage page = question_;
  page.scopes.clear();
  page.resource.clear();
  const Answer answer = consent_page(look_, page, "/connect/abc", browser_);
  expect_sound(answer);
  EXPECT_FALSE(says(answer, "Only at"));
}

TEST_F(Pages, sign_in_names_the_issuer_by_its_host) {
  const Answer answer =
      sign_in_page(look_, {"https://login.example.com/realm", "/connect/abc", ""}, browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "Sign in at <bdi class=\"name\">login.example.com</bdi> to continue"));
  EXPECT_TRUE(says(answer, "name=\"next\" value=\"/connect/abc\""));
  EXPECT_TRUE(says(answer, "name=\"issuer\" value=\"https://login.example.com/realm\""));
  EXPECT_FALSE(says(answer, "You are"));
}

TEST_F(Pages, sign_in_without_an_issuer_names_none) {
  const Answer answer = sign_in_page(look_, {"", "/connections", ""}, browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "<h1>Sign in to continue</h1>"));
  EXPECT_FALSE(says(answer, "name=\"issuer\""));
}

TEST_F(Pages, sign_in_elsewhere_says_who_one_is_so_far) {
  const Answer answer =
      sign_in_page(look_, {"https://b.example", "/connect/abc", "alice"}, browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "You are signed in as <bdi class=\"name\">alice</bdi>"));
}

TEST_F(Pages, a_wrong_user_learns_nothing_of_the_question) {
  const Answer answer = wrong_user_page(look_, "mallory", "/connect/abc", browser_);
  expect_sound(answer);
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(says(answer, "You are <bdi class=\"name\">mallory</bdi>"));
  EXPECT_TRUE(says(answer, "name=\"other_user\" value=\"yes\""));
  EXPECT_FALSE(says(answer, "Continue"));
}

TEST_F(Pages, confirm_names_account_provider_and_user) {
  const OutcomePage page{"confirm", "triage-bot", "github", "octo-alice", "alice", "", {}};
  const Answer answer = confirm_page(look_, page, "/done/h", browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer,
                   "Connect <bdi class=\"name\">octo-alice</bdi> at "
                   "<bdi class=\"name\">github</bdi> to <bdi class=\"name\">alice</bdi>?"));
  EXPECT_FALSE(says(answer, "already"));
  EXPECT_TRUE(says(answer, "name=\"accept\" value=\"yes\""));
  EXPECT_TRUE(says(answer, "name=\"accept\" value=\"no\""));
  EXPECT_TRUE(says(answer, "action=\"/done/h\""));
}

TEST_F(Pages, confirm_without_an_account_is_whole) {
  const OutcomePage page{"confirm", "", "github", "", "alice", "", {}};
  const Answer answer = confirm_page(look_, page, "/done/h", browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "Connect your account at"));
  expect_sound(confirm_page(look_, {"confirm", "", "", "", "", "", {}}, "/done/h", browser_));
}

// T15: a second account or a change of account does not go unnoticed.
TEST_F(Pages, confirm_names_what_is_connected_already) {
  const OutcomePage page{"confirm", "triage-bot",         "github", "octo-al", "alice",
                         "",        {"octo-alice", kEvil}};
  const Answer answer = confirm_page(look_, page, "/done/h", browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "has <bdi class=\"name\">octo-alice</bdi>, <bdi"));
  EXPECT_TRUE(says(answer, "That stays as it is, and this account comes beside it."));
}

TEST_F(Pages, a_failure_says_whose_word_it_is) {
  const auto failed = [&](const std::string& reason) {
    return outcome_page(look_, {"failed", "bot", "Files", "", "alice", reason, {}}, browser_);
  };
  EXPECT_TRUE(says(failed("unreachable"), "cannot be reached just now"));
  EXPECT_TRUE(says(failed("invalid_grant"), "said: <code>invalid_grant</code>"));
  EXPECT_FALSE(says(failed(""), "class=\"note\""));
}

TEST_F(Pages, each_outcome_has_its_words) {
  const std::pair<const char*, const char*> known[] = {
      {"granted", "<h1>Connected</h1>"},        {"declined", "<h1>Declined</h1>"},
      {"refused", "<h1>This was stopped</h1>"}, {"expired", "<h1>Too late</h1>"},
      {"failed", "<h1>It did not work</h1>"},   {"unheard-of", "<h1>It did not work</h1>"}};
  for (const auto& [outcome, heading] : known) {
    for (const std::string& text : {std::string(), std::string("plain"), kEvil}) {
      const Answer answer = outcome_page(look_, {outcome, text, text, text, text, text}, browser_);
      expect_sound(answer);
      EXPECT_TRUE(says(answer, heading)) << outcome;
    }
    expect_sound(outcome_page(look_, {outcome, "w", "p", "a", "u", ""}, Secret()));
  }
}

TEST_F(Pages, whoever_leaves_goes_on_without_script) {
  const std::string url = "https://idp.example/authorize?a=1&state=xyz";
  const Answer answer = leave_page(look_, url);
  expect_sound(answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.forms);
  EXPECT_EQ(header(answer, "Refresh"), "0;url=" + url);
  EXPECT_TRUE(says(answer, "href=\"https://idp.example/authorize?a=1&amp;state=xyz\""));
  EXPECT_TRUE(says(answer, "idp.example</bdi>"));
}

TEST_F(Pages, nobody_is_sent_to_what_is_no_web_address) {
  for (const char* url :
       {"", "/done/x", "javascript:alert(1)", "data:text/html,x", "https://a@evil.example/",
        "https://a.example/\r\nSet-Cookie: x", "https://a.example/\"x", "https://a.example/ x",
        "https://\xC3\xA4.example/", "//evil.example", "https://", "https:///x", "http:a"}) {
    const Answer answer = leave_page(look_, url);
    expect_sound(answer);
    EXPECT_EQ(answer.status, 500) << url;
    EXPECT_EQ(header(answer, "Refresh"), "") << url;
  }
}

TEST_F(Pages, waiting_loads_itself_again) {
  const Answer answer = waiting_page(look_);
  expect_sound(answer);
  EXPECT_EQ(header(answer, "Refresh"), "3");
}

TEST_F(Pages, connections_are_listed_each_with_its_end) {
  const std::vector<ConnectionRow> rows{
      {"grant-1",
       "triage-bot",
       "github",
       "octo-alice",
       "night-bot",
       {"repo"},
       {"https://api.x"},
       false,
       1764000000,
       1764086400},
      {"grant-2", kEvil, kEvil, "", kEvil, {}, {}, true, 0, std::nullopt}};
  const Answer answer = connections_page(look_, "alice", rows, browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "Connected on <time datetime=\"2025-11-24\">24 November 2025</time>."));
  EXPECT_TRUE(
      says(answer, "Last used on <time datetime=\"2025-11-25\">25 November 2025</time>, by "));
  EXPECT_TRUE(says(answer, "night-bot"));
  EXPECT_TRUE(says(answer, "Only at <code>https://api.x</code>."));
  EXPECT_TRUE(says(answer, "Not used yet."));
  EXPECT_TRUE(says(answer, "does not take it any more"));
  EXPECT_TRUE(says(answer, "name=\"all\" value=\"yes\""));
  EXPECT_TRUE(says(answer, "name=\"grant\" value=\"grant-1\""));
  EXPECT_TRUE(says(answer, "name=\"grant\" value=\"grant-2\""));
  EXPECT_TRUE(says(answer, "aria-label=\"Disconnect triage-bot from octo-alice at github\""));
}

TEST_F(Pages, no_connections_are_said_to_be_none) {
  const Answer answer = connections_page(look_, "alice", {}, browser_);
  expect_sound(answer);
  EXPECT_TRUE(says(answer, "Nothing is connected"));
}

TEST_F(Pages, connections_of_any_age_are_shown) {
  const std::vector<ConnectionRow> rows{
      {"g", "w", "p", "", "", {}, {}, false, INT64_MAX, INT64_MIN}};
  const Answer answer = connections_page(look_, "alice", rows, browser_);
  expect_sound(answer);
  EXPECT_FALSE(says(answer, "name=\"all\"")) << "one has its own button";
}

TEST_F(Pages, a_disconnect_tells_what_the_provider_said_and_what_still_lives) {
  const std::pair<DisconnectedRow, const char*> cases[] = {
      {{true, "bot", "Files", "revoked", std::nullopt, false}, "has confirmed it"},
      {{true, "bot", "Files", "no_endpoint", 12, false}, "cannot be told by us"},
      {{true, "bot", "Files", "no_endpoint", 12, false}, "for up to 12 minutes"},
      {{true, "bot", "Files", "nothing", std::nullopt, false}, "nothing left that"},
      {{true, "bot", "Files", "failed", 1, false}, "has not confirmed it"},
      {{true, "bot", "Files", "failed", 1, false}, "for about a minute"},
      {{true, "bot", "Files", "failed", 1, true}, "until the provider ends it"},
      {{true, kEvil, kEvil, kEvil, 1, true}, "may not use"},
      {{false, "", "", "", std::nullopt, false}, "Something went wrong"}};
  for (const auto& [row, words] : cases) {
    for (const bool all : {false, true}) {
      const Answer answer = disconnected_page(look_, {row}, all);
      expect_sound(answer);
      EXPECT_TRUE(says(answer, words)) << words;
    }
  }
  EXPECT_TRUE(says(disconnected_page(look_, {}, true), "nothing left to disconnect"));
}

TEST_F(Pages, every_page_speaks_every_language_under_the_operators_name) {
  Brand brand{"Caf\xC3\xA9 & Co", "help@example.com", {"image/png", "octets"}};
  const ConnectionRow row{"g", "w", "p", "a", "x", {"s"}, {"r"}, true, 1764000000, 1764086400};
  const DisconnectedRow end{true, "w", "p", "failed", 7, false};
  const OutcomePage asked{"confirm", "w", "p", "a", "u", "", {"b"}};
  for (const Messages& messages : all_messages) {
    const std::string language(messages.language);
    const Look look{Words(messages), &brand};
    std::vector<Answer> answers{
        consent_page(look, question_, "/connect/abc", browser_),
        sign_in_page(look, {"https://b.example", "/connect/abc", "alice"}, browser_),
        sign_in_page(look, {"", "/connect/abc", ""}, browser_),
        wrong_user_page(look, "mallory", "/connect/abc", browser_),
        confirm_page(look, asked, "/done/h", browser_),
        connections_page(look, "alice", {row, row}, browser_),
        connections_page(look, "alice", {}, browser_),
        disconnected_page(look, {end, end}, true),
        waiting_page(look),
        leave_page(look, "https://idp.example/a"),
        home_page(look),
        signed_out_page(look),
        refused_answer(look),
        stale_answer(look, "/connect/abc"),
        ticket_answer(look, "used"),
        ticket_answer(look, "expired"),
        ticket_answer(look, "unknown"),
        later_answer(look, 429, 5),
        later_answer(look, 503, 5)};
    for (const char* outcome : {"granted", "declined", "refused", "expired", "failed"})
      answers.push_back(outcome_page(look, {outcome, "w", "p", "a", "u", "r", {}}, browser_));
    for (const int status : {400, 403, 404, 405, 411, 413, 414, 415, 421, 431, 500})
      answers.push_back(error_answer(look, status));
    for (Answer& answer : answers) {
      EXPECT_EQ(count(answer.body, "<img src=\"/logo\" alt=\"\" height=\"32\">"), 1u);
      EXPECT_EQ(count(answer.body, "Caf\xC3\xA9 &amp; Co"), 2u) << "title and head";
      EXPECT_TRUE(says(answer, "<a href=\"mailto:help@example.com\">help@example.com</a>"));
      EXPECT_FALSE(says(answer, "{")) << answer.body;
      // The one picture there may be.
      answer.body.erase(answer.body.find("<img src=\"/logo\" alt=\"\" height=\"32\">"), 37);
      expect_sound(answer, language);
    }
  }
}

TEST_F(Pages, a_contact_is_a_link_only_where_it_is_one) {
  const auto foot = [](const std::string& contact) {
    const Brand brand{"", contact, {}};
    return home_page({Words(), &brand});
  };
  EXPECT_TRUE(says(foot("https://help.example.com/reeve"),
                   "<a href=\"https://help.example.com/reeve\">help.example.com</a>"));
  EXPECT_TRUE(says(foot("the help desk, room 7"), "Ask <bdi"));
  for (const char* odd : {"javascript:alert(1)", "a@b?cc=c@d", "http://help.example.com", "x y@z"})
    EXPECT_EQ(count(foot(odd).body, "<a "), 2u) << odd;
  expect_sound(foot(kEvil));
}

TEST_F(Pages, errors_have_their_status_and_a_sentence) {
  for (const int status : {400, 403, 404, 405, 411, 413, 414, 415, 421, 431, 500}) {
    const Answer answer = error_answer(look_, status);
    expect_sound(answer);
    EXPECT_EQ(answer.status, status);
  }
  EXPECT_EQ(error_answer(look_, 599).status, 500);
}

TEST_F(Pages, the_remaining_pages_are_whole) {
  for (const Answer& answer : {home_page(look_), signed_out_page(look_), refused_answer(look_),
                               stale_answer(look_, "/connect/abc"), ticket_answer(look_, "unknown"),
                               ticket_answer(look_, "used"), ticket_answer(look_, "expired"),
                               later_answer(look_, 503, 3), later_answer(look_, 429, 60)}) {
    expect_sound(answer);
  }
  EXPECT_EQ(ticket_answer(look_, "unknown").status, 404);
  EXPECT_EQ(ticket_answer(look_, "expired").status, 410);
  EXPECT_EQ(ticket_answer(look_, "used").status, 410);
}

TEST_F(Pages, later_says_when) {
  EXPECT_EQ(header(later_answer(look_, 503, 3), "Retry-After"), "3");
  EXPECT_EQ(header(later_answer(look_, 429, -5), "Retry-After"), "1");
  EXPECT_EQ(header(later_answer(look_, 429, INT64_MAX), "Retry-After"), "3600");
}

}  // namespace
}  // namespace reeve
