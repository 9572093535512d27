#include "reeved/agent_methods.h"

#include "base/encoding.h"
#include "reeved/wire.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Agent";

AgentContext& context_of(const varlink::Call& call) {
  return static_cast<AgentContext&>(*call.context);
}

varlink::Reply user_token_invalid(std::string_view reason) {
  return wire::failure("io.reeve.Agent.UserTokenInvalid",
                       [&](JsonWriter& json) { json.member("reason", reason); });
}

}  // namespace

varlink::Handler AgentMethods::guarded(Method method) {
  return [this, method](Call& call) {
    const bool pinned = context_of(call).pinned(parts_.setup.get());
    return pinned ? run_pinned(call, method) : (this->*method)(call);
  };
}

Task<varlink::Reply> AgentMethods::run_pinned(Call& call, Method method) {
  const bool same = co_await context_of(call).still_the_same();
  if (same) co_return co_await (this->*method)(call);
  Event event;
  event.name = "session.refused";
  event.outcome = "denied";
  event.reason = "exec_changed";
  co_return audited(call, event, wire::denied("exec_changed"));
}

varlink::MethodTable AgentMethods::table() {
  return {{"WhoAmI", [this](Call& call) { return who_am_i(call); }},
          {"OpenSession", guarded(&AgentMethods::open_session)},
          {"CloseSession", guarded(&AgentMethods::close_session)},
          {"GetToken", guarded(&AgentMethods::get_token)},
          {"AwaitConsent", guarded(&AgentMethods::await_consent)},
          {"ReportInvalid", guarded(&AgentMethods::report_invalid)},
          {"Watch", guarded(&AgentMethods::watch)},
          {"ProveUser", guarded(&AgentMethods::prove_user)}};
}

SessionRef AgentMethods::session_of(const Call& call) const {
  AgentContext& context = context_of(call);
  const SetupRef& setup = parts_.setup.get();
  const WorkloadConfig* workload = context.workload(setup);
  if (workload == nullptr || context.scope(setup).empty()) return nullptr;
  return parts_.sessions.find(call.parameters.text("session"), context.scope(setup),
                              workload->name);
}

std::shared_ptr<void> AgentMethods::wait_place(const Call& call) {
  const SetupRef& setup = parts_.setup.get();
  const WorkloadConfig* workload = context_of(call).workload(setup);
  return waiting_.enter(workload == nullptr ? "" : workload->name,
                        setup->config.limits.waiting_per_workload);
}

// The reply, or that the audit failed: then nothing is released.
varlink::Reply AgentMethods::audited(const Call& call, Event event, Reply reply) {
  event.actor = context_of(call).actor(parts_.setup.get());
  const auto recorded = parts_.audit.record(event);
  if (recorded) return reply;
  wipe(reply.parameters);
  return wire::from_error(kInterface, recorded.error());
}

// A handle that is unknown, foreign or over: one record, and the same answer for all of them.
varlink::Reply AgentMethods::no_session(const Call& call) {
  Event event;
  event.name = "session.refused";
  event.outcome = "refused";
  event.reason = "handle";
  return audited(call, event, wire::session_invalid());
}

Task<varlink::Reply> AgentMethods::who_am_i(Call& call) {
  AgentContext& context = context_of(call);
  const WorkloadConfig* workload = context.workload(parts_.setup.get());
  co_return wire::reply([&](JsonWriter& json) {
    if (workload != nullptr) json.member("workload", workload->name);
    json.key("evidence").begin_object();
    for (const auto& [name, value] : context.peer().evidence()) json.member(name, value);
    json.end_object();
  });
}

AgentMethods::Vouching AgentMethods::vouch_asserted(const Call& call, const SetupRef& setup) {
  const Json* named = call.parameters.find("user");
  if (named == nullptr || named->is_null()) return varlink::invalid_parameter("user");
  const ServerRef issuer = setup->issuer_by_url(named->text("issuer"));
  const std::string name = issuer == nullptr ? "" : issuer->name;
  const std::string& subject = named->text("subject");
  const Verdict verdict =
      setup->policy.may_open(context_of(call).peer(), SessionKind::asserted, name, subject);
  if (!verdict.allowed) return wire::denied(word(verdict.reason));
  if (subject.empty() || subject.size() > 255 || !valid_utf8(subject))
    return varlink::invalid_parameter("user.subject");
  User user{issuer->issuer, subject, issuer->subject_claim, printable(named->text("name"), 100)};
  return Vouched{std::move(user), name};
}

AgentMethods::Vouching AgentMethods::vouch_unix(const Call& call, const SetupRef& setup) {
  const Peer& peer = context_of(call).peer();
  const Verdict verdict =
      setup->policy.may_open(peer, SessionKind::unix_user, "unix", std::to_string(peer.uid));
  if (!verdict.allowed) return wire::denied(word(verdict.reason));
  return Vouched{parts_.unix_desk.user_of(peer.uid), "unix"};
}

