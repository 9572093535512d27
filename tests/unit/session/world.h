// World: the whole session layer over a store that fails on demand, a clock that stands still and
// servers that answer as told. restart() builds all of it anew over the same store.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "session/consent_desk.h"
#include "session/issuer_logout.h"
#include "session/sign_in.h"
#include "session/unix_sign_in.h"
#include "support/fake_clock.h"
#include "support/fake_http.h"
#include "support/fake_store.h"
#include "support/run.h"
#include "support/temp_dir.h"
#include "unit/crypto/jw_signer.h"

namespace reeve::test {

// Where the servers of the configuration stand.
inline const std::string login = "https://login.example";
inline const std::string files = "https://files.example";
inline const std::string notes = "https://notes.example";
inline const std::string binder = "https://agents.example";

inline User user_of(const std::string& subject, const std::string& issuer = login) {
  return {issuer, subject, "sub", subject + " by name"};
}

// How the binder of [binding.main] names a browser.
inline BrowserKey at_main(std::string_view secret) { return {"main", std::string(secret)}; }

// A browser that somebody uses: the secret in its cookie.
struct Visitor {
  std::string secret;
  std::string id;  // the record's
  std::string binding = "main";

  BrowserKey key() const { return {binding, secret}; }
};

class World : public testing::Test {
 public:
  // What a restart makes anew.
  struct Parts {
    Parts(World& world, const std::string& boot);
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Audit> audit;
    MemorySeal seal;
    CurrentSetup setup;
    Engine engine;
    Announcer announcer;
    Sessions sessions;
    Grants grants;
    Intents intents;
    Revocations revocations;
    Browsers browsers;
    Consents consents;
    Lender lender;
    SignInDesk sign_in;
    UnixDesk unix_desk;
    ConsentDesk desk;
    IssuerLogout logout;
  };

 protected:
  void SetUp() override;

  virtual std::string config_text() const;
  SetupRef make_setup(const std::string& text);
  // Also reads everything back from the store.
  void restart(const std::string& boot = "boot-1");
  // The same, but grants lie in the store alone, as in a reeved that has just begun.
  void restart_without_grants(const std::string& boot = "boot-1");
  // The only row of that kind; and a change of one in the store that no head tells of.
  RowKey row_of(Kind kind) { return {kind, d->vault->ids_after(kind, std::nullopt, 1).at(0)}; }
  void damage(const RowKey& key);

  template <class T>
  T run(Task<T> task) {
    return test::run(loop, std::move(task));
  }
  void run(Task<void> task) { test::run(loop, std::move(task)); }
  // Begins a task; its value is kept where the caller looks for it.
  template <class T>
  void begin(Task<T> task, std::optional<T>& value) {
    tasks->spawn(store(std::move(task), value));
  }
  void until(const std::function<bool()>& done) {
    while (!done()) loop.turn();
  }
  // Lets work go on until that is so, in a reasonable time; whether it is so.
  bool eventually(const std::function<bool()>& done);
  // Lets everything that is ready, and all work of the thread pool, come to rest.
  void settle();

  // The store fails from now on, or for the next write only.
  void break_store() { store_state->calls_left = 0; }
  void break_next_write() {
    settle();                     // or a write still on its way would be the one that fails
    store_state->calls_left = 1;  // the head is read, then the write fails
    store_state->fails_once = true;
  }
  void mend_store() {
    store_state->calls_left.reset();
    store_state->fails_once = false;
  }
  size_t records(Kind kind);
  // The audit file so far.
  std::string audit_text() { return read_whole(directory / "audit"); }

  OpenedSession open_session(const std::string& workload = "bot",
                             std::optional<User> user = user_of("alice"),
                             const std::string& scope = "scope-1", int64_t seconds = 1'000'000);
  LendAsk ask_of(const SessionRef& session, std::vector<std::string> scopes = {"read"},
                 const std::string& provider = "files");
  LendOutcome lend(LendAsk ask) { return run(d->lender.lend(std::move(ask))); }
  // Failure kinds and words as one text, "lent" or "consent:REASON".
  static std::string lend_text(const LendOutcome& outcome);
  std::string value_of(const AccessToken& token) {
    return std::string(d->grants.reveal(token.value).reveal());
  }

  // A grant at [provider.files] as a consent would have made it.
  struct Granting {
    std::string subject = "alice";
    std::string account = "acc-1";
    std::vector<std::string> requested = {"read"};
    std::optional<std::vector<std::string>> granted;
    std::string refresh_token = "refresh-1";  // empty: none
    std::string access_token = "access-1";
    std::optional<int64_t> lifetime = 3600;
    std::string resource;
    std::string holder = "workload:bot";
  };
  GrantRef grant(Granting granting);
  GrantRef grant() { return grant(Granting()); }
  std::pair<Grant, std::vector<NewToken>> granting(const Granting& granting);

  Visitor visitor(const std::string& binding = "main");
  Visitor signed_in(const User& user, const std::string& binding = "main");

  // Scripts the metadata of an issuer; `more` is further members: R"(,"x":1)".
  void serve_metadata(const std::string& issuer, const std::string& more = "");
  std::string id_token(const std::string& issuer, const std::string& audience,
                       const std::string& subject, const std::string& nonce,
                       const std::string& more = "");

  Loop loop;
  FakeClock clock;
  TempDir directory;
  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>(loop);
  const Signer signer = Signer::ec("P-256");
  std::shared_ptr<StoreState> store_state = std::make_shared<StoreState>();
  const Key master = Key::random();
  std::unique_ptr<Parts> d;
  std::unique_ptr<TaskSet> tasks;

 private:
  template <class T>
  static Task<void> store(Task<T> task, std::optional<T>& value) {
    value.emplace(co_await task);
  }
};

// The query parameter of a URL; empty where it has none.
std::string query_of(const std::string& url, std::string_view name);

}  // namespace reeve::test
