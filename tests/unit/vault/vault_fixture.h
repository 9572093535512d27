// A vault over a FakeStore, and short ways to use it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_store.h"
#include "support/run.h"
#include "vault/vault.h"

namespace reeve::test {

class VaultFixture : public testing::Test {
 protected:
  Result<std::unique_ptr<Vault>> try_open(OpenMode mode = OpenMode::must_exist) {
    return Vault::open(loop_, std::make_unique<FakeStore>(state_), master_, mode);
  }
  // Closes the vault and opens it again: what a restart finds.
  void open(OpenMode mode = OpenMode::must_exist) {
    vault_.reset();
    auto opened = try_open(mode);
    ASSERT_TRUE(opened) << opened.error().text;
    vault_ = *std::move(opened);
  }
  void SetUp() override { open(OpenMode::create_if_empty); }

  Change change(const std::string& name, std::optional<std::string> plain,
                std::optional<uint64_t> expected = std::nullopt) {
    Change one{Kind::session, vault_->id(Kind::session, {name}), std::nullopt, expected};
    if (plain) one.plain = Secret(std::move(*plain));
    return one;
  }
  std::vector<Change> changes(const std::string& name, std::optional<std::string> plain,
                              std::optional<uint64_t> expected = std::nullopt) {
    std::vector<Change> all;
    all.push_back(change(name, std::move(plain), expected));
    return all;
  }
  Result<void> commit(std::vector<Change> all) {
    return run(loop_, vault_->commit(std::move(all)));
  }
  void put(const std::string& name, const std::string& plain) {
    const Result<void> done = commit(changes(name, plain));
    ASSERT_TRUE(done) << done.error().text;
  }
  std::string get(const std::string& name) {
    auto record = vault_->get(Kind::session, vault_->id(Kind::session, {name}));
    if (!record) return "error: " + record.error().text;
    return *record ? std::string((*record)->plain.reveal()) : "absent";
  }
  uint64_t generation(const std::string& name) {
    auto record = vault_->get(Kind::session, vault_->id(Kind::session, {name}));
    return record && *record ? (*record)->generation : 0;
  }

  // Begins commits without waiting; their results are kept in their order.
  struct Begun {
    std::optional<Result<void>> result;
    Task<void> task;
  };
  static Task<void> keep(Task<Result<void>> commit, std::optional<Result<void>>& result) {
    result.emplace(co_await commit);
  }
  // The set's tasks run when the loop turns.
  void begin(TaskSet& tasks, std::vector<Change> all, std::optional<Result<void>>& result) {
    tasks.spawn(keep(vault_->commit(std::move(all)), result));
    loop_.drain();
  }
  template <class Done>
  void turn_until(Done done) {
    while (!done()) loop_.turn();
  }

  Loop loop_;
  const Key master_ = Key::random();
  std::shared_ptr<StoreState> state_ = std::make_shared<StoreState>();
  std::unique_ptr<Vault> vault_;
};

}  // namespace reeve::test
