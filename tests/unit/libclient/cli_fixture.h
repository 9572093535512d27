// CliTest: the program reeve, a false daemon that answers by table, and short words for both.
#pragma once

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "unit/libclient/program.h"
#include "unit/libclient/scripted_server.h"

namespace reeve::test {

constexpr const char* kSecret = "ghu_16C7e42F292c6912E7710c838347Ae178B4a";
constexpr const char* kHandle = "kD8mZ2hPqR5tVwXyzA1bC3dE6fG7hJ9kL0mN2pQ4rS8";

class CliTest : public testing::Test {
 public:
  CliTest() { program_.with("REEVE_SOCKET=" + socket()).with("REEVE_ADMIN_SOCKET=" + socket()); }
  std::string socket() const { return directory_ / "s"; }

  // The daemon's next answer to a method; the short name's interface is Agent's or Admin's.
  CliTest& on(const std::string& method, const std::string& bytes) {
    answers_.on("io.reeve." + method, bytes);
    return *this;
  }
  Ran run(const std::vector<std::string>& arguments) {
    if (!server_) server_.emplace(socket(), answers_.script());
    return program_.run(arguments);
  }
  // The parameters of all calls of a method so far, as they were sent.
  std::vector<std::string> asked(const std::string& method) const {
    std::vector<std::string> found;
    const std::string before = "{\"method\":\"io.reeve." + method + "\",\"parameters\":";
    for (const std::string& call : server_->calls()) {
      if (call.rfind(before, 0) != 0) continue;
      found.push_back(call.substr(before.size(), call.rfind('}') - before.size()));
    }
    return found;
  }
  static std::string token_reply() {
    return reply_frame(std::string(R"({"token":{"id":"t-1","access_token":")") + kSecret +
                       R"(","token_type":"Bearer","expires_at":1999999999,"scopes":["repo"],)"
                       R"("grant":"g-1","account":"octo-alice"}})");
  }
  static std::string consent_required() {
    return error_frame(
        "io.reeve.Agent.ConsentRequired",
        R"({"provider":"github","reason":"new","url":"https://agents.example.com/connect/ticket",)"
        R"("phrase":"amber-fox","request":"request-1","expires_at":4000000000})");
  }
  static std::string opened() {
    return reply_frame(std::string(R"({"session":")") + kHandle + R"(","expires_at":1999999999})");
  }

  TempDir directory_;
  Program program_;
  Answers answers_;
  std::optional<ScriptedServer> server_;
};

inline void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}
inline void expect_not_in(const std::string& text, const std::string& part) {
  EXPECT_EQ(text.find(part), std::string::npos) << "a '" << part << "' in:\n" << text;
}

}  // namespace reeve::test
