#include "reeved/binding_methods.h"

#include "base/check.h"
#include "base/log.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Binding";

varlink::Reply refused(const Refusal& refusal) {
  const auto with = [&](const char* name, const char* member) {
    return wire::failure("io.reeve.Binding." + std::string(name),
                         [&](JsonWriter& json) { json.member(member, refusal.reason); });
  };
  switch (refusal.kind) {
    case Refusal::Kind::ticket: return with("TicketInvalid", "reason");
    case Refusal::Kind::not_signed_in:
      return wire::failure("io.reeve.Binding.NotSignedIn", [&](JsonWriter& json) {
        if (!refusal.reason.empty()) json.member("ended", true);
      });
    case Refusal::Kind::flow: return with("FlowRefused", "reason");
    case Refusal::Kind::limit:
      return wire::from_error(kInterface, Error{Code::limit, refusal.reason});
    case Refusal::Kind::unavailable: break;
  }
  return with("Unavailable", "reason");
}

varlink::Reply next_reply(const std::string& next) {
  return wire::reply([&](JsonWriter& json) {
    if (!next.empty()) json.member("next", next);
  });
}

varlink::Reply away_reply(const Away& away) {
  return wire::reply([&](JsonWriter& json) {
    json.member("authorize_url", away.authorize_url)
        .member("flow", away.flow.reveal())
        .member("flow_id", away.flow_id);
  });
}

std::string display_name_of(const Setup& setup, const std::string& provider) {
  const auto found = setup.providers.find(provider);
  return found == setup.providers.end() ? provider : found->second->display_name;
}

void member_if(JsonWriter& json, const char* name, const std::string& value) {
  if (!value.empty()) json.member(name, value);
}

Task<varlink::Reply> not_the_binder() {
  co_return wire::failure("org.varlink.service.PermissionDenied");
}

}  // namespace

varlink::MethodTable BindingMethods::table() {
  return {{"Site", handler(&BindingMethods::site)},
          {"SignIn", handler(&BindingMethods::sign_in)},
          {"SignInUnix", handler(&BindingMethods::sign_in_unix)},
          {"Describe", handler(&BindingMethods::describe)},
          {"Start", handler(&BindingMethods::start)},
          {"Decline", handler(&BindingMethods::decline)},
          {"Return", handler(&BindingMethods::came_back)},
          {"Outcome", handler(&BindingMethods::outcome)},
          {"Confirm", handler(&BindingMethods::confirm)},
          {"Connections", handler(&BindingMethods::connections)},
          {"Disconnect", handler(&BindingMethods::disconnect)},
          {"SignOut", handler(&BindingMethods::sign_out)},
          {"LogoutToken", handler(&BindingMethods::logout_token)}};
}

varlink::Handler BindingMethods::handler(Method method) {
  return [this, method](Call& call) {
    std::string binding = static_cast<BinderContext&>(*call.context).binding(parts_.setup.get());
    if (binding.empty()) return not_the_binder();
    BrowserKey browser{std::move(binding), call.parameters.take_text("browser")};
    if (method == &BindingMethods::sign_in_unix || parts_.browsers.asks_owner(browser))
      browser.owner = sender_of(call, browser.binding);
    return (this->*method)(call, std::move(browser));
  };
}

std::optional<uid_t> BindingMethods::sender_of(const Call& call, const std::string& binding) const {
  const auto address = parse_ip(call.parameters.text("address"));
  const int64_t port = call.parameters.integer("port").value_or(0);
  const BindingConfig* const found = parts_.setup.get()->binding(binding);
  if (!address || port < 1 || port > 65535 || found == nullptr) return std::nullopt;
  const TcpEnd client{unmapped(*address), static_cast<uint16_t>(port)};
  return static_cast<const BinderContext&>(*call.context).owner_of(client, *found);
}

Task<varlink::Reply> BindingMethods::site(Call&, BrowserKey browser) {
  const auto& bindings = parts_.setup.get()->config.bindings;
  const auto found = bindings.find(browser.binding);
  if (found == bindings.end()) co_return wire::failure("org.varlink.service.PermissionDenied");
  co_return wire::reply([&](JsonWriter& json) {
    json.member("name", found->second.name).member("url", found->second.url);
    if (!found->second.proxies.empty()) json.member("proxies", found->second.proxies);
  });
}

Task<varlink::Reply> BindingMethods::sign_in(Call& call, BrowserKey browser) {
  if (browser.secret.size() < 43) co_return varlink::invalid_parameter("browser");
  std::string issuer = call.parameters.text("issuer"), next = call.parameters.text("next");
  const bool other_user = call.parameters.boolean("other_user").value_or(false);
  const auto begun = co_await parts_.sign_in.begin(std::move(browser), std::move(issuer),
                                                   std::move(next), other_user);
  if (const auto* refusal = std::get_if<Refusal>(&begun)) co_return refused(*refusal);
  co_return away_reply(std::get<Away>(begun));
}

