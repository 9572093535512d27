#include "bind/pages/error_pages.h"

#include <algorithm>

#include "bind/pages/page.h"

namespace reeve {
namespace {

struct Words {
  int status;
  std::string_view title, text;
};
constexpr Words kWords[] = {
    {400, "This address is not complete",
     "Something in the request was not as it should be, so nothing was done. Open the link again "
     "from where you were given it."},
    {403, "Not from here",
     "This request came from another site, or was not made by opening the page. Nothing was done."},
    {404, "There is nothing here", "Check that the whole link was opened."},
    {405, "Not in this way", "This address cannot be opened like that. Nothing was done."},
    {411, "Not in this way", "This request was sent in a way that is not taken here."},
    {413, "Too much", "More was sent than is taken here. Nothing was done."},
    {414, "Too much", "The address is longer than is taken here. Nothing was done."},
    {415, "Not in this way", "Only the forms of these pages are taken here. Nothing was done."},
    {421, "Another address",
     "This service answers under its own name only. Open the link as you were given it."},
    {431, "Too much", "The browser sent more than is taken here. Clearing its cookies may help."},
    {500, "Something went wrong", "Nothing was connected. Please try again."},
};

Answer short_page(int status, std::string_view title, const Html& main) {
  Page page;
  page.status = status;
  page.title = title;
  page.main = Html{"<h1>", Text(title), "</h1>\n", main};
  return render(page);
}

}  // namespace

Answer error_answer(int status) {
  const auto* words = std::find_if(std::begin(kWords), std::end(kWords),
                                   [status](const Words& each) { return each.status == status; });
  if (words == std::end(kWords)) words = std::end(kWords) - 1;
  return short_page(words->status, words->title, Html{"<p>", Text(words->text), "</p>\n"});
}

Answer stale_answer(std::string path) {
  return short_page(403, "Please look again",
                    Html{"<p>This page is not up to date: perhaps you signed in meanwhile in "
                         "another tab, or your browser does not keep cookies. Nothing was done."
                         "</p>\n<p><a class=\"button\" href=\"",
                         Text(path), "\">Look again</a></p>\n"});
}

Answer ticket_answer(std::string_view reason) {
  if (reason == "expired") {
    return short_page(410, "This link is too old",
                      Html{"<p>Such a link is good for ten minutes. Nothing was connected. Ask the "
                           "agent again and it will give you a new one.</p>\n"});
  }
  if (reason == "used") {
    return short_page(410, "This link was used already",
                      Html{"<p>Each link is good for one answer. If it was not you who answered, "
                           "look at your connections.</p>\n"});
  }
  return short_page(
      404, "This link is not known",
      Html{"<p>Check that the whole link was opened. It may also have been made before "
           "the service was set up anew: then ask the agent again.</p>\n"});
}

Answer refused_answer() {
  return short_page(403, "This was stopped",
                    Html{"<p>The person and the browser that begin must also finish, and something "
                         "here did not fit. To be safe, nothing was connected.</p>\n"
                         "<p>If you began it yourself, ask the agent for a new link and open it in "
                         "this browser. If somebody sent you here, close this page.</p>\n"});
}

Answer later_answer(int status, int64_t seconds) {
  Answer answer =
      status == 429
          ? short_page(429, "Too many at once",
                       Html{"<p>There have been many questions in a short time. Please wait a "
                            "little, then try again.</p>\n"})
          : short_page(503, "Please try again in a moment",
                       Html{"<p>The service that keeps your connections does not answer right now. "
                            "Nothing was changed.</p>\n"});
  const int64_t wait = std::clamp<int64_t>(seconds, 1, 3600);
  answer.headers.emplace_back("Retry-After", std::to_string(wait));
  return answer;
}

}  // namespace reeve
