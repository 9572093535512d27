// Every method of every interface text that reeved serves has a handler.
#include "service_world.h"

namespace reeve {
namespace {

class Contract : public test::ServiceWorld {};

TEST_F(Contract, every_method_of_each_interface_has_a_handler) {
  EXPECT_EQ(services->agent.unimplemented(), std::vector<std::string>());
  EXPECT_EQ(services->binding.unimplemented(), std::vector<std::string>());
  EXPECT_EQ(services->admin.unimplemented(), std::vector<std::string>());
}

TEST_F(Contract, each_service_has_its_interface_and_the_common_one) {
  for (const auto& [service, name] : {std::pair(&services->agent, "io.reeve.Agent"),
                                      std::pair(&services->binding, "io.reeve.Binding"),
                                      std::pair(&services->admin, "io.reeve.Admin")}) {
    EXPECT_EQ(service->interfaces().size(), 2u);
    EXPECT_TRUE(service->interfaces().contains(name));
    EXPECT_TRUE(service->interfaces().contains("org.varlink.service"));
  }
}

// Whatever is asked of it, with nothing and with null for everything: an answer, of the text.
TEST_F(Contract, every_method_answers_empty_calls_as_the_text_says) {
  const auto agent = context();
  Peer peer;
  peer.uid = d->setup.get()->binding("main")->uid;
  BinderContext binder(peer, Fd(), "main");
  for (const auto& [service, name] : {std::pair(&services->agent, "io.reeve.Agent"),
                                      std::pair(&services->binding, "io.reeve.Binding"),
                                      std::pair(&services->admin, "io.reeve.Admin")}) {
    for (const auto& [method, type] : service->interfaces().at(name).methods) {
      std::string empties = "{";
      for (const varlink::Field& field : type.in) {
        if (empties.size() > 1) empties += ',';
        const bool text = field.type.kind == varlink::Type::Kind::string;
        const bool flag = field.type.kind == varlink::Type::Kind::boolean;
        empties += "\"" + field.name + "\":" +
                   (field.type.nullable ? "null"
                    : text              ? "\"\""
                    : flag              ? "false"
                                        : "0");
      }
      empties += "}";
      varlink::ConnectionContext* const of = service == &services->binding
                                                 ? static_cast<varlink::ConnectionContext*>(&binder)
                                                 : agent.get();
      for (const bool more : {false, true}) {
        const bool endless = method == "Events" && more;
        if (!endless) call(*service, name, method, empties, more, of);
        const Told unknown = call(*service, name, method, R"({"no_such_parameter":1})", more, of);
        EXPECT_EQ(unknown.error, "InvalidParameter") << method;
      }
    }
  }
}

}  // namespace
}  // namespace reeve
