// The pages at the end of a question: which account is it, what came of it, and the way out.
#pragma once

#include <string>
#include <vector>

#include "bind/pages/page.h"

namespace reeve {

struct OutcomePage {
  std::string outcome;  // granted, confirm, declined, refused, expired, failed
  std::string workload, provider, account, user, reason;
  std::vector<std::string> other_accounts;  // with confirm: connected there already
};
// Everything but confirm. The browser's secret may be empty.
Answer outcome_page(const Look& look, const OutcomePage& page, const Secret& browser);
// "Connect octo-alice at github to alice?"; posted to `path`.
Answer confirm_page(const Look& look, const OutcomePage& page, const std::string& path,
                    const Secret& browser);

// The provider's answer is still being worked on: loads itself again.
Answer waiting_page(const Look& look);

// Goes on to an absolute URL of reeved's making, at once and by itself (see standing_headers); a
// URL that may not stand in a link becomes an error page.
Answer leave_page(const Look& look, const std::string& url);

Answer home_page(const Look& look);
Answer signed_out_page(const Look& look);

}  // namespace reeve
