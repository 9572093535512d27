#include "bind/pages/outcome_pages.h"

#include <algorithm>

#include "bind/pages/error_pages.h"

namespace reeve {
namespace {

Html agent_of(const Look& look, const OutcomePage& page) {
  return page.workload.empty() ? look.say(Say::the_agent) : name(page.workload);
}

Html provider_of(const Look& look, const OutcomePage& page) {
  return page.provider.empty() ? look.say(Say::the_provider) : name(page.provider);
}

Html granted(const Look& look, const OutcomePage& page) {
  const Slot agent{"agent", agent_of(look, page)};
  if (page.provider.empty()) return look.say(Say::granted_text_bare, {agent});
  const Slot provider{"provider", name(page.provider)};
  if (page.account.empty()) return look.say(Say::granted_text_unknown, {agent, provider});
  return look.say(Say::granted_text, {agent, {"account", name(page.account)}, provider});
}

struct Ending {
  std::string_view outcome;
  Say heading, text;
};
constexpr Ending kEndings[] = {
    {"declined", Say::declined_heading, Say::declined_text},
    {"refused", Say::refused_heading, Say::refused_text},
    {"expired", Say::expired_heading, Say::expired_text},
    {"failed", Say::failed_heading, Say::failed_text},
};

const Ending& ending_of(const std::string& outcome) {
  const auto* found = std::find_if(std::begin(kEndings), std::end(kEndings),
                                   [&](const Ending& each) { return each.outcome == outcome; });
  return found == std::end(kEndings) ? *(std::end(kEndings) - 1) : *found;
}

// What reeved says of a failure that a person can do something about (its consent_reason.h); the
// rest is the provider's own word, or says no more than the page.
struct Why {
  std::string_view reason;
  Say text;
  bool names_provider;
};
constexpr Why kWhys[] = {
    {"account_domain", Say::failed_domain, false},
    {"step_up", Say::failed_sign_in, false},
    {"unreachable", Say::failed_unreachable, true},
    {"network", Say::failed_unreachable, true},
    {"malformed_answer", Say::failed_answer, true},
    {"invalid_answer", Say::failed_answer, true},
    {"iss", Say::failed_answer, true},
};

Html why(const Look& look, const OutcomePage& page) {
  if (page.reason.empty() || ending_of(page.outcome).outcome != "failed") return {};
  const Slot provider{"provider", provider_of(look, page)};
  for (const Why& each : kWhys) {
    if (each.reason != page.reason) continue;
    return each.names_provider ? look.say(each.text, {provider}) : look.say(each.text);
  }
  const Html reason{"<code>", Text(page.reason), "</code>"};
  return look.say(Say::failed_said, {provider, {"reason", reason}});
}

Html accounts(const std::vector<std::string>& list) {
  Html html;
  for (const std::string& account : list) {
    if (!html.empty()) html.add({", "});
    html.add({name(account)});
  }
  return html;
}

Html question(const Look& look, const OutcomePage& page) {
  if (page.user.empty()) return look.say(Say::confirm_title);
  const Slot provider{"provider", provider_of(look, page)}, user{"user", name(page.user)};
  if (page.account.empty()) return look.say(Say::confirm_heading_unknown, {provider, user});
  return look.say(Say::confirm_heading, {{"account", name(page.account)}, provider, user});
}

}  // namespace

Answer outcome_page(const Look& look, const OutcomePage& page, const Secret& browser) {
  Page out;
  if (page.outcome == "granted") {
    out.title = look.say(Say::granted_heading);
    const Slot link{"connections", connections_link(look)};
    out.main = Html{heading(out.title), paragraph(granted(look, page)),
                    paragraph(look.say(Say::granted_next, {link}))};
  } else {
    const Ending& ending = ending_of(page.outcome);
    out.title = look.say(ending.heading);
    out.main = Html{heading(out.title), paragraph(look.say(ending.text))};
    const Html reason = why(look, page);
    if (!reason.empty()) out.main.add({"<p class=\"note\">", reason, "</p>\n"});
  }
  if (!page.user.empty() && !browser.empty()) {
    out.who = render(look, Who{page.user, ""}, browser);
  }
  return render(look, out);
}

Answer confirm_page(const Look& look, const OutcomePage& page, const std::string& path,
                    const Secret& browser) {
  Page out;
  out.title = look.say(Say::confirm_title);
  Form form;
  form.action = path;
  form.buttons = Html{"<button name=\"accept\" value=\"yes\">", look.say(Say::confirm_yes),
                      "</button>\n<button name=\"accept\" value=\"no\">", look.say(Say::confirm_no),
                      "</button>"};
  const Slot agent{"agent", agent_of(look, page)};
  out.main = Html{heading(question(look, page))};
  if (!page.other_accounts.empty()) {
    const Html others = look.say(Say::confirm_others, {agent,
                                                       {"accounts", accounts(page.other_accounts)},
                                                       {"provider", provider_of(look, page)}});
    out.main.add({"<p class=\"note\">", others, "</p>\n"});
  }
  out.main.add({paragraph(look.say(Say::confirm_text, {agent})), render(form, browser),
                small(look.say(Say::confirm_note))});
  if (!page.user.empty()) out.who = render(look, Who{page.user, ""}, browser);
  out.forms = true;
  return render(look, out);
}

Answer waiting_page(const Look& look) {
  Page out;
  out.title = look.say(Say::waiting_heading);
  out.main = Html{heading(out.title), paragraph(look.say(Say::waiting_text))};
  Answer answer = render(look, out);
  answer.headers.emplace_back("Refresh", "3");
  return answer;
}

Answer leave_page(const Look& look, const std::string& url) {
  const std::string host = host_of(url);
  if (host.empty()) return error_answer(look, 500);
  Page out;
  out.title = look.say(Say::leave_title, {{"host", plain_name(host)}});
  out.main = Html{heading(look.say(Say::leave_heading)),
                  paragraph(look.say(Say::leave_text, {{"host", name(host)}})),
                  "<p><a class=\"button\" href=\"",
                  Text(url, url.size()),
                  "\">",
                  look.say(Say::leave_button),
                  "</a></p>\n"};
  Answer answer = render(look, out);
  answer.headers.emplace_back("Refresh", "0;url=" + url);
  return answer;
}

Answer home_page(const Look& look) {
  Page out;
  out.title = look.say(Say::home_heading);
  const Slot link{"connections", connections_link(look)};
  out.main = Html{heading(out.title), paragraph(look.say(Say::home_text, {link}))};
  return render(look, out);
}

Answer signed_out_page(const Look& look) {
  Page out;
  out.title = look.say(Say::signed_out_heading);
  out.main = Html{heading(out.title), paragraph(look.say(Say::signed_out_text))};
  return render(look, out);
}

}  // namespace reeve