Task<AgentMethods::Vouching> AgentMethods::vouch_token(Call& call, SetupRef setup) {
  std::string token = call.parameters.take_text("user_token");
  if (token.empty()) co_return varlink::invalid_parameter("user_token");
  const auto named = unverified_issuer(token);
  const ServerRef issuer = named ? setup->issuer_by_url(*named) : nullptr;
  const WorkloadConfig* workload = context_of(call).workload(setup);
  if (issuer == nullptr) {
    wipe(token);
    if (workload == nullptr) co_return wire::denied(word(Reason::no_workload));
    co_return user_token_invalid("no configured issuer vouches for this token");
  }
  const Verdict verdict =
      setup->policy.may_open(context_of(call).peer(), SessionKind::token, issuer->name);
  if (!verdict.allowed) co_return wire::denied(word(verdict.reason));
  Engine::Verification verification;
  verification.kind = JwtKind::user_token;
  verification.audiences = workload->issuers.at(issuer->name).audiences;
  const auto place = wait_place(call);
  if (place == nullptr) {
    wipe(token);
    co_return wire::too_many_waiting(kInterface);
  }
  const auto claims =
      co_await parts_.engine.verify(issuer, std::move(token), std::move(verification));
  if (!claims && claims.error().code == Code::denied)
    co_return user_token_invalid(claims.error().text);
  if (!claims) co_return wire::from_error(kInterface, claims.error());
  const Verdict for_user = setup->policy.may_open(context_of(call).peer(), SessionKind::token,
                                                  issuer->name, claims->subject);
  if (!for_user.allowed) co_return wire::denied(word(for_user.reason));
  User user{claims->issuer, claims->subject, issuer->subject_claim, claims->name};
  co_return Vouched{std::move(user), issuer->name};
}

Task<AgentMethods::Vouching> AgentMethods::vouch(Call& call, SetupRef setup) {
  const std::string& as = call.parameters.text("as");
  const auto given = [&](const char* name) {
    const Json* value = call.parameters.find(name);
    return value != nullptr && !value->is_null();
  };
  // What is not asked for is not given: a forgotten parameter never becomes another kind of session
  // (W12).
  if (as != "token" && given("user_token")) co_return varlink::invalid_parameter("user_token");
  if (as != "asserted" && given("user")) co_return varlink::invalid_parameter("user");
  if (as == "token") co_return co_await vouch_token(call, setup);
  if (as == "asserted") co_return vouch_asserted(call, setup);
  if (as == "unix") co_return vouch_unix(call, setup);
  if (as != "workload") co_return varlink::invalid_parameter("as");
  const Verdict verdict = setup->policy.may_open(context_of(call).peer(), SessionKind::workload);
  if (!verdict.allowed) co_return wire::denied(word(verdict.reason));
  co_return Vouched{};
}

Task<varlink::Reply> AgentMethods::open_session(Call& call) {
  const SetupRef setup = parts_.setup.get();
  AgentContext& context = context_of(call);
  const std::string as = call.parameters.text("as");
  const int64_t asked = call.parameters.integer("lifetime").value_or(INT64_MAX);
  if (asked <= 0) co_return varlink::invalid_parameter("lifetime");
  Vouching vouching = co_await vouch(call, setup);
  Event event;
  event.name = "session.opened";
  if (auto* refusal = std::get_if<Reply>(&vouching)) {
    event.outcome = "denied";
    event.reason = refusal->error;
    co_return audited(call, event, std::move(*refusal));
  }
  Vouched& vouched = std::get<Vouched>(vouching);
  const WorkloadConfig* workload = context.workload(setup);
  NewSession wanted;
  wanted.workload = workload->name;
  wanted.scope = context.scope(setup);
  wanted.of_workload = static_cast<size_t>(workload->sessions.value_or(INT64_MAX));
  wanted.issuer = vouched.issuer;
  wanted.user = std::move(vouched.user);
  wanted.lifetime_seconds =
      std::min({asked, workload->session_lifetime, setup->config.limits.session_seconds});
  auto opened = co_await parts_.sessions.open(std::move(wanted));
  if (!opened) co_return wire::from_error(kInterface, opened.error());
  const Session& session = *opened->session;
  event.outcome = "ok";
  event.session = session.id;
  event.rule = session.workload;
  event.reason = as;
  if (session.user) {
    event.issuer = session.user->issuer;
    event.subject = session.user->subject;
  }
  event.actor = context.actor(setup);
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return wire::from_error(kInterface, recorded.error());
  co_return wire::reply([&](JsonWriter& json) {
    json.member("session", opened->handle.reveal());
    if (session.user) {
      json.key("user");
      wire::write_user(json, *session.user);
    }
    json.member("expires_at", session.expires_at);
  });
}

