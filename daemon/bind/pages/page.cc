#include "bind/pages/page.h"

#include <algorithm>

#include "bind/csrf.h"

namespace reeve {

Html render(const Form& form, const Secret& browser) {
  Html html{"<form method=\"post\" action=\"", Text(form.action), "\">\n"};
  html.add({"<input type=\"hidden\" name=\"csrf\" value=\"", Text(csrf_token(browser, form.action)),
            "\">\n"});
  for (const auto& [key, value] : form.hidden) {
    html.add(
        {"<input type=\"hidden\" name=\"", Text(key), "\" value=\"", Text(value, 4096), "\">\n"});
  }
  return html.add({"<p class=\"buttons\">", form.buttons, "</p>\n</form>\n"});
}

Html render(const Who& who, const Secret& browser) {
  Form form;
  form.action = who.next.empty() ? "/signout" : "/signin";
  if (!who.next.empty()) form.hidden = {{"next", who.next}, {"other_user", "yes"}};
  form.buttons = who.next.empty() ? Html{"<button class=\"quiet\">Not you? Sign out</button>"}
                                  : Html{"<button class=\"quiet\">Not you?</button>"};
  return Html{"<p>You are ", name(who.user), ".</p>\n", render(form, browser)};
}

Answer render(const Page& page) {
  Html html{"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
            Text(page.title),
            " - Reeve</title>\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n"
            "<header>\n<p class=\"brand\">Reeve</p>\n"};
  if (!page.who.empty()) html.add({"<div class=\"who\">\n", page.who, "</div>\n"});
  html.add({"</header>\n<main>\n", page.main,
            "</main>\n<footer>\n<p>Reeve keeps the access that people lend to agents. "
            "<a href=\"/connections\">Your connections</a></p>\n</footer>\n</body>\n</html>\n"});
  Answer answer;
  answer.status = page.status;
  answer.body = html.str();
  answer.forms = page.forms || !page.who.empty();
  return answer;
}

Html name(std::string_view text) { return Html{"<bdi class=\"name\">", Text(text), "</bdi>"}; }

std::string host_of(std::string_view url) {
  const bool sound = url.size() <= 8192 && std::all_of(url.begin(), url.end(), [](char c) {
                       return c > 0x20 && c < 0x7F &&
                              std::string_view("\"<>\\`").find(c) == std::string_view::npos;
                     });
  if (!sound) return {};
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    return host.find('@') == host.npos ? std::string(host) : std::string();
  }
  return {};
}

std::string issuer_name(std::string_view issuer) {
  std::string host = host_of(issuer);
  return host.empty() ? std::string(issuer) : host;
}

}  // namespace reeve
