#include "base/fd.h"
#include "config/parse_toml.h"
#include "config/provider_shape.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

constexpr size_t preset_bytes_limit = size_t{64} * 1024;

}  // namespace

bool read_preset(TableReader& reader, Reading& reading, ProviderDraft& draft) {
  const auto name = reader.text("preset", name_rule);
  if (!name) return !reader.has("preset");
  draft.provider.preset = *name;
  const std::string path = reading.options.preset_directory + "/" + *name + ".toml";
  auto text = read_file(path, preset_bytes_limit);
  if (!text) {
    const bool absent = text.error().code == Code::not_found;
    reader.error("preset", absent ? "there is no preset " + path : text.error().text);
    return false;
  }
  const auto node = parse_toml(*text, reading.report.add_file(path), reading.report);
  if (!node) return false;
  TableReader preset(*node, "preset", reading.report);
  preset.text("docs", line_rule);
  preset.text("checked", line_rule);
  draft.preset = true;
  read_provider_shape(preset, draft);
  draft.preset = false;
  preset.finish();
  return true;
}

}  // namespace reeve
