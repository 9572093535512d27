// aws-credential-process: the `credential_process` of AWS's tools. The user's token, lent by Reeve,
// is a web identity, for which AWS's Security Token Service (AssumeRoleWithWebIdentity) gives
// credentials of a role that trusts the token's issuer.
#include <algorithm>

#include "cli/failure.h"
#include "cli/lend.h"
#include "cli/sts_answer.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "cli/web_post.h"

namespace reeve::cli {
namespace {

constexpr int kStsSeconds = 30;

// RoleSessionName is [\w+=,.@-]{2,64}; it stands in CloudTrail's records.
std::string session_name(const AwsOptions& aws, const Value& token) {
  std::string name = aws.session_name.value_or("reeve-" + token.text("account").value_or("user"));
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
               std::string_view("_+=,.@-").find(c) == std::string_view::npos;
      },
      '-');
  return name.substr(0, 64);
}

Form request(const AwsOptions& aws, const Value& token) {
  Form form = {{"Action", "AssumeRoleWithWebIdentity"},
               {"Version", "2011-06-15"},
               {"RoleArn", aws.role_arn},
               {"RoleSessionName", session_name(aws, token)},
               {"WebIdentityToken", token.need_text("access_token")}};
  if (aws.duration) form.emplace_back("DurationSeconds", std::to_string(*aws.duration));
  return form;
}

}  // namespace

int aws_credential(const Options& options) {
  const AwsOptions& aws = options.adapters.aws;
  const Value token = lend(options);
  const WebAnswer answer =
      post_form(aws.sts_url, request(aws, token), options.timeout.value_or(kStsSeconds));
  const StsAnswer read = read_sts_answer(answer.body);
  if (answer.status != 200 || !read.credentials) {
    const std::string why =
        read.error.empty() ? "status " + std::to_string(answer.status) : plain(read.error);
    throw Failure(kFailed, plain(aws.sts_url) + " gave no credentials (" + why +
                               "): check that the role trusts the token's issuer and audience");
  }
  Value told;
  told.set("Version", int64_t{1})
      .set("AccessKeyId", read.credentials->access_key_id)
      .set("SecretAccessKey", read.credentials->secret_access_key)
      .set("SessionToken", read.credentials->session_token)
      .set("Expiration", read.credentials->expiration);
  print(told.dump());
  return kOk;
}

}  // namespace reeve::cli
