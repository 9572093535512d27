#include "reeved/metrics.h"

#include <algorithm>

#include "reeved/metrics_text.h"
#include "reeved/version.h"

namespace reeve {
namespace {

constexpr size_t kSeries = 512;  // of one family

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 48 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

// The word that a reason begins with: "scope_not_allowed: the scope ...".
std::string_view word_of(std::string_view reason) {
  const std::string_view first = reason.substr(0, reason.find(':'));
  return is_word(first) ? first : "other";
}

}  // namespace

void Histogram::observe(double seconds) {
  const auto* const bound = std::lower_bound(bounds.begin(), bounds.end(), seconds);
  ++counts[static_cast<size_t>(bound - bounds.begin())];
  sum += seconds;
}

void Metrics::add(ByProvider& family, std::string_view provider, std::string_view label) {
  auto of = family.find(provider);
  if (of == family.end()) {
    if (family.size() >= kSeries) provider = "other";
    of = family.try_emplace(std::string(provider)).first;
  }
  auto counter = of->second.find(label);
  if (counter == of->second.end()) {
    if (of->second.size() >= kSeries) label = "other other";
    counter = of->second.try_emplace(std::string(label)).first;
  }
  ++counter->second;
}

void Metrics::count(const Event& event) {
  const auto record = records_.find(event.name);
  if (record != records_.end()) ++record->second;
  else records_.emplace(event.name, 1);
  const std::string_view outcome = is_word(event.outcome) ? event.outcome : "other";
  if (event.name == "token.lent" || event.name == "token.refused") {
    add(requests_, event.provider, outcome);
  } else if (event.name == "consent.asked") {
    add(requests_, event.provider, "consent_required");
    add(consents_, event.provider, "asked");
  } else if (event.name == "token.refreshed" || event.name == "token.refresh_failed") {
    add(refreshes_, event.provider, outcome);
  } else if (event.name == "consent.started") {
    add(consents_, event.provider, "started");
  } else if (event.name == "grant.created") {
    add(consents_, event.provider, "granted");
  } else if (event.name == "consent.ended") {
    add(consents_, event.provider, outcome);
  }
  if (event.outcome != "ok" && !event.outcome.empty()) fail(event);
}

void Metrics::exchanged(std::string_view server, std::string_view what, double seconds) {
  std::pair of{std::string(server), std::string(what)};
  if (exchanges_.size() >= kSeries && !exchanges_.contains(of)) of.first = "other";
  exchanges_[of].observe(seconds);
}

void Metrics::fail(const Event& event) {
  std::string label(event.name);
  label += ' ';
  label += word_of(event.reason);
  add(failures_, event.provider, label);
}

std::string Metrics::render(const Gauges& now, MetricsFormat format) const {
  MetricsText text(format);
  text.info("reeve_build", "What runs", {{"version", kVersion}});
  text.gauge("reeve_start_time_seconds", "When it was started, Unix time", now.started_at);
  text.family("reeve_requests", "counter", "Requests for access tokens");
  for (const auto& [provider, outcomes] : requests_)
    for (const auto& [outcome, count] : outcomes)
      text.counter({{"provider", provider}, {"outcome", outcome}}, count);
  text.family("reeve_refreshes", "counter", "Refreshes of access tokens");
  for (const auto& [provider, outcomes] : refreshes_)
    for (const auto& [outcome, count] : outcomes)
      text.counter({{"provider", provider}, {"outcome", outcome}}, count);
  text.family("reeve_consents", "counter", "Steps and ends of consents");
  for (const auto& [provider, steps] : consents_)
    for (const auto& [step, count] : steps)
      text.counter({{"provider", provider}, {"step", step}}, count);
  text.family("reeve_failures", "counter", "What did not come about, and why");
  for (const auto& [provider, labels] : failures_) {
    for (const auto& [label, count] : labels) {
      const size_t blank = label.find(' ');
      text.counter({{"provider", provider},
                    {"event", label.substr(0, blank)},
                    {"reason", label.substr(blank + 1)}},
                   count);
    }
  }
  text.family("reeve_audit_records", "counter", "Records of the audit, by kind");
  for (const auto& [event, count] : records_) text.counter({{"event", event}}, count);
  text.family("reeve_audit_failures", "counter", "Records that could not be written");
  text.counter({}, static_cast<uint64_t>(now.audit_failures));
  text.family("reeve_journal_dropped", "counter", "Copies that the journal did not take");
  text.counter({}, static_cast<uint64_t>(now.journal_dropped));
  text.family("reeve_call_seconds", "histogram", "How long calls of agents took");
  for (const auto& [method, histogram] : calls_) text.histogram({{"method", method}}, histogram);
  text.family("reeve_exchange_seconds", "histogram", "How long token endpoints took to answer");
  for (const auto& [of, histogram] : exchanges_)
    text.histogram({{"provider", of.first}, {"exchange", of.second}}, histogram);
  text.gauge("reeve_sessions", "Open sessions", now.sessions);
  text.family("reeve_grants", "gauge", "Grants; dead ones wait for the user");
  text.value({{"state", "live"}}, now.grants_live);
  text.value({{"state", "dead"}}, now.grants_dead);
  text.gauge("reeve_consents_pending", "Questions that wait for a user", now.consents_pending);
  text.gauge("reeve_key_epoch", "Under which new records are sealed", now.epoch);
  text.gauge("reeve_key_rotating", "1 while records lie under older epochs", now.rotating ? 1 : 0);
  text.family("reeve_key_age_seconds", "gauge", "Since the key began to be used");
  text.value({{"key", "epoch"}}, now.epoch_age);
  text.value({{"key", "master"}}, now.master_age);
  return text.take();
}

}  // namespace reeve
