// ServiceWorld: the session layer behind reeved's three services, called as a connection calls
// them. Every reply is held against the interface's text.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include "reeved/admin_methods.h"
#include "reeved/agent_methods.h"
#include "reeved/binding_methods.h"
#include "reeved/event_methods.h"
#include "reeved/upkeep_methods.h"
#include "unit/session/desk_world.h"
#include "varlink/interfaces.h"

namespace reeve::test {

class ServiceWorld : public DeskWorld {
 protected:
  // What a method answered.
  struct Told {
    std::string error;  // without "io.reeve.NAME."; empty: success
    Json parameters;
    std::vector<Json> sent;  // before, with "continues"
  };
  class FakeCall final : public varlink::Call {
   public:
    Task<void> send(std::string reply_parameters) override {
      sent.push_back(std::move(reply_parameters));
      co_return;
    }
    std::vector<std::string> sent;
  };
  struct Services {
    explicit Services(ServiceWorld& world);
    AgentMethods agent_methods;
    BindingMethods binding_methods;
    AdminMethods admin_methods;
    Feed feed;
    EventMethods event_methods;
    Metrics metrics;
    KeyKeeper keys;
    UpkeepMethods upkeep_methods;
    varlink::Service agent{{"reeved", "test"}}, binding{{"reeved", "test"}},
        admin{{"reeved", "test"}};
  };

  void SetUp() override {
    DeskWorld::SetUp();
    services = std::make_unique<Services>(*this);
  }
  std::string config_text() const override {
    std::string text = DeskWorld::config_text();
    const std::string bot = "[workload.bot]\n";
    return text.replace(text.find(bot), bot.size(),
                        bot + "assert = [\"corp\"]\nunix = true\nsession_lifetime = 3600\n");
  }

  std::unique_ptr<AgentContext> context(uid_t uid = 1000, const std::string& scope = "scope-1",
                                        bool initial = true) {
    Attested attested;
    attested.peer.pid = ::getpid();
    attested.peer.uid = uid;
    attested.peer.gid = uid;
    attested.peer.initial_user_namespace = initial;
    attested.peer.initial_pid_namespace = true;
    attested.peer.scope = scope;
    attested.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    return std::make_unique<AgentContext>(loop, AgentContext::Parts{d->setup}, std::move(attested),
                                          -1, nullptr);
  }

  Told agent(const std::string& method, const std::string& parameters = "{}", bool more = false) {
    if (caller == nullptr) caller = context();
    return call(services->agent, "io.reeve.Agent", method, parameters, more, caller.get());
  }
  // As the binder of that binding calls it.
  Told binding(const std::string& method, const std::string& parameters = "{}",
               const std::string& name = "main") {
    const BindingConfig* const configured = d->setup.get()->binding(name);
    Peer peer;
    if (configured != nullptr) peer.uid = configured->uid;
    BinderContext speaker(peer, Fd(), name);
    return call(services->binding, "io.reeve.Binding", method, parameters, false, &speaker);
  }
  Told admin(const std::string& method, const std::string& parameters = "{}", bool more = false) {
    return call(services->admin, "io.reeve.Admin", method, parameters, more, nullptr);
  }
  Told call(const varlink::Service& service, const std::string& interface,
            const std::string& method, const std::string& parameters, bool more,
            varlink::ConnectionContext* of) {
    FakeCall made;
    auto read = parse_json(parameters);
    EXPECT_TRUE(read) << parameters;
    made.parameters = std::move(*read);
    made.more = more;
    made.context = of;
    return told(service, interface, method, made, run(service.run(interface + "." + method, made)));
  }
  // The reply as a value, after it was held against the text.
  Told told(const varlink::Service& service, const std::string& interface,
            const std::string& method, const FakeCall& made, const varlink::Reply& reply) {
    Told answer;
    const varlink::Interface& known = service.interfaces().at(interface);
    const std::vector<varlink::Field>& out = known.methods.at(method).out;
    for (const std::string& text : made.sent) {
      auto json = parse_json(text);
      EXPECT_TRUE(json && varlink::misfit(*json, out, known).empty()) << method << ": " << text;
      EXPECT_TRUE(made.more) << method;
      if (json) answer.sent.push_back(std::move(*json));
    }
    auto json = parse_json(reply.parameters);
    EXPECT_TRUE(json && json->object() != nullptr) << method << ": " << reply.parameters;
    if (!json) return answer;
    if (reply.error.empty()) {
      EXPECT_EQ(varlink::misfit(*json, out, known), "") << method << ": " << reply.parameters;
    } else {
      const size_t dot = reply.error.rfind('.');
      const std::string of = reply.error.substr(0, dot);
      answer.error = reply.error.substr(dot + 1);
      EXPECT_TRUE(of == interface || of == "org.varlink.service") << reply.error;
      const auto& errors = service.interfaces().at(of).errors;
      EXPECT_TRUE(errors.contains(answer.error)) << reply.error << " is not in the text";
      if (errors.contains(answer.error)) {
        EXPECT_EQ(varlink::misfit(*json, errors.at(answer.error), service.interfaces().at(of)), "")
            << reply.error << ": " << reply.parameters;
      }
    }
    answer.parameters = std::move(*json);
    return answer;
  }

  // Of OpenSession for alice.
  std::string session_handle() {
    const Told opened = agent("OpenSession", R"({"as":"asserted","user":{"issuer":")" + login +
                                                 R"(","subject":"alice"}})");
    EXPECT_EQ(opened.error, "");
    return opened.parameters.text("session");
  }

  AdminMethods::Reloaded reloaded;
  std::unique_ptr<Services> services;
  std::unique_ptr<AgentContext> caller;
};

inline ServiceWorld::Services::Services(ServiceWorld& world)
    : agent_methods({world.loop, world.clock, world.d->setup, world.d->engine, world.d->sessions,
                     world.d->grants, world.d->consents, world.d->lender, world.d->announcer,
                     *world.d->audit, world.d->unix_desk}),
      binding_methods({world.d->setup, world.d->browsers, world.d->consents, world.d->grants,
                       world.d->sign_in, world.d->unix_desk, world.d->desk, world.d->logout}),
      admin_methods({world.clock, world.d->setup, world.d->sessions, world.d->grants,
                     world.d->consents, world.d->desk, world.d->revocations, *world.d->audit, true,
                     7, [&world] { return world.reloaded; },
                     [&world](const ClientConfig&) { return world.http; }}),
      event_methods({world.loop, world.d->setup, feed}),
      keys(world.clock, *world.d->vault, *world.d->audit),
      upkeep_methods({world.loop, world.clock, world.d->setup, *world.d->vault, *world.d->audit,
                      keys, metrics, world.d->sessions, world.d->grants, world.d->consents, 7}) {
  agent.add(interfaces::io_reeve_Agent_varlink, agent_methods.table());
  binding.add(interfaces::io_reeve_Binding_varlink, binding_methods.table());
  varlink::MethodTable table = admin_methods.table();
  event_methods.add_to(table);
  table.merge(upkeep_methods.table());
  admin.add(interfaces::io_reeve_Admin_varlink, std::move(table));
  world.d->audit->on_record([this](const Event& event) {
    metrics.count(event);
    feed.tell(event, 1, 1);
  });
}

}  // namespace reeve::test