Task<varlink::Reply> BindingMethods::sign_in_unix(Call& call, BrowserKey browser) {
  if (browser.secret.size() < 43) co_return varlink::invalid_parameter("browser");
  std::string code = call.parameters.take_text("code");
  const auto done = co_await parts_.unix_desk.sign_in(std::move(browser), std::move(code));
  if (const auto* refusal = std::get_if<Refusal>(&done)) co_return refused(*refusal);
  co_return wire::reply(
      [&](JsonWriter& json) { json.member("new_browser", std::get<Secret>(done).reveal()); });
}

Task<varlink::Reply> BindingMethods::describe(Call& call, BrowserKey browser) {
  std::string ticket = call.parameters.take_text("ticket");
  const auto looked = co_await parts_.desk.describe(std::move(browser), std::move(ticket));
  if (const auto* refusal = std::get_if<Refusal>(&looked)) co_return refused(*refusal);
  const Described& described = std::get<Described>(looked);
  co_return wire::reply([&](JsonWriter& json) {
    json.member("status", described.status);
    member_if(json, "issuer", described.issuer);
    member_if(json, "user", described.user);
    if (described.ended) json.member("ended", true);
    member_if(json, "outcome", described.outcome);
    if (!described.handle.empty()) json.member("handle", described.handle.reveal());
    if (!described.page) return;
    const ConsentPage& page = *described.page;
    json.key("page")
        .begin_object()
        .member("workload", page.workload)
        .member("provider", page.provider)
        .member("scopes", page.scopes);
    member_if(json, "resource", page.resource);
    json.member("user", page.user)
        .member("phrase", page.phrase)
        .member("digest", page.digest)
        .member("expires_at", page.expires_at)
        .end_object();
  });
}

Task<varlink::Reply> BindingMethods::start(Call& call, BrowserKey browser) {
  std::string ticket = call.parameters.take_text("ticket");
  std::string digest = call.parameters.text("digest");
  const auto started =
      co_await parts_.desk.start(std::move(browser), std::move(ticket), std::move(digest));
  if (const auto* refusal = std::get_if<Refusal>(&started)) co_return refused(*refusal);
  co_return away_reply(std::get<Away>(started));
}

Task<varlink::Reply> BindingMethods::decline(Call& call, BrowserKey browser) {
  std::string ticket = call.parameters.take_text("ticket");
  const auto declined = co_await parts_.desk.decline(std::move(browser), std::move(ticket));
  if (const auto* refusal = std::get_if<Refusal>(&declined)) co_return refused(*refusal);
  co_return next_reply(std::get<std::string>(declined));
}

Task<varlink::Reply> BindingMethods::came_back(Call& call, BrowserKey browser) {
  CameBack back;
  back.browser = std::move(browser);
  back.flow = call.parameters.take_text("flow");
  back.redirect_uri = call.parameters.text("redirect");
  Parameters answer;
  for (const char* name : {"state", "code", "iss", "error", "error_description"}) {
    std::string value = call.parameters.take_text(name);
    if (!value.empty()) answer.emplace_back(name, std::move(value));
  }
  auto read = read_callback(std::move(answer));
  if (!read || read->state.empty()) co_return refused({Refusal::Kind::flow, "malformed"});
  back.answer = std::move(*read);
  const std::string hash = sha256(back.answer.state.reveal());
  if (const BrowserRef owner = parts_.browsers.with_sign_in(hash)) {
    const auto finished = co_await parts_.sign_in.finish(owner, std::move(back));
    if (const auto* refusal = std::get_if<Refusal>(&finished)) co_return refused(*refusal);
    const SignedIn& signed_in = std::get<SignedIn>(finished);
    co_return wire::reply([&](JsonWriter& json) {
      json.member("outcome", "signed_in")
          .member("next", signed_in.next)
          .member("new_browser", signed_in.browser.reveal());
    });
  }
  const ConsentRef consent = parts_.consents.by_state_hash(hash);
  if (consent == nullptr) co_return refused({Refusal::Kind::flow, "state"});
  const auto taken = co_await parts_.desk.came_back(consent, std::move(back));
  if (const auto* refusal = std::get_if<Refusal>(&taken)) co_return refused(*refusal);
  co_return wire::reply([&](JsonWriter& json) {
    json.member("outcome", "pending").member("handle", std::get<Secret>(taken).reveal());
  });
}

Task<varlink::Reply> BindingMethods::outcome(Call& call, BrowserKey browser) {
  std::string handle = call.parameters.take_text("handle");
  const auto looked = co_await parts_.desk.outcome(std::move(browser), std::move(handle));
  if (const auto* refusal = std::get_if<Refusal>(&looked)) co_return refused(*refusal);
  const ConsentOutcome& outcome = std::get<ConsentOutcome>(looked);
  co_return wire::reply([&](JsonWriter& json) {
    json.member("outcome", outcome.outcome)
        .member("workload", outcome.workload)
        .member("provider", outcome.provider);
    member_if(json, "account", outcome.account);
    member_if(json, "user", outcome.user);
    member_if(json, "reason", outcome.reason);
    json.member("needs_confirmation", outcome.outcome == "confirm");
    if (!outcome.other_accounts.empty()) json.member("other_accounts", outcome.other_accounts);
    member_if(json, "next", outcome.next);
  });
}

