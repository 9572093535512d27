#include "bind/pages/page.h"

#include <algorithm>

#include "bind/csrf.h"

namespace reeve {
namespace {

Html head(const Look& look, const Page& page, std::string_view brand) {
  Html html{"<!DOCTYPE html>\n<html lang=\"", Text(look.words.language()), "\">\n<head>\n"};
  html.add({"<meta charset=\"utf-8\">\n<title>", page.title, " - ", Text(brand), "</title>\n"});
  return html.add(
      {"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n"
       "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n"});
}

// The name stands beside the picture, so the picture says nothing of its own.
Html brand_line(const Look& look, std::string_view brand) {
  Html html{"<p class=\"brand\">"};
  if (look.brand != nullptr && !look.brand->logo.octets.empty()) {
    html.add({"<img src=\"/logo\" alt=\"\" height=\"32\"> "});
  }
  return html.add({name(brand), "</p>\n"});
}

// A mail address or an https URL as a link, else as it is.
Html contact_link(const std::string& contact) {
  const bool words = contact.find(' ') != contact.npos;
  if (contact.starts_with("https://") && !host_of(contact).empty()) {
    return Html{"<a href=\"", Text(contact), "\">", Text(host_of(contact)), "</a>"};
  }
  const bool address =
      !words && contact.find('@') != contact.npos && contact.find_first_of("?&#:/") == contact.npos;
  if (address) return Html{"<a href=\"mailto:", Text(contact), "\">", Text(contact), "</a>"};
  return name(contact);
}

Html foot(const Look& look) {
  Html html{"<footer>\n<p>", look.say(Say::footer), "</p>\n<p><a href=\"/connections\">",
            look.say(Say::your_connections), "</a></p>\n"};
  if (look.brand != nullptr && !look.brand->contact.empty()) {
    html.add({paragraph(
        look.say(Say::footer_contact, {{"contact", contact_link(look.brand->contact)}}))});
  }
  return html.add({"</footer>\n"});
}

}  // namespace

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

Html render(const Look& look, const Who& who, const Secret& browser) {
  Form form;
  form.action = who.next.empty() ? "/signout" : "/signin";
  if (!who.next.empty()) form.hidden = {{"next", who.next}, {"other_user", "yes"}};
  const Say label = who.next.empty() ? Say::not_you_sign_out : Say::not_you;
  form.buttons = Html{"<button class=\"quiet\">", look.say(label), "</button>"};
  return Html{paragraph(look.say(Say::who, {{"user", name(who.user)}})), render(form, browser)};
}

Answer render(const Look& look, const Page& page) {
  const std::string_view brand = look.brand == nullptr ? "Reeve" : look.brand->name();
  Html html{head(look, page, brand), "<body>\n<header>\n", brand_line(look, brand)};
  if (!page.who.empty()) html.add({"<div class=\"who\">\n", page.who, "</div>\n"});
  html.add({"</header>\n<main>\n", page.main, "</main>\n", foot(look), "</body>\n</html>\n"});
  Answer answer;
  answer.status = page.status;
  answer.body = html.str();
  answer.forms = page.forms || !page.who.empty();
  answer.headers = {{"Content-Language", std::string(look.words.language())},
                    {"Vary", "Accept-Language"}};
  return answer;
}

Html heading(const Html& text) { return Html{"<h1>", text, "</h1>\n"}; }
Html paragraph(const Html& text) { return Html{"<p>", text, "</p>\n"}; }
Html small(const Html& text) { return Html{"<p class=\"small\">", text, "</p>\n"}; }
Html name(std::string_view text) { return Html{"<bdi class=\"name\">", Text(text), "</bdi>"}; }
Html plain_name(std::string_view text) { return Html{Text(text)}; }

Html connections_link(const Look& look) {
  return Html{"<a href=\"/connections\">", look.say(Say::connections_in_text), "</a>"};
}

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
