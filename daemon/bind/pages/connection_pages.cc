#include "bind/pages/connection_pages.h"

#include <algorithm>

namespace reeve {
namespace {

Html code_list(const std::vector<std::string>& list) {
  Html html;
  for (const std::string& item : list) {
    if (!html.empty()) html.add({" "});
    html.add({"<code>", Text(item), "</code>"});
  }
  return html;
}

Html scopes_of(const Look& look, const ConnectionRow& row) {
  if (row.scopes.empty()) return {};
  Html html{"<p class=\"small\">", look.say(Say::connection_may), "</p>\n<ul class=\"scopes\">"};
  for (const std::string& scope : row.scopes) html.add({"<li><code>", Text(scope), "</code></li>"});
  return html.add({"</ul>\n"});
}

Html used(const Look& look, const ConnectionRow& row) {
  if (!row.used_at) return look.say(Say::connection_unused);
  const Slot date{"date", look.words.day(*row.used_at)};
  if (row.used_by.empty()) return look.say(Say::connection_used, {date});
  return look.say(Say::connection_used_by, {date, {"agent", name(row.used_by)}});
}

Html title_of(const Look& look, const ConnectionRow& row) {
  const Slot agent{"agent", name(row.workload)}, provider{"provider", name(row.provider)};
  if (row.account.empty()) return look.say(Say::connection_heading_unknown, {agent, provider});
  return look.say(Say::connection_heading, {agent, {"account", name(row.account)}, provider});
}

// What the button does, for who does not see where it stands.
Html label_of(const Look& look, const ConnectionRow& row) {
  const Slot agent{"agent", plain_name(row.workload)},
      provider{"provider", plain_name(row.provider)};
  if (row.account.empty()) return look.say(Say::disconnect_label, {agent, provider});
  return look.say(Say::disconnect_label_account,
                  {agent, {"account", plain_name(row.account)}, provider});
}

Html card(const Look& look, const ConnectionRow& row, const Secret& browser) {
  Form form;
  form.action = "/connections";
  form.hidden = {{"grant", row.grant}};
  form.buttons = Html{"<button aria-label=\"", label_of(look, row), "\">",
                      look.say(Say::disconnect_button), "</button>"};
  Html html{"<li>\n<h2>", title_of(look, row), "</h2>\n", scopes_of(look, row)};
  if (!row.resources.empty()) {
    html.add({small(look.say(Say::connection_only_at, {{"resources", code_list(row.resources)}}))});
  }
  const Slot date{"date", look.words.day(row.created_at)};
  html.add({small(Html{look.say(Say::connection_since, {date}), " ", used(look, row)})});
  if (row.ended) html.add({"<p class=\"note\">", look.say(Say::connection_ended), "</p>\n"});
  return html.add({render(form, browser), "</li>\n"});
}

// Behind a second press, without script.
Html all_of_them(const Look& look, const Secret& browser) {
  Form form;
  form.action = "/connections";
  form.hidden = {{"all", "yes"}};
  form.buttons = Html{"<button>", look.say(Say::disconnect_all_yes), "</button>"};
  return Html{"<details>\n<summary>", look.say(Say::disconnect_all),
              "</summary>\n",         paragraph(look.say(Say::disconnect_all_text)),
              render(form, browser),  "</details>\n"};
}

Html said(const Look& look, const DisconnectedRow& row) {
  const Slot provider{"provider", name(row.provider)};
  if (row.said == "revoked") return look.say(Say::said_revoked, {provider});
  if (row.said == "no_endpoint") return look.say(Say::said_no_endpoint, {provider});
  if (row.said == "nothing") return look.say(Say::said_nothing, {provider});
  return look.say(Say::said_failed, {provider});
}

Html result(const Look& look, const DisconnectedRow& row) {
  if (!row.done) return paragraph(look.say(Say::not_disconnected));
  const Slot agent{"agent", name(row.workload)}, provider{"provider", name(row.provider)};
  Html html =
      paragraph(Html{look.say(Say::disconnected_text, {agent, provider}), " ", said(look, row)});
  if (row.for_good) return html.add({paragraph(look.say(Say::lent_for_good))});
  if (!row.minutes_left) return html;
  return html.add(
      {paragraph(look.words.minutes(Say::lent_until_one, Say::lent_until, *row.minutes_left))});
}

Say title_of(const std::vector<DisconnectedRow>& rows, bool all) {
  const bool done = std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.done; });
  if (!done) return Say::error_500_heading;
  return all ? Say::disconnected_all_heading : Say::disconnected_heading;
}

}  // namespace

Answer connections_page(const Look& look, const std::string& user,
                        const std::vector<ConnectionRow>& rows, const Secret& browser) {
  Page out;
  out.title = look.say(Say::your_connections);
  out.main = heading(out.title);
  if (rows.empty()) {
    out.main.add({paragraph(look.say(Say::connections_none))});
  } else {
    out.main.add({paragraph(look.say(Say::connections_text)), "<ul class=\"cards\">\n"});
    for (const ConnectionRow& row : rows) out.main.add({card(look, row, browser)});
    out.main.add({"</ul>\n"});
  }
  if (rows.size() > 1) out.main.add({all_of_them(look, browser)});
  out.who = render(look, Who{user, ""}, browser);
  out.forms = true;
  return render(look, out);
}

Answer disconnected_page(const Look& look, const std::vector<DisconnectedRow>& rows, bool all) {
  Page out;
  out.title = look.say(title_of(rows, all));
  out.main = heading(out.title);
  if (rows.empty()) out.main.add({paragraph(look.say(Say::disconnected_none))});
  for (const DisconnectedRow& row : rows) out.main.add({result(look, row)});
  out.main.add({"<p><a class=\"button\" href=\"/connections\">", look.say(Say::back_to_connections),
                "</a></p>\n"});
  return render(look, out);
}

}  // namespace reeve
