#include "vault/head.h"

#include <algorithm>
#include <cassert>

#include "vault/header.h"
#include "vault/octets.h"

namespace reeve {

void Head::toggle(std::string_view set_item) {
  assert(set_item.size() == sum.size());
  for (size_t i = 0; i < sum.size(); ++i) sum[i] ^= static_cast<unsigned char>(set_item[i]);
}

std::string seal_head(const Head& head, const Sealer& sealer) {
  std::string plain;
  put_number(plain, head.counter);
  put_number(plain, head.rows);
  put_number(plain, head.epoch);
  plain.append(head.sum.begin(), head.sum.end());
  return sealer.seal_row(head_key, {root_epoch, head.counter}, plain);
}

Result<Head> open_head(std::string_view row, const Sealer& sealer) {
  REEVE_TRY(const Secret plain, sealer.open_row(head_key, row));
  OctetReader reader(plain.reveal());
  Head head;
  head.counter = reader.number<uint64_t>();
  head.rows = reader.number<uint64_t>();
  head.epoch = reader.number<uint32_t>();
  const std::string_view sum = reader.take(head.sum.size());
  if (!reader.complete()) return Error{Code::corrupt, "the vault's head is of another shape"};
  std::copy(sum.begin(), sum.end(), head.sum.begin());
  return head;
}

}  // namespace reeve
