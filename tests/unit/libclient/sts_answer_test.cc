#include "cli/sts_answer.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

// As AWS's documentation of AssumeRoleWithWebIdentity shows it, shortened.
constexpr const char* kAnswer = R"(<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>alice</SubjectFromWebIdentityToken>
    <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/R/app1</Arn></AssumedRoleUser>
    <Credentials>
      <SessionToken>a+session&amp;token/of-the-role=</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <Expiration>2014-10-24T23:00:23Z</Expiration>
      <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <Empty/>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>
)";

std::string with(const std::string& part, const std::string& instead) {
  std::string text = kAnswer;
  return text.replace(text.find(part), part.size(), instead);
}

TEST(StsAnswer, has_credentials) {
  const StsAnswer answer = read_sts_answer(kAnswer);
  ASSERT_TRUE(answer.credentials);
  EXPECT_EQ(answer.credentials->access_key_id, "ASgeIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(answer.credentials->secret_access_key, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY");
  EXPECT_EQ(answer.credentials->session_token, "a+session&token/of-the-role=");
  EXPECT_EQ(answer.credentials->expiration, "2014-10-24T23:00:23Z");
}

TEST(StsAnswer, has_an_error) {
  const StsAnswer answer = read_sts_answer(
      "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>"
      "<Message>a token in here</Message></Error></ErrorResponse>");
  EXPECT_FALSE(answer.credentials);
  EXPECT_EQ(answer.error, "InvalidIdentityToken");
}

TEST(StsAnswer, is_refused_where_it_is_not_whole) {
  const std::string whole = kAnswer;
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("<"), std::string("<>"), std::string("</a>"),
        std::string("<?xml"), whole.substr(0, whole.size() / 2), with("</Credentials>", "</Other>"),
        with("<Credentials>", "<!DOCTYPE x><Credentials>"), with("<Empty/>", "<!-- -->"),
        with("&amp;", "&other;"), with("&amp;", "\n"), with("<Expiration>2014", "<Expiration2014"),
        with("<Empty/>", "<Credentials><AccessKeyId>x</AccessKeyId></Credentials>"),
        with("<AccessKeyId>", "<AccessKeyIdd>"), with("2014-10-24T23:00:23Z", ""),
        with("<Empty/>", std::string(70000, ' ')), std::string(70000, '<')}) {
    EXPECT_FALSE(read_sts_answer(text).credentials) << text.substr(0, 200);
  }
}

}  // namespace
}  // namespace reeve::cli
