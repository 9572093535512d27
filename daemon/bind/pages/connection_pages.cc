#include "bind/pages/connection_pages.h"

#include <ctime>

namespace reeve {
namespace {

Html day(int64_t unix_seconds) {
  const auto seconds = static_cast<time_t>(unix_seconds);
  std::tm parts{};
  char text[16] = "";
  if (::gmtime_r(&seconds, &parts) == nullptr) return Html{"?"};
  if (std::strftime(text, sizeof text, "%Y-%m-%d", &parts) == 0) return Html{"?"};
  return Html{"<time>", Text(text), "</time>"};
}

Html card(const ConnectionRow& row, const Secret& browser) {
  Form form;
  form.action = "/connections";
  form.hidden = {{"grant", row.grant}};
  form.buttons = Html{"<button aria-label=\"Disconnect ", Text(row.workload), " from ",
                      Text(row.provider), "\">Disconnect</button>"};
  Html html{"<li>\n<h2>", name(row.workload), " uses "};
  if (!row.account.empty()) html.add({name(row.account), " at "});
  html.add({name(row.provider), "</h2>\n"});
  if (!row.scopes.empty()) {
    html.add({"<ul class=\"scopes\">"});
    for (const std::string& scope : row.scopes) {
      html.add({"<li><code>", Text(scope), "</code></li>"});
    }
    html.add({"</ul>\n"});
  }
  html.add({"<p class=\"small\">Since ", day(row.created_at)});
  if (row.used_at) html.add({", last used ", day(*row.used_at)});
  return html.add({".</p>\n", render(form, browser), "</li>\n"});
}

}  // namespace

Answer connections_page(const std::string& user, const std::vector<ConnectionRow>& rows,
                        const Secret& browser) {
  Page out;
  out.title = "Your connections";
  out.main.add({"<h1>Your connections</h1>\n"});
  if (rows.empty()) {
    out.main.add({"<p>Nothing is connected: no agent may act for you anywhere.</p>\n"});
  } else {
    out.main.add(
        {"<p>These agents may act for you. If you end one, its access is given back at the "
         "provider, and the agent has to ask you again.</p>\n<ul class=\"cards\">\n"});
    for (const ConnectionRow& row : rows) out.main.add({card(row, browser)});
    out.main.add({"</ul>\n"});
  }
  out.who = render(Who{user, ""}, browser);
  out.forms = true;
  return render(out);
}

}  // namespace reeve
