#include "bind/pages/consent_pages.h"

namespace reeve {
namespace {

Html row(Html term, Html description) {
  return Html{"<div><dt>", term, "</dt><dd>", description, "</dd></div>\n"};
}

Html scope_list(const std::vector<std::string>& scopes) {
  if (scopes.empty()) return Html{"what the provider gives when nothing special is asked"};
  Html list{"<ul>"};
  for (const std::string& scope : scopes) list.add({"<li><code>", Text(scope), "</code></li>"});
  return list.add({"</ul>"});
}

Html details(const ConsentPage& page) {
  Html list{"<dl>\n"};
  list.add({row(Html{"Who asks"}, Html{"the agent ", name(page.workload)}),
            row(Html{"Where"}, name(page.provider)), row(Html{"It may"}, scope_list(page.scopes))});
  if (!page.resource.empty()) {
    list.add({row(Html{"Only at"}, Html{"<code>", Text(page.resource), "</code>"})});
  }
  list.add({row(Html{"For whom"}, name(page.user))});
  return list.add({"</dl>\n"});
}

Html time_left(int64_t minutes) {
  if (minutes <= 1) return Html{"<p class=\"small\">There is about a minute left to answer.</p>\n"};
  return Html{"<p class=\"small\">There are ", Text(std::to_string(minutes)),
              " minutes left to answer.</p>\n"};
}

}  // namespace

Answer sign_in_page(const SignInPage& page, const Secret& browser) {
  const std::string place = issuer_name(page.issuer);
  const Html at = place.empty() ? Html{} : Html{" at ", name(place)};
  Page out;
  out.title = "Sign in to continue";
  out.main.add({"<h1>Sign in", at, " to continue</h1>\n"});
  if (page.user.empty()) {
    out.main.add(
        {"<p>What stands here is for one person only. Show who you are, then you will see "
         "it.</p>\n"});
  } else {
    out.main.add({"<p>You are signed in as ", name(page.user),
                  ", but at another place. This needs your sign-in", at, ".</p>\n"});
  }
  Form form;
  form.action = "/signin";
  form.hidden = {{"next", page.next}};
  if (!page.issuer.empty()) form.hidden.emplace_back("issuer", page.issuer);
  form.buttons = Html{"<button>Sign in</button>"};
  out.main.add({render(form, browser),
                "<p class=\"small\">Signing in lends nothing to anybody. You decide after that."
                "</p>\n"});
  if (!page.user.empty()) out.who = render(Who{page.user, page.next}, browser);
  out.forms = true;
  return render(out);
}

Answer wrong_user_page(const std::string& user, const std::string& next, const Secret& browser) {
  Page out;
  out.status = 403;
  out.title = "This link is for somebody else";
  Form form;
  form.action = "/signin";
  form.hidden = {{"next", next}, {"other_user", "yes"}};
  form.buttons = Html{"<button>Sign in as somebody else</button>"};
  out.main.add({"<h1>This link is for somebody else</h1>\n<p>You are ", name(user),
                ", and the agent's question was not made for you. Nothing was shared.</p>\n"
                "<p>If somebody sent you this link, close this page. If it is yours and you have "
                "another account, sign in with that one.</p>\n",
                render(form, browser)});
  out.who = render(Who{user, next}, browser);
  return render(out);
}

Answer consent_page(const ConsentPage& page, const std::string& path, const Secret& browser) {
  Page out;
  out.title = "May " + page.workload + " use " + page.provider + "?";
  Form form;
  form.action = path;
  form.hidden = {{"digest", page.digest}};
  form.buttons = Html{
      "<button name=\"action\" value=\"continue\">Continue</button>\n"
      "<button name=\"action\" value=\"decline\">Decline</button>"};
  out.main.add(
      {"<h1>May ", name(page.workload), " use ", name(page.provider), " for you?</h1>\n",
       details(page), "<section class=\"phrase\" aria-labelledby=\"phrase\">\n",
       "<h2 id=\"phrase\">Compare these words</h2>\n<p class=\"words\">", Text(page.phrase),
       "</p>\n<p>The agent shows you the same. If it does not, or if you did not ask it for ",
       "anything, decline.</p>\n</section>\n", "<p>If you continue, ", name(page.provider),
       " asks you to sign in there and to agree. Then you come back and see which account ",
       "it is, before anything counts.</p>\n", render(form, browser),
       time_left(page.minutes_left)});
  out.who = render(Who{page.user, path}, browser);
  return render(out);
}

}  // namespace reeve
