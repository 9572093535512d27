#include "session/consent_receipt.h"

namespace reeve {
namespace {

// All that the digest is made of, beside what the record itself says.
void write_page(JsonWriter& json, const Consent& consent, const ConsentPage& page) {
  json.key("shown")
      .begin_object()
      .member("digest", page.digest)
      .member("workload", page.workload)
      .member("provider", page.provider)
      .member("user", page.user)
      .member("phrase", page.phrase)
      .member("scopes", page.scopes);
  if (!page.resource.empty()) json.member("resource", page.resource);
  if (!consent.acr_values.empty()) json.member("acr_values", consent.acr_values);
  json.member("context", consent.context).end_object();
}

}  // namespace

std::string consent_receipt(const ReceiptParts& parts) {
  const Consent& consent = parts.consent;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  if (!consent.asked_by.empty()) json.key("asked_by").raw("{" + consent.asked_by + "}");
  json.member("why", consent.reason);
  write_page(json, consent, parts.page);
  json.key("signed_in").begin_object().member("issuer", consent.user.issuer);
  json.member("claim", consent.user.claim);
  if (parts.browser != nullptr) json.member("at", parts.browser->signed_in_at);
  json.end_object();
  json.member("account_proof", parts.matched ? "matched" : "shown and confirmed");
  if (consent.held) {
    const Grant& grant = consent.held->grant;
    json.member("account_label", grant.account_label)
        .member("client_id", grant.client_id)
        .member("granted", grant.granted)
        .member("declined", grant.declined);
  }
  json.end_object();
  return text;
}

}  // namespace reeve
