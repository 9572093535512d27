#include "bind/pages/error_pages.h"

#include <algorithm>

#include "bind/pages/page.h"

namespace reeve {
namespace {

struct Fault {
  int status;
  Say heading, text;
};
constexpr Fault kFaults[] = {
    {400, Say::error_400_heading, Say::error_400_text},
    {403, Say::error_403_heading, Say::error_403_text},
    {404, Say::error_404_heading, Say::error_404_text},
    {405, Say::error_405_heading, Say::error_405_text},
    {411, Say::error_405_heading, Say::error_411_text},
    {413, Say::error_413_heading, Say::error_413_text},
    {414, Say::error_413_heading, Say::error_414_text},
    {415, Say::error_405_heading, Say::error_415_text},
    {421, Say::error_421_heading, Say::error_421_text},
    {431, Say::error_413_heading, Say::error_431_text},
    {500, Say::error_500_heading, Say::error_500_text},
};

Answer short_page(const Look& look, int status, Say title, const Html& text) {
  Page page;
  page.status = status;
  page.title = look.say(title);
  page.main = Html{heading(page.title), text};
  return render(look, page);
}

}  // namespace

Answer error_answer(const Look& look, int status) {
  const auto* fault = std::find_if(std::begin(kFaults), std::end(kFaults),
                                   [status](const Fault& each) { return each.status == status; });
  if (fault == std::end(kFaults)) fault = std::end(kFaults) - 1;
  return short_page(look, fault->status, fault->heading, paragraph(look.say(fault->text)));
}

Answer stale_answer(const Look& look, std::string path) {
  return short_page(look, 403, Say::stale_heading,
                    Html{paragraph(look.say(Say::stale_text)), "<p><a class=\"button\" href=\"",
                         Text(path), "\">", look.say(Say::stale_button), "</a></p>\n"});
}

Answer ticket_answer(const Look& look, std::string_view reason) {
  if (reason == "expired") {
    return short_page(look, 410, Say::ticket_expired_heading,
                      paragraph(look.say(Say::ticket_expired_text)));
  }
  if (reason == "used") {
    const Html text = look.say(Say::ticket_used_text, {{"connections", connections_link(look)}});
    return short_page(look, 410, Say::ticket_used_heading, paragraph(text));
  }
  return short_page(look, 404, Say::ticket_unknown_heading,
                    paragraph(look.say(Say::ticket_unknown_text)));
}

Answer refused_answer(const Look& look) {
  return short_page(
      look, 403, Say::refused_heading,
      Html{paragraph(look.say(Say::stopped_text)), paragraph(look.say(Say::stopped_advice))});
}

Answer later_answer(const Look& look, int status, int64_t seconds) {
  Answer answer =
      status == 429
          ? short_page(look, 429, Say::crowded_heading, paragraph(look.say(Say::crowded_text)))
          : short_page(look, 503, Say::later_heading, paragraph(look.say(Say::later_text)));
  const int64_t wait = std::clamp<int64_t>(seconds, 1, 3600);
  answer.headers.emplace_back("Retry-After", std::to_string(wait));
  return answer;
}

}  // namespace reeve
