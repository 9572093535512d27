#include "bind/desk.h"

#include "base/log.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"
#include "bind/pages/page.h"
#include "crypto/random.h"

namespace reeve {
namespace {

using Failure = BindingReply::Failure;

// The id for the cookie's name; empty: there is none to be had.
std::string id_of_flow(const Json& out, std::string_view url) {
  const std::string& given = out.text("flow_id");
  if (!given.empty()) return opaque(given, 8) && given.size() == 8 ? given : std::string();
  const size_t mark = url.find('?');
  if (mark == std::string_view::npos) return {};
  const std::string_view query = url.substr(mark + 1);
  const auto fields = Fields::parse(query.substr(0, query.find('#')));
  const std::string* state = fields ? fields->find("state") : nullptr;
  return state == nullptr ? std::string() : flow_id(*state);
}

}  // namespace

Answer failure_answer(const Look& look, const BindingReply& reply) {
  switch (reply.failure) {
    case Failure::ticket: return ticket_answer(look, reply.reason);
    case Failure::refused: return refused_answer(look);
    case Failure::not_signed_in: return see_other("/connections");
    case Failure::unavailable:
    case Failure::timeout: return later_answer(look, 503, reply.retry_after);
    case Failure::limit: return later_answer(look, 429, reply.retry_after);
    case Failure::none:
    case Failure::other: break;
  }
  return error_answer(look, 500);
}

Browser browser_of(Visit& visit) {
  Browser browser;
  browser.fresh = visit.cookies.browser.empty();
  browser.secret = browser.fresh ? random_token() : std::move(visit.cookies.browser);
  return browser;
}

Answer with_browser(Answer answer, const Browser& browser) {
  if (browser.fresh) answer.headers.emplace_back("Set-Cookie", set_browser_cookie(browser.secret));
  return answer;
}

BindingCall call_for(std::string method, const Secret& browser, const Visit& visit) {
  BindingCall call(std::move(method));
  call.with("browser", browser.reveal());
  if (!visit.peer.address.empty())
    call.with("address", visit.peer.address).with("port", visit.peer.port);
  return call;
}

Answer leave_with_flow(const Look& look, const BindingReply& reply) {
  const std::string& url = reply.out.text("authorize_url");
  const std::string& flow = reply.out.text("flow");
  const std::string id = id_of_flow(reply.out, url);
  if (host_of(url).empty() || id.empty() || !flow_shaped(flow)) {
    log(Level::error, "reeved gave a redirect that cannot be followed");
    return error_answer(look, 500);
  }
  Answer answer = leave_page(look, url);
  answer.headers.emplace_back("Set-Cookie", set_flow_cookie(id, flow));
  return answer;
}

std::optional<std::string> some(const Json& out, std::string_view name) {
  const std::string& text = out.text(name);
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace reeve
