#include "bind/pages/consent_pages.h"

namespace reeve {
namespace {

Html row(Html term, Html description) {
  return Html{"<div><dt>", term, "</dt><dd>", description, "</dd></div>\n"};
}

Html scope_list(const Look& look, const std::vector<std::string>& scopes) {
  if (scopes.empty()) return look.say(Say::it_may_default);
  Html list{"<ul class=\"scopes\">"};
  for (const std::string& scope : scopes) list.add({"<li><code>", Text(scope), "</code></li>"});
  return list.add({"</ul>"});
}

Html details(const Look& look, const ConsentPage& page) {
  const Html agent = look.say(Say::who_asks_value, {{"agent", name(page.workload)}});
  Html list{"<dl>\n"};
  list.add({row(look.say(Say::who_asks), agent), row(look.say(Say::where), name(page.provider)),
            row(look.say(Say::it_may), scope_list(look, page.scopes))});
  if (!page.resource.empty()) {
    list.add({row(look.say(Say::only_at), Html{"<code>", Text(page.resource), "</code>"})});
  }
  list.add({row(look.say(Say::for_whom), name(page.user))});
  return list.add({"</dl>\n"});
}

Html phrase(const Look& look, const std::string& words) {
  return Html{"<section class=\"phrase\" aria-labelledby=\"phrase\">\n<h2 id=\"phrase\">",
              look.say(Say::phrase_heading),
              "</h2>\n<p class=\"words\" translate=\"no\">",
              Text(words),
              "</p>\n",
              paragraph(look.say(Say::phrase_text)),
              "</section>\n"};
}

Html why_sign_in(const Look& look, const SignInPage& page, const std::string& place) {
  if (page.user.empty()) return look.say(page.ended ? Say::sign_in_ended : Say::sign_in_why);
  const Slot user{"user", name(page.user)};
  if (place.empty()) return look.say(Say::sign_in_elsewhere, {user});
  return look.say(Say::sign_in_elsewhere_at, {user, {"place", name(place)}});
}

}  // namespace

Answer sign_in_page(const Look& look, const SignInPage& page, const Secret& browser) {
  const std::string place = issuer_name(page.issuer);
  Page out;
  out.title = look.say(Say::sign_in_heading);
  const Html first =
      place.empty() ? out.title : look.say(Say::sign_in_heading_at, {{"place", name(place)}});
  Form form;
  form.action = "/signin";
  form.hidden = {{"next", page.next}};
  if (!page.issuer.empty()) form.hidden.emplace_back("issuer", page.issuer);
  form.buttons = Html{"<button>", look.say(Say::sign_in_button), "</button>"};
  out.main = Html{heading(first), paragraph(why_sign_in(look, page, place)), render(form, browser),
                  small(look.say(Say::sign_in_note))};
  if (!page.user.empty()) out.who = render(look, Who{page.user, page.next}, browser);
  out.forms = true;
  return render(look, out);
}

Answer unix_sign_in_page(const Look& look, const UnixSignInPage& page, const Secret& browser) {
  Page out;
  out.title = look.say(Say::sign_in_heading);
  Form form;
  form.action = "/signin/unix";
  form.hidden = {{"code", page.code}, {"next", page.next}};
  form.buttons = Html{"<button>", look.say(Say::sign_in_button), "</button>"};
  out.main = Html{heading(out.title), paragraph(look.say(Say::unix_text)), render(form, browser),
                  small(look.say(Say::sign_in_note))};
  out.forms = true;
  return render(look, out);
}

Answer unix_advice_page(const Look& look, const std::string& url) {
  Page out;
  out.title = look.say(Say::sign_in_heading);
  out.main = Html{heading(out.title),
                  paragraph(look.say(Say::unix_advice)),
                  "<p class=\"words\" translate=\"no\"><code>reeve sign-in ",
                  Text(url, 4096),
                  "</code></p>\n",
                  small(look.say(Say::sign_in_note))};
  return render(look, out);
}

Answer wrong_user_page(const Look& look, const std::string& user, const std::string& next,
                       const Secret& browser) {
  Page out;
  out.status = 403;
  out.title = look.say(Say::wrong_user_heading);
  Form form;
  form.action = "/signin";
  form.hidden = {{"next", next}, {"other_user", "yes"}};
  form.buttons = Html{"<button>", look.say(Say::wrong_user_button), "</button>"};
  out.main =
      Html{heading(out.title), paragraph(look.say(Say::wrong_user_text, {{"user", name(user)}})),
           paragraph(look.say(Say::wrong_user_advice)), render(form, browser)};
  out.who = render(look, Who{user, next}, browser);
  return render(look, out);
}

Answer consent_page(const Look& look, const ConsentPage& page, const std::string& path,
                    const Secret& browser) {
  Page out;
  out.title = look.say(Say::consent_title, {{"agent", plain_name(page.workload)},
                                            {"provider", plain_name(page.provider)}});
  Form form;
  form.action = path;
  form.hidden = {{"digest", page.digest}};
  form.buttons = Html{"<button name=\"action\" value=\"continue\">", look.say(Say::continue_button),
                      "</button>\n<button name=\"action\" value=\"decline\">",
                      look.say(Say::decline_button), "</button>"};
  const Slot agent{"agent", name(page.workload)}, provider{"provider", name(page.provider)};
  out.main = Html{heading(look.say(Say::consent_heading, {agent, provider})),
                  details(look, page),
                  phrase(look, page.phrase),
                  paragraph(look.say(Say::what_follows, {provider})),
                  render(form, browser),
                  small(look.words.minutes(Say::time_left_one, Say::time_left, page.minutes_left))};
  out.who = render(look, Who{page.user, path}, browser);
  return render(look, out);
}

}  // namespace reeve
