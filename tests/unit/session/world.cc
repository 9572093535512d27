#include "world.h"

#include <sys/stat.h>

#include "async/work.h"
#include "base/encoding.h"
#include "config/read_config.h"

namespace reeve::test {
namespace {

Result<std::unique_ptr<Vault>> open_vault(Loop& loop, std::shared_ptr<StoreState> state,
                                          const Key& master) {
  return Vault::open(loop, std::make_unique<FakeStore>(std::move(state)), master,
                     OpenMode::create_if_empty);
}

}  // namespace

World::Parts::Parts(World& world, const std::string& boot)
    : vault(*open_vault(world.loop, world.store_state, world.master)),
      audit(*Audit::open(world.loop, world.clock,
                         {world.directory / "audit", SigningKey::from_seed(world.master), {}, ""})),
      setup(world.make_setup(world.config_text())),
      engine(world.loop, world.clock),
      sessions(*vault, world.clock, boot),
      grants(*vault, seal),
      intents(*vault),
      revocations({world.loop, world.clock, setup, engine, *vault, *audit}),
      browsers(*vault, world.clock, boot),
      consents(*vault, world.clock, boot),
      lender({world.loop, world.clock, setup, engine, sessions, grants, consents, announcer, *audit,
              intents, revocations}),
      sign_in({world.clock, setup, engine, browsers, *audit, boot}),
      unix_desk({world.clock, setup, browsers, *audit, "machine-1"}),
      desk({world.loop, world.clock, setup, engine, sessions, grants, consents, browsers, announcer,
            *audit, boot, intents, revocations}),
      logout({world.clock, setup, engine, browsers, *audit}) {}

void World::SetUp() {
  serve_metadata(login);
  serve_metadata(files);
  restart();
}

std::string World::config_text() const {
  const std::string secret = "client_secret = { file = \"" + directory.path() + "/secret\" }\n";
  return "[binding.main]\nurl = \"" + binder + "\"\n[issuer.corp]\nissuer = \"" + login +
         "\"\nclient_id = \"reeve\"\n" + secret +
         "[issuer.other]\nissuer = \"https://other.example\"\nclient_id = \"reeve\"\n"
         "[provider.files]\nissuer = \"" +
         files + "\"\nclient_id = \"files-client\"\nscopes = [\"read\"]\n" + secret +
         "resources = [\"https://api.example/a\", \"https://api.example/b\"]\n"
         "[provider.notes]\nname = \"Notes\"\nclient_id = \"notes-client\"\nclient_auth = "
         "\"post\"\naccount = \"userinfo\"\nscopes = [\"n\"]\n" +
         secret + "endpoints = { authorization = \"" + notes + "/authorize\", token = \"" + notes +
         "/token\", userinfo = \"" + notes + "/me\", revocation = \"" + notes +
         "/revoke\" }\n"
         "[provider.mine]\nissuer = \"" +
         login +
         "\"\nclient_id = \"mine-client\"\naccount_match = \"subject\"\nscopes = [\"read\"]\n"
         "[workload.bot]\nmatch = { uid = \"alice\" }\nissuer.corp = { audiences = [\"bot\"] }\n"
         "return_urls = [\"https://chat.example/done\", \"https://chat.example/q?x=1\"]\n"
         "allow = [ { provider = \"files\", scopes = [\"read\", \"write\"] }, { provider = "
         "\"notes\" }, "
         "{ provider = \"mine\" } ]\n"
         "[workload.left]\nmatch = { gid = 11 }\nissuer.corp = { audiences = [\"bot\"] }\nshare = "
         "\"team\"\nallow = [ { provider = \"files\", scopes = [\"read\"] } ]\n"
         "[workload.right]\nmatch = { gid = 12 }\nissuer.corp = { audiences = [\"bot\"] }\nshare = "
         "\"team\"\nallow = [ { provider = \"files\", scopes = [\"write\"] } ]\n";
}

SetupRef World::make_setup(const std::string& text) {
  std::ofstream(directory / "secret") << "s3cret";
  ::chmod((directory / "secret").c_str(), 0600);
  ConfigOptions options;
  options.same_user = true;
  options.preset_directory = "/nonexistent";
  options.accounts.user = [](const std::string&) { return std::optional<uid_t>(1000); };
  options.accounts.group = [](const std::string&) { return std::optional<gid_t>(1000); };
  auto outcome = read_config_text(text, options);
  for (const std::string& error : outcome.errors) ADD_FAILURE() << error;
  auto made = reeve::make_setup(outcome.config.value_or(Config()),
                                [this](const ClientConfig&) { return http; });
  if (!made) ADD_FAILURE() << made.error().text;
  return *made;
}

void World::restart(const std::string& boot) {
  restart_without_grants(boot);
  for (Grants::Walk walk; !walk.over;) {
    for (const GrantRef& seen : run(d->grants.some(walk)))
      EXPECT_TRUE(run(d->grants.bring(seen->id)));
  }
}

void World::restart_without_grants(const std::string& boot) {
  tasks.reset();
  d.reset();
  settle();  // a write that was on its way ends by itself, and is no other process's
  d = std::make_unique<Parts>(*this, boot);
  tasks = std::make_unique<TaskSet>(loop);
  for (const Result<void>& loaded :
       {d->sessions.load(), d->grants.load(), d->browsers.load(), d->intents.load(),
        d->revocations.load(), d->consents.load()}) {
    if (!loaded) ADD_FAILURE() << loaded.error().text;
  }
}

void World::damage(const RowKey& key) {
  std::string row = store_state->row(key);
  row.back() = static_cast<char>(row.back() ^ 1);
  store_state->put(key, row);
}

void World::settle() {
  for (int i = 0; i < 3; ++i) {
    test::drain_pool(loop);
    for (int j = 0; j < 20; ++j) loop.turn();
  }
}

bool World::eventually(const std::function<bool()>& done) {
  for (int i = 0; i < 5'000 && !done(); ++i) settle();
  return done();
}

size_t World::records(Kind kind) { return d->vault->count(kind); }

OpenedSession World::open_session(const std::string& workload, std::optional<User> user,
                                  const std::string& scope, int64_t seconds) {
  NewSession wanted{workload, scope, user ? "corp" : "", std::move(user), seconds};
  auto opened = run(d->sessions.open(std::move(wanted)));
  if (!opened) ADD_FAILURE() << opened.error().text;
  return std::move(*opened);
}

LendAsk World::ask_of(const SessionRef& session, std::vector<std::string> scopes,
                      const std::string& provider) {
  LendAsk ask;
  ask.session = session;
  ask.provider = provider;
  ask.scopes = std::move(scopes);
  return ask;
}

std::string World::lend_text(const LendOutcome& outcome) {
  if (std::holds_alternative<Lent>(outcome)) return "lent";
  if (const auto* needed = std::get_if<ConsentNeeded>(&outcome)) return "consent:" + needed->reason;
  const LendFailure& failure = std::get<LendFailure>(outcome);
  static constexpr const char* kinds[] = {"denied",   "session",     "unknown_provider",
                                          "provider", "unavailable", "limit"};
  return std::string(kinds[static_cast<int>(failure.kind)]) + ":" + failure.word;
}

std::pair<Grant, std::vector<NewToken>> World::granting(const Granting& wanted) {
  const Server& server = *d->setup.get()->providers.at("files");
  Grant made;
  made.user = user_of(wanted.subject);
  made.context = server.context;
  made.provider = "files";
  made.account_id = wanted.account;
  made.account_label = wanted.account + "-label";
  made.holder = wanted.holder;
  made.workload = "bot";
  made.issuer = server.grant_issuer();
  made.client_id = server.client.client_id;
  made.requested = sorted(wanted.requested);
  made.granted = sorted(wanted.granted.value_or(wanted.requested));
  std::set_difference(made.requested.begin(), made.requested.end(), made.granted.begin(),
                      made.granted.end(), std::back_inserter(made.declined));
  if (!wanted.resource.empty()) made.resources = {wanted.resource};
  made.created_at = clock.unix_seconds();
  std::vector<NewToken> new_tokens;
  if (!wanted.access_token.empty()) {
    NewToken token;
    token.resource = wanted.resource;
    token.scopes = made.requested;
    token.carried = made.granted;
    token.token_type = "Bearer";
    token.value = Secret::copy_of(wanted.access_token);
    token.issued_at = clock.unix_seconds();
    if (wanted.lifetime) token.expires_at = token.issued_at + *wanted.lifetime;
    new_tokens.push_back(std::move(token));
  }
  return {std::move(made), std::move(new_tokens)};
}

GrantRef World::grant(Granting wanted) {
  auto [made, new_tokens] = granting(wanted);
  std::optional<Secret> refresh;
  if (!wanted.refresh_token.empty()) refresh = Secret::copy_of(wanted.refresh_token);
  auto kept = run(d->grants.put(std::move(made), std::move(refresh), std::move(new_tokens)));
  if (!kept) ADD_FAILURE() << kept.error().text;
  return *kept;
}

Visitor World::visitor(const std::string& binding) {
  static int count = 0;
  std::string secret = std::to_string(++count) + std::string(43, 'b');
  secret.resize(43);
  const auto made = d->browsers.find_or_make({binding, secret});
  EXPECT_TRUE(made);
  EXPECT_TRUE(run(d->browsers.save(*made)));
  return {secret, (*made)->id, binding};
}

Visitor World::signed_in(const User& user, const std::string& binding) {
  const Visitor made = visitor(binding);
  auto secret =
      run(d->browsers.sign_in(d->browsers.find(made.key()), {user, {}}, "corp", int64_t{8} * 3600));
  EXPECT_TRUE(secret);
  return {std::string(secret->reveal()), made.id, binding};
}

void World::serve_metadata(const std::string& issuer, const std::string& more) {
  http->on(issuer + "/.well-known/openid-configuration",
           R"({"issuer":")" + issuer + R"(","authorization_endpoint":")" + issuer +
               R"(/authorize","token_endpoint":")" + issuer + R"(/token","userinfo_endpoint":")" +
               issuer + R"(/me","revocation_endpoint":")" + issuer + R"(/revoke","jwks_uri":")" +
               issuer + R"(/jwks")" + more + "}");
  http->on(issuer + "/jwks", jwks({signer.jwk(R"(,"kid":"k")")}));
}

std::string World::id_token(const std::string& issuer, const std::string& audience,
                            const std::string& subject, const std::string& nonce,
                            const std::string& more) {
  const std::string now = std::to_string(clock.unix_seconds());
  const std::string payload = R"({"iss":")" + issuer + R"(","aud":")" + audience + R"(","sub":")" +
                              subject + R"(","nonce":")" + nonce + R"(","iat":)" + now +
                              R"(,"exp":)" + std::to_string(clock.unix_seconds() + 300) + more +
                              "}";
  return signer.sign(Algorithm::es256, R"({"alg":"ES256","kid":"k"})", payload);
}

std::string query_of(const std::string& url, std::string_view name) {
  const size_t question = url.find('?');
  const auto pairs = parse_form(question == std::string::npos ? "" : url.substr(question + 1));
  for (const auto& [key, value] : pairs.value_or(Parameters())) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace reeve::test
