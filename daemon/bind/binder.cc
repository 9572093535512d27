#include "bind/binder.h"

#include "bind/connect.h"
#include "bind/connections.h"
#include "bind/issuer_logout.h"
#include "bind/outcome.h"
#include "bind/pages/error_pages.h"
#include "bind/pages/outcome_pages.h"
#include "bind/sign_in.h"
#include "bind/style.h"

namespace reeve {
namespace {

using Kind = Route::Kind;

Answer plain_answer(std::string_view type, std::string_view body) {
  Answer answer;
  answer.type = std::string(type) + "; charset=utf-8";
  answer.body = body;
  return answer;
}

Answer logo_answer(const Look& look) {
  if (look.brand == nullptr || look.brand->logo.octets.empty()) return error_answer(look, 404);
  Answer answer;
  answer.type = look.brand->logo.type;
  answer.body = look.brand->logo.octets;
  return answer;
}

OutcomePage failed_outcome() {
  OutcomePage page;
  page.outcome = "failed";
  return page;
}

Answer fixed_answer(const Look& look, Kind kind) {
  switch (kind) {
    case Kind::style: return plain_answer("text/css", style_css);
    case Kind::logo: return logo_answer(look);
    case Kind::health: return plain_answer("text/plain", "ok\n");
    case Kind::refused: return refused_answer(look);
    case Kind::failed: return outcome_page(look, failed_outcome(), Secret());
    default: return home_page(look);
  }
}

}  // namespace

Task<Answer> Binder::answer(Request request) {
  auto admitted = admit(desk_.site, request);
  if (auto* refusal = std::get_if<Answer>(&admitted)) co_return std::move(*refusal);
  Visit visit = std::get<Visit>(std::move(admitted));
  if (visit.route.fixed()) co_return fixed_answer(visit.look, visit.route.kind);
  // HEAD says what kind of thing is there, and asks nobody: scanners and previews learn nothing.
  if (visit.head) co_return Answer();
  co_return co_await walk(std::move(visit));
}

Task<Answer> Binder::walk(Visit visit) {
  switch (visit.route.kind) {
    case Kind::connect:
      return visit.post ? answer_question(desk_, std::move(visit))
                        : show_question(desk_, std::move(visit));
    case Kind::done:
      return visit.post ? confirm_account(desk_, std::move(visit))
                        : show_outcome(desk_, std::move(visit));
    case Kind::connections:
      return visit.post ? disconnect(desk_, std::move(visit))
                        : show_connections(desk_, std::move(visit));
    case Kind::sign_in: return sign_in(desk_, std::move(visit));
    case Kind::sign_in_unix:
      return visit.post ? sign_in_unix(desk_, std::move(visit))
                        : show_sign_in_unix(desk_, std::move(visit));
    case Kind::sign_out: return sign_out(desk_, std::move(visit));
    case Kind::logout: return take_logout_token(desk_, std::move(visit));
    default: break;
  }
  return came_back(desk_, std::move(visit));
}

}  // namespace reeve
