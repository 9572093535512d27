#include "session/setup.h"

#include "config/read_config.h"
#include "world.h"

namespace reeve {
namespace {

class SetupTest : public test::World {
 protected:
  const reeve::Setup& setup() { return *d->setup.get(); }
};

TEST_F(SetupTest, finds_issuers_by_their_exact_url_and_providers_by_context) {
  EXPECT_EQ(setup().issuer_by_url(test::login), setup().issuers.at("corp"));
  for (const char* url : {"", "https://login.example/", "https://LOGIN.example",
                          "http://login.example", "https://login.example:443"}) {
    EXPECT_EQ(setup().issuer_by_url(url), nullptr) << url;
  }
  const ServerRef files = setup().providers.at("files");
  EXPECT_EQ(setup().provider_by_context(files->context), files);
  EXPECT_EQ(setup().provider_by_context(""), nullptr);
  EXPECT_EQ(setup().provider_by_context(setup().issuers.at("corp")->context), nullptr);
}

TEST_F(SetupTest, every_context_is_its_own) {
  std::set<std::string> contexts;
  for (const auto& [name, server] : setup().issuers) contexts.insert(server->context);
  for (const auto& [name, server] : setup().providers) contexts.insert(server->context);
  EXPECT_EQ(contexts.size(), setup().issuers.size() + setup().providers.size());
}

TEST_F(SetupTest, grants_belong_to_a_workload_or_to_its_share_group) {
  EXPECT_EQ(reeve::Setup::holder_of(*setup().policy.find("bot")), "workload:bot");
  EXPECT_EQ(reeve::Setup::holder_of(*setup().policy.find("left")), "share:team");
  EXPECT_EQ(reeve::Setup::holder_of(*setup().policy.find("right")), "share:team");
}

TEST_F(SetupTest, says_what_to_register_without_any_secret) {
  const auto uris = redirect_uris(setup().config);
  EXPECT_EQ(uris.size(), setup().issuers.size() + setup().providers.size());
  for (const auto& [name, server] : setup().providers) {
    EXPECT_EQ(uris.at("provider." + name), test::binder + "/callback/" + server->context);
  }
  for (const auto& [name, server] : setup().issuers) {
    EXPECT_EQ(uris.at("issuer." + name), test::binder + "/callback/" + server->context);
  }
  EXPECT_TRUE(redirect_uris(Config()).empty());
}

TEST_F(SetupTest, a_secret_that_cannot_be_loaded_is_named_and_never_shown) {
  Config config = setup().config;
  config.providers.at("files").client.client_secret->name = directory / "absent";
  const auto made =
      reeve::make_setup(std::move(config), [this](const ClientConfig&) { return http; });
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("[provider.files] client_secret"), std::string::npos);
  EXPECT_EQ(made.error().text.find("s3cret"), std::string::npos);
}

TEST_F(SetupTest, a_key_set_that_cannot_be_read_is_named) {
  Config config = setup().config;
  config.issuers.at("corp").jwks_file = directory / "absent.jwks";
  const auto made =
      reeve::make_setup(std::move(config), [this](const ClientConfig&) { return http; });
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("[issuer.corp]"), std::string::npos);
}

TEST_F(SetupTest, who_began_under_the_old_one_ends_under_it) {
  CurrentSetup current(d->setup.get());
  const SetupRef old = current.get();
  current.swap(make_setup(config_text()));
  EXPECT_NE(current.get(), old);
  EXPECT_EQ(old->providers.at("files")->name, "files");
}

}  // namespace
}  // namespace reeve
