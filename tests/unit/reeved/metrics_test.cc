#include "reeved/metrics.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

Event event(std::string_view name, std::string_view outcome, std::string_view reason = "",
            std::string_view provider = "files") {
  Event made;
  made.name = name;
  made.provider = provider;
  made.outcome = outcome;
  made.reason = reason;
  return made;
}

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, counts_what_the_audit_is_told) {
  Metrics metrics;
  for (int i = 0; i < 3; ++i) metrics.count(event("token.lent", "ok"));
  metrics.count(event("token.refused", "denied", "scope_not_allowed: the scope \"x\" is not"));
  metrics.count(event("consent.asked", "ok"));
  metrics.count(event("token.refreshed", "ok"));
  metrics.count(event("token.refresh_failed", "failed", "invalid_grant"));
  metrics.count(event("grant.created", "ok"));
  metrics.count(event("consent.ended", "declined", "user"));
  const std::string text = metrics.render({}, MetricsFormat::openmetrics);
  for (
      const char* line : {
          R"(reeve_requests_total{provider="files",outcome="ok"} 3)",
          R"(reeve_requests_total{provider="files",outcome="denied"} 1)",
          R"(reeve_requests_total{provider="files",outcome="consent_required"} 1)",
          R"(reeve_refreshes_total{provider="files",outcome="ok"} 1)",
          R"(reeve_consents_total{provider="files",step="asked"} 1)",
          R"(reeve_consents_total{provider="files",step="granted"} 1)",
          R"(reeve_consents_total{provider="files",step="declined"} 1)",
          R"(reeve_failures_total{provider="files",event="token.refused",reason="scope_not_allowed"} 1)",
          R"(reeve_failures_total{provider="files",event="token.refresh_failed",reason="invalid_grant"} 1)",
          R"(reeve_failures_total{provider="files",event="consent.ended",reason="user"} 1)",
          R"(reeve_audit_records_total{event="token.lent"} 3)",
      }) {
    EXPECT_TRUE(has(text, line)) << line << " is not in\n" << text;
  }
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(Metrics, a_flood_of_names_stays_bounded) {
  Metrics metrics;
  for (int i = 0; i < 5000; ++i) {
    metrics.count(event("token.refused", "denied", "word_" + std::to_string(i)));
    metrics.count(event("token.refused", "denied", "w", "provider-" + std::to_string(i)));
  }
  EXPECT_LT(metrics.render({}, MetricsFormat::openmetrics).size(), size_t{400} * 1024);
}

TEST(Metrics, durations_fall_into_their_buckets) {
  Metrics metrics;
  Histogram& histogram = metrics.call("GetToken");
  for (const double seconds : {0.00005, 0.0001, 0.002, 0.2, 100.0}) histogram.observe(seconds);
  const std::string text = metrics.render({}, MetricsFormat::openmetrics);
  EXPECT_TRUE(has(text, R"(reeve_call_seconds_bucket{method="GetToken",le="0.0001"} 2)")) << text;
  EXPECT_TRUE(has(text, R"(reeve_call_seconds_bucket{method="GetToken",le="0.005"} 3)"));
  EXPECT_TRUE(has(text, R"(reeve_call_seconds_bucket{method="GetToken",le="60.0"} 4)"));
  EXPECT_TRUE(has(text, R"(reeve_call_seconds_bucket{method="GetToken",le="+Inf"} 5)"));
  EXPECT_TRUE(has(text, R"(reeve_call_seconds_count{method="GetToken"} 5)"));
}

TEST(Metrics, exchanges_are_told_by_provider_and_kind) {
  Metrics metrics;
  metrics.exchanged("files", "refresh", 0.25);
  metrics.exchanged("files", "refresh", 90.0);
  metrics.exchanged("files", "code", 0.25);
  for (int i = 0; i < 5000; ++i) metrics.exchanged("p" + std::to_string(i), "code", 0.1);
  const std::string text = metrics.render({}, MetricsFormat::openmetrics);
  for (const char* line : {
           "# TYPE reeve_exchange_seconds histogram",
           R"(reeve_exchange_seconds_bucket{provider="files",exchange="refresh",le="0.1"} 0)",
           R"(reeve_exchange_seconds_bucket{provider="files",exchange="refresh",le="0.5"} 1)",
           R"(reeve_exchange_seconds_bucket{provider="files",exchange="refresh",le="+Inf"} 2)",
           R"(reeve_exchange_seconds_count{provider="files",exchange="refresh"} 2)",
           R"(reeve_exchange_seconds_sum{provider="files",exchange="refresh"} 90.25)",
           R"(reeve_exchange_seconds_count{provider="files",exchange="code"} 1)",
           R"(reeve_exchange_seconds_count{provider="other",exchange="code"} 4490)",
       }) {
    EXPECT_TRUE(has(text, line)) << line << " is not in\n" << text.substr(0, 20'000);
  }
}

TEST(Metrics, labels_are_escaped) {
  Metrics metrics;
  metrics.count(event("token.lent", "ok", "", "a\"b\\c\nd"));
  const std::string text = metrics.render({}, MetricsFormat::prometheus);
  EXPECT_NE(text.find(R"(provider="a\"b\\c)"), std::string::npos);
  EXPECT_EQ(text.find("c\nd"), std::string::npos);
}

TEST(Metrics, the_older_format_has_neither_units_nor_info) {
  const std::string text = Metrics().render({}, MetricsFormat::prometheus);
  for (const char* word : {"# UNIT", "# EOF", " info\n"})
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  EXPECT_TRUE(has(text, "# TYPE reeve_requests_total counter")) << text;
}

}  // namespace
}  // namespace reeve
