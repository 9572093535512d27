#include "audit/head_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/encoding.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"

namespace reeve {

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) return errno_error(fresh, errno);
  const ssize_t count = ::write(fd.get(), text.data(), text.size());
  if (count != static_cast<ssize_t>(text.size()))
    return errno_error(fresh, count < 0 ? errno : ENOSPC);
  if (::fsync(fd.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
    return errno_error(path, errno);
  return {};
}

ChainPoint HeadFile::read(const SigningKey& key) const {
  auto text = read_file(path_, size_t{64} * 1024);
  if (!text) return {};
  if (text->ends_with('\n')) text->pop_back();
  const auto line = split_line(*text);
  if (!line) return {};
  const auto json = parse_json(std::string(line->body) + "}");
  const auto said = split_signature(line->body);
  const auto previous = json ? base64url_decode(json->text("previous")) : std::nullopt;
  if (!said || !previous || !body_holds(*said, *previous, key.public_key())) return {};
  return {line->sequence, line->chain};
}

void HeadFile::keep(uint64_t sequence, const std::string& line) {
  const std::lock_guard guard(mutex_);
  if (sequence < kept_) return;
  kept_ = sequence;
  const auto kept = replace_file(path_, line);
  if (!kept) log(Level::error, "the audit's last checkpoint was not kept: " + kept.error().text);
}

}  // namespace reeve