Task<varlink::Reply> AgentMethods::close_session(Call& call) {
  const SessionRef session = session_of(call);
  if (session == nullptr) co_return no_session(call);
  const auto closed = co_await parts_.sessions.close(session);
  if (!closed) co_return wire::from_error(kInterface, closed.error());
  Event event;
  event.name = "session.closed";
  event.session = session->id;
  event.outcome = "ok";
  co_return audited(call, event, Reply{});
}

Task<varlink::Reply> AgentMethods::report_invalid(Call& call) {
  const SessionRef session = session_of(call);
  if (session == nullptr) co_return no_session(call);
  const std::string token = call.parameters.text("token");
  const auto dropped = co_await parts_.lender.report_invalid(session, token);
  // Unknown: dropped before, or replaced meanwhile. Either way it is not lent again.
  if (!dropped && dropped.error().code != Code::not_found)
    co_return wire::from_error(kInterface, dropped.error());
  Event event;
  event.name = "token.reported_invalid";
  event.session = session->id;
  event.outcome = dropped ? "ok" : "unknown";
  co_return audited(call, event, Reply{});
}

Task<varlink::Reply> AgentMethods::await_consent(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const SessionRef session = session_of(call);
  if (session == nullptr) co_return no_session(call);
  const ConsentRef consent =
      parts_.consents.by_request(call.parameters.text("request"), session->scope);
  const bool own = consent != nullptr && session->user && session->user->is(consent->user) &&
                   session->workload == consent->workload;
  if (!own) co_return wire::failure("io.reeve.Agent.RequestInvalid");
  const auto status_text = [&] {
    return wire::reply([&](JsonWriter& json) {
             json.member("status", word(consent->status));
             if (!consent->status_reason.empty()) json.member("reason", consent->status_reason);
           })
        .parameters;
  };
  std::string sent;
  while (!final(consent->status)) {
    std::string text = status_text();
    if (text != sent) {
      sent = text;
      co_await call.send(std::move(text));
      continue;  // it may have changed meanwhile
    }
    co_await parts_.consents.changed(parts_.loop, consent);
    if (!parts_.sessions.live(*session)) co_return wire::session_invalid();
  }
  co_return Reply{status_text(), ""};
}

Task<varlink::Reply> AgentMethods::watch(Call& call) {
  if (!call.more) co_return wire::expected_more();
  const SessionRef session = session_of(call);
  if (session == nullptr) co_return no_session(call);
  const WorkloadConfig* workload = context_of(call).workload(parts_.setup.get());
  const size_t limit = static_cast<size_t>(parts_.setup.get()->config.limits.watches);
  if (parts_.announcer.watchers() >= limit)
    co_return wire::from_error(kInterface, Error{Code::limit, "watches"});
  std::string owner;
  if (session->user)
    owner = owner_key(session->user->issuer, session->user->subject, Setup::holder_of(*workload));
  Announcer::Watcher watcher(parts_.announcer, session->id, owner);
  Announcement announcement{"ready", "", ""};
  while (true) {
    std::string text = wire::reply([&](JsonWriter& json) {
                         json.member("event", announcement.event);
                         if (!announcement.provider.empty())
                           json.member("provider", announcement.provider);
                         if (!announcement.grant.empty()) json.member("grant", announcement.grant);
                       }).parameters;
    if (announcement.event == "session_ended") co_return Reply{std::move(text), ""};
    co_await call.send(std::move(text));
    announcement = co_await watcher.next(parts_.loop);
  }
}

Task<varlink::Reply> AgentMethods::prove_user(Call& call) {
  const Peer& peer = context_of(call).peer();
  const Verdict verdict = parts_.setup.get()->policy.may_prove(peer);
  const User user = parts_.unix_desk.user_of(peer.uid);
  Event event;
  event.name = "user.proved";
  event.issuer = user.issuer;
  event.subject = user.subject;
  event.outcome = "denied";
  event.rule = verdict.rule;
  event.reason = word(verdict.reason);
  if (!verdict.allowed) co_return audited(call, event, wire::denied(word(verdict.reason)));
  const auto proven = parts_.unix_desk.prove(peer.uid, call.parameters.text("page"));
  if (const auto* refusal = std::get_if<Refusal>(&proven)) {
    if (refusal->kind == Refusal::Kind::limit)
      co_return wire::from_error(kInterface, Error{Code::limit, refusal->reason});
    event.reason = refusal->reason;
    co_return audited(call, event, wire::denied(refusal->reason));
  }
  const UnixCode& made = std::get<UnixCode>(proven);
  event.outcome = "ok";
  co_return audited(call, event, wire::reply([&](JsonWriter& json) {
                      json.member("code", made.code.reveal())
                          .member("expires_at", made.expires_at)
                          .member("url", made.url);
                    }));
}

}  // namespace reeve
