#include "bind/pages/outcome_pages.h"

#include "bind/pages/error_pages.h"

namespace reeve {
namespace {

Html account_at_provider(const OutcomePage& page) {
  if (page.provider.empty()) return Html{"the account"};
  if (page.account.empty()) return Html{"your account at ", name(page.provider)};
  return Html{name(page.account), " at ", name(page.provider)};
}

Html agent(const OutcomePage& page) {
  return page.workload.empty() ? Html{"The agent"} : name(page.workload);
}

Html granted(const OutcomePage& page) {
  return Html{
      "<h1>Connected</h1>\n<p>",
      agent(page),
      " may now use ",
      account_at_provider(page),
      " for you.</p>\n<p>You can close this page and go back to the agent. You can end it at ",
      "any time under <a href=\"/connections\">your connections</a>.</p>\n"};
}

Html not_granted(const OutcomePage& page) {
  if (page.outcome == "declined") {
    return Html{
        "<h1>Declined</h1>\n<p>Nothing was connected, and the agent has been told. You can "
        "close this page.</p>\n"};
  }
  if (page.outcome == "refused") {
    return Html{
        "<h1>This was stopped</h1>\n<p>A check did not hold, so nothing was connected. If "
        "you began it yourself, ask the agent for a new link. If somebody sent you here, "
        "close this page.</p>\n"};
  }
  if (page.outcome == "expired") {
    return Html{
        "<h1>Too late</h1>\n<p>The time to answer is over, and nothing was connected. Ask "
        "the agent again and it will give you a new link.</p>\n"};
  }
  return Html{
      "<h1>It did not work</h1>\n<p>Nothing was connected. You can ask the agent again; if "
      "it fails once more, tell the people who run this service.</p>\n"};
}

std::string title_of(const OutcomePage& page) {
  if (page.outcome == "granted") return "Connected";
  if (page.outcome == "declined") return "Declined";
  if (page.outcome == "refused") return "This was stopped";
  if (page.outcome == "expired") return "Too late";
  return "It did not work";
}

Html note(const std::string& reason) {
  if (reason.empty()) return {};
  return Html{"<p class=\"note\">", Text(reason), "</p>\n"};
}

}  // namespace

Answer outcome_page(const OutcomePage& page, const Secret& browser) {
  Page out;
  out.title = title_of(page);
  out.main = page.outcome == "granted" ? granted(page) : not_granted(page);
  out.main.add({note(page.reason)});
  if (!page.user.empty() && !browser.empty()) out.who = render(Who{page.user, ""}, browser);
  return render(out);
}

Answer confirm_page(const OutcomePage& page, const std::string& path, const Secret& browser) {
  Page out;
  out.title = "Is this the right account?";
  Form form;
  form.action = path;
  form.buttons = Html{
      "<button name=\"accept\" value=\"yes\">Yes, connect</button>\n"
      "<button name=\"accept\" value=\"no\">No, do not</button>"};
  out.main.add({"<h1>Connect ", account_at_provider(page)});
  if (!page.user.empty()) out.main.add({" to ", name(page.user)});
  out.main.add(
      {"?</h1>\n", note(page.reason), "<p>", agent(page),
       " will act with this account. Is it yours, and the one you meant?</p>\n",
       render(form, browser),
       "<p class=\"small\">Until you say yes, nothing is connected. If you say no, the access ",
       "is given back.</p>\n"});
  if (!page.user.empty()) out.who = render(Who{page.user, ""}, browser);
  out.forms = true;
  return render(out);
}

Answer waiting_page() {
  Page out;
  out.title = "Still working";
  out.main = Html{
      "<h1>Still working</h1>\n<p>The provider takes its time to answer. This page looks "
      "again by itself; if it does not, reload it.</p>\n"};
  Answer answer = render(out);
  answer.headers.emplace_back("Refresh", "3");
  return answer;
}

Answer leave_page(const std::string& url) {
  const std::string host = host_of(url);
  if (host.empty()) return error_answer(500);
  Page out;
  out.title = "On to " + host;
  out.main =
      Html{"<h1>One moment</h1>\n<p>You are on your way to ", name(host),
           ".</p>\n<p><a class=\"button\" href=\"", Text(url, url.size()), "\">Go on</a></p>\n"};
  Answer answer = render(out);
  answer.headers.emplace_back("Refresh", "0;url=" + url);
  return answer;
}

Answer home_page() {
  Page out;
  out.title = "Reeve";
  out.main = Html{
      "<h1>Nothing to decide here</h1>\n<p>When an agent wants to act for you somewhere, "
      "it gives you a link to a page here. What you have lent so far stands under "
      "<a href=\"/connections\">your connections</a>.</p>\n"};
  return render(out);
}

Answer signed_out_page() {
  Page out;
  out.title = "Signed out";
  out.main = Html{
      "<h1>Signed out</h1>\n<p>This browser is not signed in here any more. Where you "
      "signed in, you may still be. Your connections stay as they are.</p>\n"};
  return render(out);
}

}  // namespace reeve