Task<varlink::Reply> BindingMethods::confirm(Call& call, BrowserKey browser) {
  std::string handle = call.parameters.take_text("handle");
  const bool accept = call.parameters.boolean("accept").value_or(false);
  const auto confirmed =
      co_await parts_.desk.confirm(std::move(browser), std::move(handle), accept);
  if (const auto* refusal = std::get_if<Refusal>(&confirmed)) co_return refused(*refusal);
  co_return next_reply(std::get<std::string>(confirmed));
}

BrowserRef BindingMethods::signed_in(const BrowserKey& key) const {
  const BrowserRef found = parts_.browsers.find(key);
  return found != nullptr && found->user ? found : nullptr;
}

bool BindingMethods::shows(const Browser& browser, const Grant& grant) const {
  if (!grant.user.is(*browser.user)) return false;
  const Setup& setup = *parts_.setup.get();
  const WorkloadConfig* const workload = setup.policy.find(grant.workload);
  return browser.binding == "main" || setup.config.bindings.size() == 1 ||
         (workload != nullptr && workload->binding == browser.binding);
}

Task<varlink::Reply> BindingMethods::connections(Call&, BrowserKey browser) {
  BrowserRef visitor = signed_in(browser);
  if (visitor == nullptr) co_return refused(not_signed_in(parts_.browsers, browser));
  const User user = *visitor->user;
  const auto brought = co_await parts_.grants.bring_user(user);
  // One that is damaged keeps nobody from disconnecting the others.
  if (!brought && brought.error().code == Code::corrupt) log(Level::error, brought.error().text);
  else if (!brought) co_return wire::from_error(kInterface, brought.error());
  // The visitor may have signed out meanwhile, or somebody else in.
  visitor = signed_in(browser);
  if (visitor == nullptr || !visitor->user->is(user))
    co_return refused(not_signed_in(parts_.browsers, browser));
  const Setup& setup = *parts_.setup.get();
  co_return wire::reply([&](JsonWriter& json) {
    json.member("user", display_name(*visitor->user)).key("connections").begin_array();
    for (const GrantRef& grant : parts_.grants.of_user(user)) {
      if (!shows(*visitor, *grant)) continue;
      json.begin_object()
          .member("grant", grant->id)
          .member("workload", grant->workload)
          .member("provider", display_name_of(setup, grant->provider));
      member_if(json, "account", grant->account_label);
      json.member("scopes", grant->granted);
      if (!grant->resources.empty()) json.member("resources", grant->resources);
      json.member("state", grant->dead ? "ended" : "live").member("created_at", grant->created_at);
      if (grant->used_at > 0) json.member("used_at", grant->used_at);
      member_if(json, "used_by", grant->used_by);
      json.end_object();
    }
    json.end_array();
  });
}

Task<varlink::Reply> BindingMethods::disconnect(Call& call, BrowserKey browser) {
  if (signed_in(browser) == nullptr) co_return refused(not_signed_in(parts_.browsers, browser));
  const std::string id = call.parameters.text("grant");
  const auto brought = co_await parts_.grants.bring(id);
  if (!brought) co_return wire::from_error(kInterface, brought.error());
  const BrowserRef visitor = signed_in(browser);
  if (visitor == nullptr) co_return refused(not_signed_in(parts_.browsers, browser));
  const GrantRef grant = parts_.grants.by_id(id);
  if (grant == nullptr || !shows(*visitor, *grant))
    co_return refused({Refusal::Kind::flow, "grant"});
  const auto done = co_await parts_.desk.disconnect(grant, "user");
  if (!done) co_return wire::from_error(kInterface, done.error());
  const Setup& setup = *parts_.setup.get();
  co_return wire::reply([&](JsonWriter& json) {
    json.member("workload", grant->workload)
        .member("provider", display_name_of(setup, grant->provider))
        .member("said", word(done->said));
    member_if(json, "reason", done->reason);
    json.member("lent_until", done->lent_until).member("lent_for_good", done->lent_for_good);
  });
}

Task<varlink::Reply> BindingMethods::sign_out(Call&, BrowserKey browser) {
  const BrowserRef found = parts_.browsers.find(browser);
  if (found == nullptr || !check_on(Check::sign_out)) co_return Reply{};
  const auto erased = co_await parts_.browsers.erase(found);
  if (!erased) co_return wire::from_error(kInterface, erased.error());
  co_return Reply{};
}

// No browser brings it, but the issuer.
Task<varlink::Reply> BindingMethods::logout_token(Call& call, BrowserKey) {
  std::string token = call.parameters.take_text("logout_token");
  const auto taken = co_await parts_.logout.take(std::move(token));
  if (const auto* refusal = std::get_if<Refusal>(&taken)) co_return refused(*refusal);
  co_return wire::reply([&](JsonWriter& json) { json.member("ended", std::get<int64_t>(taken)); });
}

}  // namespace reeve
